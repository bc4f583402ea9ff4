//! What keeps a flood out: every queue of the host has a maximum, and HTTP threads call no plugin.
//! Takes code, gives offences; how large a maximum should be is for `docs/OVERLOAD.md`.

use super::files::{File, product};
use super::none;

/// Queues without a maximum, as the crates we use call them.
const UNBOUNDED: [&str; 3] = ["mpsc::channel()", "unbounded_channel", "unbounded()"];

/// The page that names every queue.
const QUEUES: &str = "docs/OVERLOAD.md";

/// What calls plugins: the sandboxes themselves, and the core that is given them.
const CALLS_PLUGINS: [&str; 5] = [
    "Sandboxes",
    ".sandboxes(",
    "FeatureSandbox",
    "ModelSandbox",
    "Core::",
];

fn host() -> impl Iterator<Item = &'static File> {
    product().filter(|file| file.path.starts_with("host/"))
}

#[test]
fn every_queue_of_the_host_has_a_maximum() {
    let mut offenders = Vec::new();
    for file in host() {
        for (line, code) in file.code() {
            if UNBOUNDED.iter().any(|queue| code.contains(queue)) || is_bare_channel(code) {
                offenders.push(format!("{}:{line}: {}", file.path, code.trim()));
            }
        }
    }
    none(
        &offenders,
        &format!("a queue has a named maximum; use `sync_channel`, and name it in {QUEUES}"),
    );
}

/// Whether a line makes a channel without saying of what size: for one value it would say `oneshot`.
fn is_bare_channel(code: &str) -> bool {
    code.match_indices("channel()").any(|(start, _)| {
        let before = &code[..start];
        !before.ends_with("oneshot::")
    })
}

#[test]
fn http_threads_call_no_plugin() {
    let mut offenders = Vec::new();
    for file in host().filter(|file| file.path.starts_with("host/node/src/http")) {
        for (line, code) in file.code() {
            let found = CALLS_PLUGINS.iter().filter(|call| code.contains(**call));
            offenders.extend(found.map(|call| format!("{}:{line}: {call}", file.path)));
        }
    }
    none(
        &offenders,
        "a plugin that loops must not hold up other pipelines' requests; ask the pipeline's thread (worker/handle.rs)",
    );
}

#[test]
fn a_channel_that_names_its_size_is_told_from_one_that_does_not() {
    assert!(is_bare_channel("let (sender, receiver) = channel();"));
    assert!(!is_bare_channel(
        "let (sender, receiver) = sync_channel(1);"
    ));
    assert!(!is_bare_channel(
        "let (reply, replied) = oneshot::channel();"
    ));
}
