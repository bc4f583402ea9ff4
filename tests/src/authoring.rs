//! The way of an author: from an empty folder to a first score, and a component that is checked against its
//! trace and against itself.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use customer_spending::Customer;
use foreshore_guest::testing::{ModelTrace, Trace};
use foreshore_guest::{Features, Model, Vector};
use fraud_model::FraudModel;
use serde_json::{Map, Value, json};
use terminal_risk::Terminal;

use crate::harness::place::{Folder, root, target};
use crate::harness::plugins::component;
use crate::harness::program::{Run, foreshore};
use crate::harness::{Node, paid};

/// A new plugin's crate, as `foreshore new` makes it.
fn new_crate(kind: &str, name: &str) -> Folder {
    let folder = Folder::called(name);
    let path = folder.path().to_str().unwrap();
    foreshore(["new", kind, name, "--folder", path]).good();
    // What every plugin is built from need not be built again, and needs nothing that is not here already.
    symlink(target().0, folder.join("target")).unwrap();
    fs::copy(root().join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
    folder
}

/// Tests the crate natively, builds it, checks its component with its trace.
fn built_and_checked(folder: &Folder, name: &str) {
    let path = folder.path().to_str().unwrap();
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .args(["test", "--quiet", "--workspace"])
        .current_dir(path);
    Run::of(cargo.env_remove("CARGO_TARGET_DIR")).good();
    let built = foreshore(["build", path]).good();
    assert!(
        built.stdout.contains(&format!("{name}.wasm\n")),
        "{}",
        built.stdout
    );
    let component = format!("{path}/target/plugins/{name}.wasm");
    let checked = check(Path::new(&component), &folder.join("trace.jsonl"));
    assert!(checked.good().stderr.contains("as expected, and the same "));
}

/// `foreshore check` of a component with a trace; only what is said matters, however busy the machine.
fn check(component: &Path, trace: &Path) -> Run {
    let [component, trace] = [component, trace].map(|path| path.to_str().unwrap());
    foreshore(["check", component, "--trace", trace, "--call-time", "10s"])
}

#[test]
fn a_new_author_gets_from_an_empty_folder_to_a_first_score() {
    let folder = new_crate("features", "first-plugin");
    built_and_checked(&folder, "first-plugin");
    // It shares its folder of builds with every run of this test, and its node keeps a store in there.
    drop(fs::remove_dir_all(folder.join("target/store")));
    let config = folder.join("node.toml");
    let text = fs::read_to_string(&config).unwrap();
    // A debug build that meets its first event on a busy machine is slow.
    let limits = "[pipelines.first.limits]\ndeadline = \"30s\"\ncall_time = \"5s\"\n";
    fs::write(&config, format!("{text}\n{limits}")).unwrap();
    let node = Node::of_file(&config, "first");
    let event = fs::read(folder.join("event.json")).unwrap();
    let answer = node.post("score", "application/json", event).good();
    assert_eq!(
        (&answer["disposition"], &answer["degraded"]),
        (&json!("admitted"), &json!([]))
    );
    assert!(
        answer["score"].as_f64().is_some_and(f64::is_finite),
        "{answer}"
    );
}

#[test]
fn a_new_model_builds_and_holds_what_its_trace_expects() {
    let folder = new_crate("model", "first-model");
    built_and_checked(&folder, "first-model");
}

#[test]
fn a_folder_that_is_taken_is_left_alone() {
    let folder = Folder::new();
    folder.write("notes.txt", "mine");
    let path = folder.path().to_str().unwrap();
    foreshore(["new", "features", "x", "--folder", path]).fails(1, &["is not empty"]);
    foreshore(["new", "features", "X"]).fails(1, &["`X` is not a crate's name here"]);
}

#[test]
fn what_is_no_plugin_is_not_built() {
    let folder = Folder::new();
    let path = folder.path().to_str().unwrap();
    foreshore(["build", path]).fails(
        1,
        &["there is no Cargo.toml", "foreshore new features NAME"],
    );
}

#[test]
fn what_is_no_component_is_not_checked() {
    let folder = Folder::new();
    let file = folder.write("text.wasm", "hello");
    foreshore(["check", file.to_str().unwrap()]).fails(1, &["text.wasm", "found", "expected"]);
    foreshore(["check", "/nowhere.wasm"]).fails(1, &["read /nowhere.wasm", "`foreshore build`"]);
}

#[test]
fn a_plugin_that_remembers_is_called_impure() {
    let folder = Folder::new();
    let lines = ["1", "2", "3"].map(|id| paid(id).doing("remember").to_string());
    let trace = folder.write("trace.jsonl", lines.join("\n"));
    check(&component("unruly"), &trace).fails(
        1,
        &[
            "impure: line 1: ",
            "on a fresh instance, `remembered` is 0, was ",
            "things are not as they should be",
        ],
    );
}

#[test]
fn what_differs_from_the_trace_is_named_with_its_line() {
    let folder = Folder::new();
    let line = |id: &str, count: u32| {
        paid(id)
            .with("expect", json!({ "count": count }))
            .to_string()
    };
    let trace = folder.write("trace.jsonl", [line("1", 1), line("2", 3)].join("\n"));
    check(&component("unruly"), &trace).fails(
        1,
        &[
            "unexpected: line 2: `count` is 2, expected 3",
            "1 thing is not as it should be",
        ],
    );
    let trap = folder.write("trap.jsonl", paid("1").doing("trap").to_string());
    check(&component("unruly"), &trap).fails(1, &["failed: line 1: trap: ", "unruly::Card"]);
}

/// Every line of a trace, with all that was found natively as what is expected.
fn expecting(lines: &str, native: impl Fn(usize) -> Value) -> String {
    let lines = lines
        .lines()
        .filter(|line| !line.trim().is_empty())
        .enumerate();
    let line = |(at, line): (usize, &str)| {
        let mut line: Map<String, Value> = serde_json::from_str(line).unwrap();
        line.insert("expect".into(), native(at));
        format!("{}\n", Value::Object(line))
    };
    lines.map(line).collect()
}

fn by_name<'a>(names: impl IntoIterator<Item = &'a str>, values: &[f64]) -> Value {
    // JSON has no NaN: a missing number becomes null, which a trace reads as missing.
    names
        .into_iter()
        .zip(values)
        .map(|(name, value)| (name.to_owned(), json!(value)))
        .collect()
}

