//! Files of a history, read where they lie: a list of files that was made once, taken in its order,
//! the position being how many were taken. Refuses to move, change or lock a file, to follow links,
//! and to go on where a file is no longer what the list says.

use super::xml_dir::XmlDirConfig;
use super::xml_dir::claim::{passed_over, refusal};
use super::xml_dir::lot::{mark, open_archive, spool};
use super::xml_dir::ready::{Stamp, stamp};
use crate::source::{Lot, LotItem, Source, SourceError, item_name};
use crate::sources::archive::{self, ArchiveKind};
use async_trait::async_trait;
use sha2::{Digest, Sha256};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use time::OffsetDateTime;
use tongcha_schema::digest::hex;
use tongcha_schema::limits;
use tongcha_schema::receipt::Receipt;

/// Files in the order in which they are taken, and what is not taken, with the reason.
#[derive(Clone, Debug, Default)]
pub struct FileList {
    files: Vec<(PathBuf, Stamp)>,
    /// Links, devices, unfinished and unreadable files.
    pub left_out: Vec<(PathBuf, String)>,
}

impl FileList {
    /// Lists the regular files at and below the paths, a file once, at most `most` of them
    /// ([`limits::IMPORT_FILES`]). Each is opened once, so that what cannot be read is known now.
    ///
    /// # Errors
    /// A path is not there, or there are more files than that.
    pub fn of(paths: &[PathBuf], most: usize) -> io::Result<FileList> {
        let mut list = FileList::default();
        for path in paths {
            let whole = |e: io::Error| io::Error::new(e.kind(), format!("{}: {e}", path.display()));
            let path = fs::canonicalize(path).map_err(whole)?;
            list.add(path, 0, most)?;
        }
        let mut known = std::collections::BTreeSet::new();
        list.files.retain(|(path, _)| known.insert(path.clone()));
        Ok(list)
    }

    /// How many files are taken.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether nothing is taken.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// Names the list: SHA-256 over paths, sizes and times of change, the first 16 digits.
    pub fn digest(&self) -> String {
        let mut hash = Sha256::new();
        for (path, stamp) in &self.files {
            let path = path.as_os_str().as_encoded_bytes();
            hash.update((path.len() as u64).to_be_bytes());
            hash.update(path);
            hash.update(stamp.size.to_be_bytes());
            hash.update(stamp.changed_ms.to_be_bytes());
        }
        hex(&hash.finalize()[..8])
    }

    fn add(&mut self, path: PathBuf, depth: usize, most: usize) -> io::Result<()> {
        let meta = match fs::symlink_metadata(&path) {
            Ok(meta) => meta,
            Err(cause) => return self.leave_out(path, cause.to_string()),
        };
        if meta.is_dir() {
            return self.add_folder(path, depth, most);
        }
        if let Some(why) = refusal(&meta) {
            return self.leave_out(path, why.to_owned());
        }
        if let Err(cause) = fs::File::open(&path) {
            return self.leave_out(path, cause.to_string());
        }
        if self.files.len() >= most {
            let what = format!("more than {most} files; import the folders one after another");
            return Err(io::Error::other(what));
        }
        self.files.push((path, stamp(&meta)));
        Ok(())
    }

    fn add_folder(&mut self, path: PathBuf, depth: usize, most: usize) -> io::Result<()> {
        if depth > limits::FOLDER_DEPTH {
            return self.leave_out(path, "folders are nested too deep".to_owned());
        }
        let entries = match fs::read_dir(&path) {
            Ok(entries) => entries,
            Err(cause) => return self.leave_out(path, cause.to_string()),
        };
        let mut names = entries
            .map(|entry| entry.map(|e| e.file_name()))
            .collect::<io::Result<Vec<_>>>()?;
        names.sort();
        for name in names {
            let own = path.join(&name);
            if passed_over(&name.to_string_lossy(), 1) {
                self.leave_out(own, "hidden or unfinished by its name".to_owned())?;
            } else {
                self.add(own, depth + 1, most)?;
            }
        }
        Ok(())
    }

    fn leave_out(&mut self, path: PathBuf, why: String) -> io::Result<()> {
        self.left_out.push((path, why));
        Ok(())
    }
}

/// A list of files as a source.
pub struct History {
    config: Arc<XmlDirConfig>,
    list: Arc<FileList>,
    /// The last lot reached the outbox and there are more files.
    more: bool,
    ends_at: usize,
}

impl History {
    /// The source; `config.dir` is a folder of its own for unpacked archives, made when it is needed.
    pub fn new(config: XmlDirConfig, list: Arc<FileList>) -> History {
        History {
            config: Arc::new(config),
            list,
            more: false,
            ends_at: 0,
        }
    }

    fn fault(&self, cause: &io::Error) -> SourceError {
        SourceError::Setup {
            source_name: self.config.name.clone(),
            what: cause.to_string(),
            hint: "run the same import again: it makes its list anew".to_owned(),
        }
    }
}

/// Files of the lot of that key.
pub fn files_of_lot(key: &str) -> u64 {
    let count = key
        .split_once('+')
        .and_then(|(_, count)| count.parse().ok());
    count.unwrap_or(0)
}

#[async_trait]
impl Source for History {
    fn name(&self) -> &str {
        &self.config.name
    }

