//! Which crate may know which, and where the heavy dependencies and the clock may appear.
//! Takes manifests and code, gives offences; the compiler keeps what is written here as a dependency.

use super::files::{all, product};
use super::none;

/// The crates with a fixed place, and the crates of ours that each may depend on. `host/node` wires them all.
const LAYERS: [(&str, &[&str]); 7] = [
    ("host/event", &[]),
    ("host/timeline", &["foreshore-event"]),
    ("host/core", &["foreshore-event", "foreshore-timeline"]),
    ("host/plugin", &["foreshore-event", "foreshore-timeline"]),
    (
        "host/store",
        &["foreshore-event", "foreshore-timeline", "foreshore-core"],
    ),
    ("host/guest-build", &[]),
    ("guest-sdk", &[]),
];

/// Crates that compute only: what comes from outside is an argument.
const PURE: [&str; 3] = ["host/event/", "host/timeline/", "host/core/"];

/// What a pure crate must not use, in its code.
const IMPURE: [&str; 8] = [
    "std::fs",
    "std::net",
    "std::env",
    "std::process",
    "Instant::now",
    "SystemTime",
    "thread_rng",
    "tokio::",
];

/// Heavy dependencies and the only crates that may have them. Development dependencies are free.
const HEAVY: [(&str, &[&str]); 5] = [
    ("wasmtime", &["host/plugin"]),
    ("fjall", &["host/store"]),
    ("hyper", &["host/node", "tests", "examples/"]),
    ("tokio", &["host/node", "tests", "examples/"]),
    ("rustls", &["host/node"]),
];

#[test]
fn crates_depend_on_lower_layers_only() {
    let mut offenders = Vec::new();
    for (folder, allowed) in LAYERS {
        for name in dependencies(&format!("{folder}/Cargo.toml")) {
            if (name == "foreshore" || name.starts_with("foreshore-"))
                && !allowed.contains(&name.as_str())
            {
                offenders.push(format!("{folder}/Cargo.toml: {name}"));
            }
        }
    }
    none(
        &offenders,
        "a crate depends only on the layers below it (ARCHITECTURE.md); move what you need down, or pass it in",
    );
}

#[test]
fn heavy_dependencies_stay_where_they_belong() {
    let mut offenders = Vec::new();
    for file in all().filter(|file| file.path.ends_with("/Cargo.toml")) {
        for (heavy, places) in HEAVY {
            let of_heavy = |name: &String| name == heavy || name.starts_with(&format!("{heavy}-"));
            let home = places.iter().any(|place| file.path.starts_with(place));
            if !home && dependencies(&file.path).iter().any(of_heavy) {
                offenders.push(format!(
                    "{}: {heavy}, at home in {}",
                    file.path,
                    places.join(", ")
                ));
            }
        }
    }
    none(
        &offenders,
        "a heavy dependency has one home; go through that crate's own types",
    );
}

#[test]
fn the_libraries_of_http_and_tls_stay_in_the_http_folder() {
    let node = product().filter(|file| {
        file.path.starts_with("host/node/src/") && !file.path.starts_with("host/node/src/http")
    });
    none(
        &uses(
            node,
            &[
                "hyper::",
                "hyper_util::",
                "http_body_util::",
                "rustls::",
                "webpki::",
            ],
        ),
        "hyper and rustls are for host/node/src/http only; give and take our own types there",
    );
}

#[test]
fn pure_crates_read_no_clock_and_no_files() {
    let pure = product().filter(|file| PURE.iter().any(|folder| file.path.starts_with(folder)));
    none(
        &uses(pure, &IMPURE),
        "event, timeline and core only compute; take the time, the bytes or the setting as an argument",
    );
}

/// Where code mentions one of the words.
fn uses(files: impl Iterator<Item = &'static super::files::File>, words: &[&str]) -> Vec<String> {
    let mut offenders = Vec::new();
    for file in files {
        for (line, code) in file.code() {
            let used = words.iter().filter(|word| code.contains(**word));
            offenders.extend(used.map(|word| format!("{}:{line}: {word}", file.path)));
        }
    }
    offenders
}

/// The names a manifest depends on, for the product and for building it.
fn dependencies(path: &str) -> Vec<String> {
    let Some(file) = all().find(|file| file.path == path) else {
        panic!(
            "{path} is gone; put its crate's new place into the table in tests/src/tidy/layers.rs"
        );
    };
    let manifest: toml::Table = file.text.parse().unwrap();
    let targets = manifest
        .get("target")
        .and_then(toml::Value::as_table)
        .into_iter()
        .flat_map(toml::Table::values);
    let tables = targets.filter_map(toml::Value::as_table).chain([&manifest]);
    let kinds =
        tables.flat_map(|table| [table.get("dependencies"), table.get("build-dependencies")]);
    kinds
        .flatten()
        .filter_map(toml::Value::as_table)
        .flat_map(toml::Table::keys)
        .cloned()
        .collect()
}
