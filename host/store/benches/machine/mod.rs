//! What a bench asks of the machine it runs on: what the process has in memory, and that files leave the page
//! cache. Linux only, as the figures are.

use std::fs;
use std::path::Path;

use rustix::fs::{Advice, fadvise};

/// Asks the system to let go of the pages of all files in a folder, so that the next reads come from the disk.
pub fn forget_pages(folder: &Path) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            forget_pages(&path);
        } else {
            let file = fs::File::open(path).unwrap();
            file.sync_all().unwrap();
            fadvise(&file, 0, None, Advice::DontNeed).unwrap();
        }
    }
}

/// MiB the process has in memory, as Linux tells.
pub fn resident_mib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    let kib: u64 = number.and_then(|number| number.parse().ok()).unwrap_or(0);
    kib >> 10
}
