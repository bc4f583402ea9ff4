//! How long files and functions may be, so that a reader can hold one in mind.
//! Takes the product's Rust files, gives offences; test modules do not count.

use super::files::{File, product};
use super::none;

/// No file is longer, in lines.
const FILE_MAX: usize = 400;

/// Half of the files are no longer, in lines.
const FILE_MEDIAN_MAX: usize = 150;

/// No function is longer, in lines from its `fn` to its closing brace: what fits on a screen.
const FUNCTION_MAX: usize = 70;

#[test]
fn no_file_is_too_long() {
    let long = product()
        .map(|file| (file, file.lines().len()))
        .filter(|(_, lines)| *lines > FILE_MAX);
    let offenders: Vec<String> = long
        .map(|(file, lines)| format!("{}: {lines} lines", file.path))
        .collect();
    none(
        &offenders,
        &format!(
            "a file has at most {FILE_MAX} lines without its tests; split it by the steps it takes"
        ),
    );
}

#[test]
fn most_files_are_short() {
    let mut lengths: Vec<usize> = product().map(|file| file.lines().len()).collect();
    lengths.sort_unstable();
    let median = lengths[lengths.len() / 2];
    assert!(
        median <= FILE_MEDIAN_MAX,
        "half of the files have at most {FILE_MEDIAN_MAX} lines, but the median is {median}; split the long ones"
    );
}

#[test]
fn no_function_is_too_long() {
    let mut offenders = Vec::new();
    for file in product() {
        for function in functions(file)
            .into_iter()
            .filter(|function| function.lines > FUNCTION_MAX)
        {
            offenders.push(format!(
                "{}:{}: {} lines",
                file.path, function.starts, function.lines
            ));
        }
    }
    none(
        &offenders,
        &format!("a function has at most {FUNCTION_MAX} lines; give its parts names"),
    );
}

/// Where a function starts and how long it is, in lines.
struct Function {
    starts: usize,
    lines: usize,
}

/// The functions of a file, as rustfmt lays them out: the closing brace stands under the `fn`.
fn functions(file: &File) -> Vec<Function> {
    let lines = file.lines();
    let mut functions = Vec::new();
    for (start, line) in lines
        .iter()
        .enumerate()
        .filter(|(_, line)| is_function(line))
    {
        let indent = &line[..line.len() - line.trim_start().len()];
        let closes = |line: &&str| {
            line.strip_prefix(indent)
                .is_some_and(|rest| ["}", ");", ";"].contains(&rest))
        };
        let one_line = line.ends_with('}') || line.ends_with(';');
        let end = if one_line {
            0
        } else {
            lines[start..].iter().position(closes).unwrap_or(0)
        };
        functions.push(Function {
            starts: start + 1,
            lines: end + 1,
        });
    }
    functions
}

fn is_function(line: &str) -> bool {
    let mut words = line.split_whitespace();
    let before = [
        "pub",
        "pub(crate)",
        "pub(super)",
        "const",
        "async",
        "unsafe",
        "extern",
        "\"C\"",
    ];
    words.find(|word| !before.contains(word)) == Some("fn")
}

#[test]
fn functions_are_measured_from_fn_to_brace() {
    let text = "pub(crate) fn short() {}\n\nimpl A {\n    fn long(\n        &self,\n    ) {\n        body();\n    }\n}\n";
    let measured = functions(&File {
        path: "a.rs".into(),
        text: text.into(),
    });
    let measured: Vec<_> = measured
        .iter()
        .map(|function| (function.starts, function.lines))
        .collect();
    assert_eq!(measured, [(1, 1), (4, 5)]);
}
