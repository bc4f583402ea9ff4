//! Components that are hard to compile: refused when they take more than their limits, and never in the way of
//! those that are served meanwhile.

use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use crate::harness::place::Folder;
use crate::harness::plugins::component;
use crate::harness::program::foreshore;
use crate::harness::{Config, Stored, paid};

/// Bytes of a function's body, just below what is let through.
const BODY_BYTES: usize = 250_000;

/// Chained blocks, each of them left or not: what compilers are slowest at.
const BLOCK: [u8; 17] = [
    0x02, 0x40, // block
    0x20, 0, 0x0d, 0, // br_if 0 (local.get 0)
    0x20, 1, 0x20, 2, 0x7c, 0x21, 1, // local 1 += local 2
    0x20, 0, 0x1a, // drop (local.get 0)
    0x0b, // end
];

/// A LEB128 number.
fn leb(mut number: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number > 0x7f {
        bytes.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
    bytes
}

fn section(id: u8, content: &[u8]) -> Vec<u8> {
    [&[id], leb(content.len()).as_slice(), content].concat()
}

/// A list of equal items.
fn list(count: usize, item: &[u8]) -> Vec<u8> {
    [leb(count), item.repeat(count)].concat()
}

/// The test plugin with a module beside it that has so many large functions and is never called: the same
/// plugin, and much more to compile.
fn hard(functions: usize) -> Vec<u8> {
    // One i32 parameter, two i64 locals.
    let blocks = BLOCK.repeat(BODY_BYTES / BLOCK.len());
    let body = [&[1, 2, 0x7e], blocks.as_slice(), &[0x0b]].concat();
    let body = [leb(body.len()), body].concat();
    let module = [
        b"\0asm\x01\0\0\0".to_vec(),
        section(1, &[1, 0x60, 1, 0x7f, 0]),
        section(3, &list(functions, &[0])),
        section(10, &list(functions, &body)),
    ];
    let mut bytes = fs::read(component("unruly")).unwrap();
    bytes.extend(section(1, &module.concat()));
    bytes
}

/// The test pipeline with a component that is hard to compile, and no compiled forms kept.
fn config(file: &Path) -> Config {
    Config::cards()
        .without("store.compiled")
        .with("pipelines.cards.features.card.file", file.to_str().unwrap())
}

#[test]
fn a_component_that_takes_more_time_or_memory_to_compile_than_it_may_is_refused() {
    let folder = Folder::new();
    let file = folder.write("hard.wasm", hard(15));
    let late = config(&file).with("pipelines.cards.limits.compile_time", "1s");
    let large = config(&file).with("pipelines.cards.limits.compile_memory", "128MiB");
    for (config, words) in [
        (
            late,
            "compile the component: it needs more than 1s of processor time; split",
        ),
        (
            large,
            "compile the component: it needs more than 134217728 bytes of memory; split",
        ),
    ] {
        let file = folder.write("node.toml", config.text());
        let key = "pipelines.cards.features.card.file: ";
        foreshore(["serve", "--check", "--config", file.to_str().unwrap()])
            .fails(64, &[key, words]);
    }
}

#[test]
fn a_node_scores_on_while_a_component_is_compiled_for_seconds_and_then_deploys_it() {
    let folder = Folder::new();
    let file = folder.write("hard.wasm", hard(1));
    let stored = Stored::of(&Config::cards());
    let node = stored.start();
    stored.configure(&config(&file).with("pipelines.cards.limits.compile_time", "120s"));
    let (mut scored, mut slowest) = (0_u32, Duration::ZERO);
    let begun = Instant::now();
    thread::scope(|scope| {
        let deploy = scope.spawn(|| node.admin("POST", "deploy"));
        while !deploy.is_finished() {
            let event = paid(&scored.to_string()).at(scored).of(1);
            let started = Instant::now();
            let answer = node.score(&event).good();
            slowest = slowest.max(started.elapsed());
            scored += 1;
            assert_eq!(answer["score"], f64::from(scored) / 1_000.0);
            assert_eq!(answer["degraded"], serde_json::json!([]));
        }
        deploy.join().unwrap().json(202);
    });
    println!(
        "{scored} scored in {:?}, the slowest in {slowest:?}",
        begun.elapsed()
    );
    assert!(scored > 10);
}

#[test]
fn a_deploy_of_a_component_too_hard_to_compile_leaves_the_old_one_serving() {
    let folder = Folder::new();
    let file = folder.write("hard.wasm", hard(15));
    let stored = Stored::of(&Config::cards());
    let node = stored.start();
    stored.configure(&config(&file).with("pipelines.cards.limits.compile_time", "1s"));
    let refused = node.admin("POST", "deploy");
    assert_eq!(refused.status, 422, "{}", refused.text);
    let words = "it needs more than 1s of processor time";
    assert!(refused.text.contains(words), "{}", refused.text);
    assert_eq!(node.score(&paid("1").of(400)).good()["score"], 0.4);
}

#[test]
fn the_compiler_takes_orders_from_nobody_else() {
    foreshore(["compile-plugin", "anything"]).fails(1, &["[\"anything\"] is no order to compile"]);
    let help = foreshore(["--help"]).good();
    assert!(!help.stdout.contains("compile-plugin"), "{}", help.stdout);
}