/// A feature plugin's component gives, for a trace, the bits that its source gives natively.
#[track_caller]
fn folds_alike<F: Features>(plugin: &str, lines: &str) {
    let folder = Folder::new();
    let rows = Trace::read(folder.write("lines.jsonl", lines))
        .unwrap()
        .run::<F>();
    let names = || F::Vector::FEATURES.iter().map(|feature| feature.name);
    let native = |at: usize| match rows.iter().find(|row| row.line == at + 1) {
        Some(row) => by_name(names(), &row.features),
        None => json!({}),
    };
    let trace = folder.write("trace.jsonl", expecting(lines, native));
    check(&component(plugin), &trace).good();
}

fn trace_of(plugin: &str) -> String {
    fs::read_to_string(
        root()
            .join("examples/card-fraud")
            .join(plugin)
            .join("trace.jsonl"),
    )
    .unwrap()
}

#[test]
fn every_trace_of_the_examples_gives_the_same_bits_natively_and_as_a_component() {
    folds_alike::<Customer>("customer-spending", &trace_of("customer-spending"));
    folds_alike::<Terminal>("terminal-risk", &trace_of("terminal-risk"));
    let file = root().join("examples/card-fraud/fraud-model/trace.jsonl");
    let scored = ModelTrace::read(file).unwrap().run::<FraudModel>();
    let names = || {
        ["score"]
            .into_iter()
            .chain(FraudModel::REASONS.iter().copied())
    };
    let folder = Folder::new();
    let lines = expecting(&trace_of("fraud-model"), |at| by_name(names(), &scored[at]));
    check(
        &component("fraud-model"),
        &folder.write("trace.jsonl", lines),
    )
    .good();
}

#[test]
fn weeks_of_traffic_give_the_same_bits_natively_and_as_a_component() {
    let traffic = card_traffic::Traffic::generate(&card_traffic::Settings::small());
    let lines: String = traffic
        .sorted()
        .iter()
        .map(|event| format!("{event}\n"))
        .collect();
    folds_alike::<Customer>("customer-spending", &lines);
    folds_alike::<Terminal>("terminal-risk", &lines);
}

#[test]
fn every_plugin_of_the_examples_has_a_trace() {
    let plugins = foreshore_guest_build::plugin_crates(root()).unwrap();
    let examples = plugins
        .iter()
        .filter(|plugin| plugin.folder.starts_with(root().join("examples")));
    let without: Vec<_> = examples
        .filter(|plugin| !plugin.folder.join("trace.jsonl").exists())
        .collect();
    assert!(without.is_empty(), "{without:?}");
}
