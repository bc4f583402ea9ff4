//! The page of the corpus and its tests, kept in step: every number has a row, every test named there is one, and
//! every test here is named there.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::harness::place::root;

const PAGE: &str = "docs/HOSTILE-CLIENTS.md";

/// Attacks of the corpus.
const ATTACKS: std::ops::RangeInclusive<u32> = 1..=30;

/// The cells of a table's row.
fn cells(line: &str) -> Option<Vec<&str>> {
    let row = line.strip_prefix("| ")?.strip_suffix(" |")?;
    Some(row.split(" | ").collect())
}

/// The texts between backticks.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// The names of the tests in a Rust file.
fn tests(file: &Path) -> Vec<String> {
    let text = fs::read_to_string(file).unwrap();
    let after = text.split("#[test]\n").skip(1);
    let names = after.filter_map(|rest| rest.trim_start().strip_prefix("fn ")?.split_once('('));
    names.map(|(name, _)| name.to_owned()).collect()
}

#[test]
fn every_attack_has_its_row_and_every_test_named_there_is_one() {
    let page = fs::read_to_string(root().join(PAGE)).unwrap();
    let mut rows = BTreeSet::new();
    let mut named = BTreeSet::new();
    for row in page.lines().filter_map(cells) {
        let Some(number) = row[0]
            .strip_prefix('I')
            .and_then(|number| number.parse::<u32>().ok())
        else {
            continue;
        };
        rows.insert(number);
        assert_eq!(
            row.len(),
            4,
            "I{number}: number, what is sent, what is answered, tests"
        );
        for test in quoted(row[3]) {
            let (file, name) = test
                .split_once(':')
                .unwrap_or_else(|| panic!("I{number}: `{test}`"));
            let found = tests(&root().join(file));
            assert!(
                found.iter().any(|found| found == name),
                "I{number}: {file} has no test {name}"
            );
            named.insert(name.to_owned());
        }
    }
    assert_eq!(rows, ATTACKS.collect(), "{PAGE}: one row or more for each");
    for file in fs::read_dir(root().join("tests/src/hostile")).unwrap() {
        let file = file.unwrap().path();
        let own = tests(&file)
            .into_iter()
            .filter(|_| !file.ends_with("page.rs"));
        let unnamed: Vec<_> = own.filter(|name| !named.contains(name)).collect();
        assert!(unnamed.is_empty(), "{PAGE} does not name {unnamed:?}");
    }
}
