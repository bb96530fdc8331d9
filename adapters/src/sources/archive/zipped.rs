//! The entries of a zip file, each of them: also the second one of a name, and told where the directory names
//! one of them not. Refuses links and names that lead out.

use super::directory::{self, Directory};
use super::{ArchiveFault, NotRead, Unpacking, damaged, harmful, inside, inward, over, text_of};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};

impl Unpacking<'_> {
    /// Every entry of a zip file becomes an item, or stands among what was left out.
    pub(super) fn zip(&mut self, name: &str, file: File, depth: usize) -> Result<(), ArchiveFault> {
        let mut again = file.try_clone().map_err(ArchiveFault::Spool)?;
        let mut archive = zip::ZipArchive::new(io::BufReader::new(file)).map_err(damaged)?;
        let begins = archive.central_directory_start();
        let place = (begins, archive.offset());
        let most = self.limits.entries;
        // Both handles share one position: each seeks before it reads.
        let directory = Directory::walk(&mut again, place, most).map_err(damaged)?;
        if directory.len().max(archive.len()) > most {
            return Err(over("entries", most as u64));
        }
        let mut known = Vec::new();
        let mut names = BTreeMap::new();
        if directory.len() == archive.len() {
            for index in 0..archive.len() {
                self.zip_entry((name, depth), &mut archive, index, &mut names, &mut known)?;
            }
        } else {
            // Two entries of one name, of which the archive shows one: each is opened by itself.
            drop(archive);
            for index in 0..directory.len() {
                let file = again.try_clone().map_err(ArchiveFault::Spool)?;
                let alone = directory.alone(file, index).map_err(damaged)?;
                let mut alone = zip::ZipArchive::new(alone).map_err(damaged)?;
                self.zip_entry((name, depth), &mut alone, 0, &mut names, &mut known)?;
            }
        }
        for hidden in directory::unlisted(&mut again, known, begins).map_err(damaged)? {
            let label = inside(name, &text_of(&hidden), depth);
            self.out.left_out.push((label, NotRead::Unlisted));
        }
        Ok(())
    }

    fn zip_entry<R: Read + io::Seek>(
        &mut self,
        (name, depth): (&str, usize),
        archive: &mut zip::ZipArchive<R>,
        index: usize,
        names: &mut BTreeMap<String, u32>,
        known: &mut Vec<(u64, u64)>,
    ) -> Result<(), ArchiveFault> {
        let mut entry = archive.by_index(index).map_err(damaged)?;
        let begins = entry.data_start().unwrap_or(entry.header_start());
        known.push((
            entry.header_start(),
            begins.saturating_add(entry.compressed_size()),
        ));
        let own = text_of(entry.name_raw());
        if entry.is_symlink() {
            return Err(harmful(&own, "a link"));
        }
        if !entry.is_file() {
            return Ok(());
        }
        inward(&own)?;
        let times = names
            .entry(own.clone())
            .and_modify(|n| *n += 1)
            .or_insert(1);
        let own = numbered(&own, *times);
        self.entry(&inside(name, &own, depth), &mut entry, depth)
    }
}

/// The label of the second entry of a name and of those after it: `a~2.xml`.
fn numbered(own: &str, times: u32) -> String {
    if times == 1 {
        return own.to_owned();
    }
    match own.rsplit_once('.').filter(|(_, end)| !end.contains('/')) {
        Some((stem, end)) => format!("{stem}~{times}.{end}"),
        None => format!("{own}~{times}"),
    }
}
