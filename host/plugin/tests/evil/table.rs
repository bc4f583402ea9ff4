//! The page that lists every evil guest, and this suite: in step. Takes `docs/HOSTILE-PLUGINS.md` and the sources
//! of the tests; must not know what any of them does.

use std::fs;
use std::path::{Path, PathBuf};

/// The classes of evil guests there are.
const CLASSES: usize = 44;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The names of all tests in the files of a folder.
fn tests(folder: &str) -> Vec<String> {
    let mut names = Vec::new();
    let files = fs::read_dir(root().join(folder)).unwrap();
    for file in files.map(|file| file.unwrap().path()) {
        if file.extension().is_none_or(|kind| kind != "rs") {
            continue;
        }
        let text = fs::read_to_string(file).unwrap();
        let after = text.split("#[test]\n").skip(1);
        let named = after.filter_map(|rest| rest.strip_prefix("fn ")?.split_once('('));
        names.extend(named.map(|(name, _)| name.to_owned()));
    }
    names
}

/// The rows of the table: class, what it does, what happens, the tests.
fn rows() -> Vec<[String; 4]> {
    let page = fs::read_to_string(root().join("docs/HOSTILE-PLUGINS.md")).unwrap();
    let rows = page.lines().filter(|line| line.starts_with("| G"));
    rows.map(|row| {
        let cells: Vec<String> = row
            .trim_matches('|')
            .split(" | ")
            .map(|cell| cell.trim().to_owned())
            .collect();
        cells
            .try_into()
            .unwrap_or_else(|cells| panic!("not four cells: {cells:?}"))
    })
    .collect()
}

/// The names in backticks.
fn quoted(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

#[test]
fn every_class_has_its_row_and_every_row_its_tests() {
    let rows = rows();
    let classes: Vec<String> = rows.iter().map(|[class, ..]| class.clone()).collect();
    let expected: Vec<String> = (1..=CLASSES).map(|n| format!("G{n}")).collect();
    assert_eq!(classes, expected);
    let known: Vec<String> = [
        "host/plugin/tests/evil",
        "host/plugin/tests/plugin",
        "tests/src",
    ]
    .iter()
    .flat_map(|folder| tests(folder))
    .collect();
    for [class, _, _, tests] in &rows {
        assert!(quoted(tests).count() > 0, "{class} has no test");
        for test in quoted(tests) {
            assert!(
                known.iter().any(|name| name == test),
                "{class}: there is no test {test}"
            );
        }
    }
}

#[test]
fn every_test_of_this_suite_is_on_the_page() {
    let page = fs::read_to_string(root().join("docs/HOSTILE-PLUGINS.md")).unwrap();
    for test in tests("host/plugin/tests/evil") {
        assert!(
            page.contains(&format!("`{test}`")),
            "docs/HOSTILE-PLUGINS.md does not name {test}"
        );
    }
}