    async fn poll(
        &mut self,
        _now: OffsetDateTime,
        position: Option<&str>,
    ) -> Result<Vec<Lot>, SourceError> {
        self.more = false;
        let from = position.map_or(Ok(0), str::parse::<usize>);
        let from = from.map_err(|e| self.fault(&io::Error::other(e)))?;
        if from >= self.list.len() {
            return Ok(Vec::new());
        }
        let (config, list) = (Arc::clone(&self.config), Arc::clone(&self.list));
        let made = tokio::task::spawn_blocking(move || lot(&config, &list.files[from..], from));
        let (lot, count) = match made.await {
            Ok(made) => made.map_err(|cause| self.fault(&cause))?,
            Err(died) => return Err(self.fault(&io::Error::other(died))),
        };
        self.ends_at = from + count;
        Ok(vec![lot])
    }

    fn has_more(&self) -> bool {
        self.more
    }

    async fn packed(&mut self, key: &str) {
        self.more = self.ends_at < self.list.len();
        // Left-overs are removed with the next unpacking; the disk merely fills a little.
        let spool = spool(&self.config, key);
        let _ = tokio::task::spawn_blocking(move || archive::clear(&spool)).await;
    }

    /// The receipt stays in the outbox: nothing is put beside the files.
    async fn settle(&mut self, _key: &str, _receipt: &Receipt) -> Result<(), SourceError> {
        Ok(())
    }

    async fn probe(&mut self) -> Result<String, SourceError> {
        Ok(format!("{} files", self.list.len()))
    }
}

/// The next lot, and how many files it holds: an archive is a lot of its own.
fn lot(config: &XmlDirConfig, files: &[(PathBuf, Stamp)], from: usize) -> io::Result<(Lot, usize)> {
    let (mut count, mut bytes) = (0, 0u64);
    let mut archive = false;
    for (path, known) in files {
        unchanged(path, known)?;
        archive = ArchiveKind::of_file(&text(path), path)?.is_some();
        let full = count >= config.lot_files || bytes >= config.lot_bytes;
        if count > 0 && (archive || full) {
            archive = false;
            break;
        }
        count += 1;
        bytes = bytes.saturating_add(known.size);
        if archive {
            break;
        }
    }
    let taken = &files[..count];
    let mut lot = Lot {
        key: format!("{from}+{count}"),
        position: Some((from + count).to_string()),
        dialect: config.dialect.clone(),
        label: label(taken),
        ..Lot::default()
    };
    match taken {
        [(path, _)] if archive => {
            let key = lot.key.clone();
            open_archive(config, &key, &text(path), path, &mut lot)?;
        }
        _ => {
            for (path, _) in taken {
                let item = LotItem::of_file(&text(path), path.clone(), config.item_bytes)?;
                lot.items.push(item);
            }
        }
    }
    for (path, known) in taken {
        unchanged(path, known)?;
    }
    mark(config, &mut lot)?;
    Ok((lot, count))
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

fn label(files: &[(PathBuf, Stamp)]) -> String {
    match files {
        [(one, _)] => item_name(&text(one)),
        [(first, _), ..] => format!("{} … ({})", item_name(&text(first)), files.len()),
        [] => String::new(),
    }
}

fn unchanged(path: &Path, known: &Stamp) -> io::Result<()> {
    let same = fs::symlink_metadata(path).is_ok_and(|meta| stamp(&meta) == *known);
    if same {
        return Ok(());
    }
    let what = format!("{} was changed since the import began", path.display());
    Err(io::Error::other(what))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
mod tests {
    use super::*;

    fn folder(files: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for name in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, name).unwrap();
        }
        folder
    }

    #[test]
    fn a_list_has_one_order_and_says_what_it_leaves_out() {
        let folder = folder(&["b.xml", "2020/a.xml", "c.tmp", ".hidden"]);
        let paths = [folder.path().join("b.xml"), folder.path().to_owned()];
        let list = FileList::of(&paths, 10).unwrap();
        let names: Vec<_> = list
            .files
            .iter()
            .map(|f| f.0.file_name().unwrap())
            .collect();
        assert_eq!(
            names,
            ["b.xml", "a.xml"],
            "as given, then in order, each once"
        );
        assert_eq!(list.left_out.len(), 2, "{:?}", list.left_out);
        let digest = list.digest();
        fs::write(folder.path().join("b.xml"), "changed").unwrap();
        assert_ne!(FileList::of(&paths, 10).unwrap().digest(), digest);
        assert!(FileList::of(&paths, 1).is_err(), "the limit");
        assert!(FileList::of(&[folder.path().join("nowhere")], 10).is_err());
    }

    #[tokio::test]
    async fn lots_follow_the_position_and_a_changed_file_stops_them() {
        let folder = folder(&["1.xml", "2.xml", "3.xml"]);
        let list = Arc::new(FileList::of(&[folder.path().to_owned()], 10).unwrap());
        let mut config = XmlDirConfig::new("history", folder.path().join("spool"));
        config.lot_files = 2;
        let mut source = History::new(config, list);
        let now = OffsetDateTime::UNIX_EPOCH;
        let first = source.poll(now, None).await.unwrap().remove(0);
        assert_eq!((first.key.as_str(), first.items.len()), ("0+2", 2));
        assert!(!source.has_more(), "not before it is packed");
        source.packed(&first.key).await;
        assert!(source.has_more());
        let again = source.poll(now, None).await.unwrap().remove(0);
        assert_eq!(again.items, first.items, "not packed: offered again");
        let last = source.poll(now, first.position.as_deref()).await.unwrap();
        assert_eq!((last[0].items.len(), files_of_lot(&last[0].key)), (1, 1));
        assert!(source.poll(now, Some("3")).await.unwrap().is_empty());
        fs::write(folder.path().join("3.xml"), "grown since").unwrap();
        let fault = source.poll(now, Some("2")).await.unwrap_err();
        assert!(
            !fault.is_transient() && fault.to_string().contains("3.xml"),
            "{fault}"
        );
    }
}
