//! The files of the repository, read once, and what counts as code in a Rust file.
//! Takes the working tree, gives paths and texts; must not know any rule.

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

/// Kinds of files that the rules are about.
const KINDS: [&str; 6] = ["md", "rs", "sh", "toml", "wit", "yml"];

/// Folders that are not ours to keep tidy: what is built, and what git keeps.
const SKIPPED: [&str; 2] = ["target", ".git"];

/// One file of the repository.
pub(super) struct File {
    /// Its path from the root, with `/`.
    pub(super) path: String,
    pub(super) text: String,
}

static FILES: LazyLock<Vec<File>> = LazyLock::new(|| {
    let mut files = Vec::new();
    collect(root(), &mut files);
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
});

/// The repository's root.
pub(super) fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// Every file the rules are about, by path.
pub(super) fn all() -> impl Iterator<Item = &'static File> {
    FILES.iter()
}

/// Every file of one kind, by path.
pub(super) fn of_kind(kind: &str) -> impl Iterator<Item = &'static File> {
    all().filter(move |file| {
        file.path
            .rsplit_once('.')
            .is_some_and(|(_, end)| end == kind)
    })
}

/// The Rust files that are part of the product: tests and benches aside.
pub(super) fn product() -> impl Iterator<Item = &'static File> {
    of_kind("rs").filter(|file| !file.is_test())
}

fn collect(folder: &Path, files: &mut Vec<File>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() {
            if !SKIPPED.contains(&name) {
                collect(&path, files);
            }
        } else if path
            .extension()
            .is_some_and(|kind| KINDS.iter().any(|known| kind == *known))
        {
            let relative = path
                .strip_prefix(root())
                .unwrap()
                .to_str()
                .unwrap()
                .replace('\\', "/");
            files.push(File {
                path: relative,
                text: fs::read_to_string(&path).unwrap(),
            });
        }
    }
}

impl File {
    /// Whether the whole file is test or bench.
    pub(super) fn is_test(&self) -> bool {
        let mut parts = self.path.split('/');
        self.stem().ends_with("_tests")
            || parts.any(|part| ["tests", "benches", "tests.rs"].contains(&part))
    }

    /// The name without folder and ending.
    pub(super) fn stem(&self) -> &str {
        let name = self.path.rsplit('/').next().unwrap_or(&self.path);
        name.split_once('.').map_or(name, |(stem, _)| stem)
    }

    /// The lines of the file without the test module at its end.
    pub(super) fn lines(&self) -> Vec<&str> {
        without_tests(&self.text)
    }

    /// The numbered lines that hold code, comments cut off.
    pub(super) fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let lines = self.lines().into_iter().enumerate();
        lines.map(|(index, line)| (index + 1, line.split("//").next().unwrap_or(line)))
    }
}

fn without_tests(text: &str) -> Vec<&str> {
    let lines: Vec<&str> = text.lines().collect();
    let tail = lines
        .windows(2)
        .position(|pair| pair[0] == "#[cfg(test)]" && pair[1].starts_with("mod tests"));
    match tail {
        Some(start) => lines[..start].to_vec(),
        None => lines,
    }
}

#[test]
fn a_test_module_at_the_end_does_not_count() {
    let text = "//! A file.\nfn kept() {}\n\n#[cfg(test)]\nmod tests {\n    fn cut() {}\n}\n";
    assert_eq!(without_tests(text), ["//! A file.", "fn kept() {}", ""]);
}

#[test]
fn the_repository_is_found() {
    assert!(all().any(|file| file.path == "Cargo.toml"));
    assert!(of_kind("wit").any(|file| file.path == "wit/features.wit"));
    assert!(product().all(|file| !file.path.starts_with("tests/")));
}
