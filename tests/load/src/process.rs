//! A process as the system sees it: its memory, and the processor time of its threads. Linux only, as the node's
//! own tests of kills and pauses are.

use std::collections::BTreeMap;
use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

/// How often its memory is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Bytes of memory a process has in use.
pub fn memory(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib: u64 = line
        .unwrap()
        .trim()
        .trim_end_matches(" kB")
        .parse()
        .unwrap();
    kib << 10
}

/// The most memory a process has in use while something is done, and what that gives.
pub fn watching_memory<T>(pid: u32, work: impl FnOnce() -> T) -> (u64, T) {
    let is_done = AtomicBool::new(false);
    thread::scope(|scope| {
        let watch = scope.spawn(|| {
            let mut most = memory(pid);
            while !is_done.load(Ordering::Relaxed) {
                thread::sleep(LOOK_EVERY);
                most = most.max(memory(pid));
            }
            most
        });
        let done = work();
        is_done.store(true, Ordering::Relaxed);
        (watch.join().unwrap(), done)
    })
}

/// Processor time of a process's threads, by name; of those of one name together.
pub fn threads(pid: u32) -> BTreeMap<String, Duration> {
    let mut threads = BTreeMap::new();
    for task in fs::read_dir(format!("/proc/{pid}/task")).unwrap() {
        let task = task.unwrap().path();
        // A thread may end while it is looked at.
        let read = |file: &str| fs::read_to_string(task.join(file)).unwrap_or_default();
        let ran = read("schedstat");
        let nanoseconds = ran.split(' ').next().and_then(|ran| ran.parse().ok());
        let time: &mut Duration = threads.entry(read("comm").trim().to_owned()).or_default();
        *time += Duration::from_nanos(nanoseconds.unwrap_or(0));
    }
    threads
}
