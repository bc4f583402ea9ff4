//! How a file opens, what it must not contain, and what `lib.rs` and `mod.rs` are for.
//! Takes texts, gives offences; must not judge what only a reader can.

use super::files::{File, all, of_kind, product};
use super::none;

/// Words of unfinished work; what is not done is an issue, not a remark.
const UNFINISHED: [&str; 7] = [
    "todo!",
    "unimplemented!",
    "fixme",
    "xxx",
    "hack",
    "for now",
    "placeholder",
];

/// Module names that say nothing of what is in them.
const EMPTY_NAMES: [&str; 8] = [
    "util", "utils", "helper", "helpers", "manager", "common", "misc", "shared",
];

/// Up to this many lines, a file is seen whole at a glance.
const ONE_LINE_ENOUGH: usize = 60;

/// The only place that names the words above.
fn names_them(file: &File) -> bool {
    file.path == "tests/src/tidy/words.rs"
}

#[test]
fn every_rust_file_says_first_what_it_is() {
    let header = |file: &File| {
        file.text
            .lines()
            .take_while(|line| line.starts_with("//!"))
            .count()
    };
    let wanted = |file: &File| {
        if !file.is_test() && file.lines().len() > ONE_LINE_ENOUGH {
            2
        } else {
            1
        }
    };
    let short = of_kind("rs").filter(|file| header(file) < wanted(file));
    let offenders: Vec<String> = short.map(|file| file.path.clone()).collect();
    none(
        &offenders,
        "a file opens with two or more lines of `//!` (a short one or a test with one): what it takes, gives and \
         must not know",
    );
}

#[test]
fn nothing_is_left_unfinished() {
    let mut offenders = Vec::new();
    for file in all().filter(|file| !names_them(file)) {
        for (index, line) in file.text.lines().enumerate() {
            let line = line.to_lowercase();
            let found = UNFINISHED.iter().filter(|word| has_word(&line, word));
            offenders.extend(found.map(|word| format!("{}:{}: {word}", file.path, index + 1)));
        }
    }
    none(
        &offenders,
        "words of unfinished work do not belong here; finish it, or open an issue and leave it out",
    );
}

#[test]
fn module_names_say_what_is_inside() {
    let empty = of_kind("rs").filter(|file| EMPTY_NAMES.contains(&file.stem()));
    let offenders: Vec<String> = empty.map(|file| file.path.clone()).collect();
    none(
        &offenders,
        "a module is named for what it does; find the noun of the vocabulary",
    );
}

#[test]
fn lists_of_modules_hold_no_logic() {
    let items = [
        "fn ", "impl ", "impl<", "struct ", "enum ", "trait ", "const ", "static ",
    ];
    let ours = |file: &&File| file.path.starts_with("host/") || file.path.starts_with("guest-sdk/");
    let mut offenders = Vec::new();
    for file in product()
        .filter(ours)
        .filter(|file| ["lib", "mod"].contains(&file.stem()))
    {
        for (line, code) in file.code() {
            let item = code
                .trim_start_matches("pub ")
                .trim_start_matches("pub(crate) ");
            if items.iter().any(|start| item.starts_with(start)) {
                offenders.push(format!("{}:{line}: {}", file.path, code.trim()));
            }
        }
    }
    none(
        &offenders,
        "lib.rs and mod.rs list modules and re-export; put the item into the file of its step",
    );
}

#[test]
fn lines_end_where_their_text_ends() {
    let mut offenders = Vec::new();
    for file in all() {
        let trailing = file
            .text
            .lines()
            .enumerate()
            .filter(|(_, line)| line.ends_with([' ', '\t', '\r']));
        offenders.extend(trailing.map(|(index, _)| format!("{}:{}", file.path, index + 1)));
        if !file.text.ends_with('\n') || file.text.ends_with("\n\n") {
            offenders.push(format!(
                "{}: ends without a line break, or with two",
                file.path
            ));
        }
    }
    none(
        &offenders,
        "no white space at the end of a line, one line break at the end of a file; `cargo fmt` does Rust files",
    );
}

/// Whether the word stands in the line by itself, not as part of a longer one.
fn has_word(line: &str, word: &str) -> bool {
    let outside = |neighbour: Option<char>| !neighbour.is_some_and(char::is_alphanumeric);
    line.match_indices(word).any(|(start, found)| {
        outside(line[..start].chars().next_back())
            && outside(line[start + found.len()..].chars().next())
    })
}

#[test]
fn a_word_within_a_word_is_another_word() {
    assert!(has_word("// a hack, really", "hack"));
    assert!(!has_word("hackathon", "hack"));
}
