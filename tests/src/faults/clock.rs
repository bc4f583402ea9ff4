//! A clock that is set back while no node runs: time stands still until it has caught up, so that what was
//! punctual is not suddenly from the future.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use foreshore_event::{Span, Time};

use crate::harness::place::Folder;
use crate::harness::program::command;
use crate::harness::{Event, Stored, paid};

/// A clock that goes ahead of the machine's by as many seconds as it is told.
const CLOCK: &str = r#"
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t clock, struct timespec *now) {
    long failed = syscall(SYS_clock_gettime, clock, now);
    const char *ahead = getenv("SECONDS_AHEAD");
    if (clock == CLOCK_REALTIME && ahead) now->tv_sec += atol(ahead);
    return (int) failed;
}
"#;

/// Compiles the clock; none without a C compiler.
fn clock(folder: &Folder) -> Option<PathBuf> {
    let (source, clock) = (folder.write("clock.c", CLOCK), folder.join("clock.so"));
    let mut compiler = Command::new("cc");
    compiler
        .args(["-shared", "-fPIC", "-o"])
        .args([&clock, &source]);
    compiler
        .status()
        .is_ok_and(|status| status.success())
        .then_some(clock)
}

/// The program under a clock an hour ahead.
fn ahead(clock: &Path) -> Command {
    let mut command = command();
    command
        .env("LD_PRELOAD", clock)
        .env("SECONDS_AHEAD", "3600");
    command
}

/// A payment so many minutes after the machine's own time.
fn in_minutes(id: &str, minutes: i64) -> Event {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let now = Time(i64::try_from(now.as_micros()).unwrap());
    let time = now.plus(Span(minutes * 60 * Span::SECOND.0));
    paid(id).with("time", time.to_string())
}

#[test]
fn time_does_not_go_back_over_a_restart() {
    let folder = Folder::new();
    let Some(clock) = clock(&folder) else {
        return println!("not tested: there is no C compiler to make another clock with");
    };
    let stored = Stored::cards();
    let node = stored.start_by(ahead(&clock));
    let first = in_minutes("1", 50);
    let answer = node.score(&first).good();
    assert_eq!(answer["disposition"], "admitted");
    node.stop();

    let node = stored.start();
    let again = node.score(&first).good();
    assert_eq!(again["disposition"], "duplicate");
    assert_eq!(again["decision"], answer["decision"]);
    assert_eq!(
        node.score(&in_minutes("2", 55)).good()["disposition"],
        "admitted"
    );
    assert_eq!(
        node.score(&in_minutes("3", 90)).good()["disposition"],
        "future"
    );
    assert_eq!(node.timeline("card", "a")["features"]["count"], 2.0);
    let log = node.stop();
    assert!(
        log.contains("the clock stands before the last record of the log"),
        "{log}"
    );
    assert!(log.contains("check the machine's clock"), "{log}");
}
