//! The machine as the system sees it. Linux only, as the node's own tests of kills and pauses are.

use std::fs;
use std::time::Duration;

/// What the system counts its time in (`USER_HZ`, proc_stat(5)).
const JIFFY: Duration = Duration::from_millis(10);

/// Processor time that this machine wanted and others got since it started, if it is a virtual one: what was under
/// way then stood still.
pub fn stolen() -> Duration {
    let stat = fs::read_to_string("/proc/stat").unwrap();
    // cpu user nice system idle iowait irq softirq steal
    let jiffies = stat.split_ascii_whitespace().nth(8);
    JIFFY * jiffies.and_then(|word| word.parse().ok()).unwrap_or(0)
}
