//! A small disk that can be filled: a tmpfs of its own. The stories that need one run as root, here and in CI;
//! where nothing can be mounted they fail, for a story that does not run says nothing.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

#[derive(Debug)]
pub struct Disk {
    at: PathBuf,
    /// A server keeps tables there: after a failed story it stays, for without it the server fails all others.
    pub serves: bool,
}

impl Disk {
    /// Mounts an empty disk of so many MiB on a folder, which is made.
    pub fn mount(at: &Path, mib: u32) -> Disk {
        std::fs::create_dir_all(at).unwrap();
        let size = format!("size={mib}m");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &size, "tongcha-story"])
            .arg(at)
            .status()
            .unwrap();
        assert!(
            mounted.success(),
            "this story needs root, to mount a small disk"
        );
        Disk {
            at: at.to_owned(),
            serves: false,
        }
    }

    pub fn at(&self) -> &Path {
        &self.at
    }

    /// Fills it to the last byte.
    pub fn fill(&self) {
        let mut file = std::fs::File::create(self.at.join("filler")).unwrap();
        for size in [1 << 20, 4096, 1] {
            let piece = vec![7_u8; size];
            while file.write_all(&piece).is_ok() {}
        }
    }

    /// Makes room again.
    pub fn clear(&self) {
        std::fs::remove_file(self.at.join("filler")).unwrap();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        if self.serves && std::thread::panicking() {
            return;
        }
        // Lazily: a process that dies may still hold a file.
        let _ = Command::new("umount").arg("-l").arg(&self.at).status();
    }
}
