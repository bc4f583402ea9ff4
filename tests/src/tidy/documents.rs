//! What the documents promise: every module is named, every page has one title, every link leads somewhere.
//! Takes the markdown files, gives offences; must not know what a page says.

use super::files::{File, all, of_kind, product, root};
use super::none;

/// The page that names every module.
const MAP: &str = "ARCHITECTURE.md";

/// The page that has the store's formats.
const FORMATS: &str = "docs/STORE-FORMAT.md";

#[test]
fn the_architecture_page_names_every_module() {
    let Some(map) = all().find(|file| file.path == MAP) else {
        panic!("{MAP} is missing; it is the map of the source");
    };
    let mapped = product()
        .filter(|file| file.path.starts_with("host/") || file.path.starts_with("guest-sdk/src/"));
    let modules = mapped.filter(|file| {
        file.path.contains("/src/") && !["lib", "mod", "main"].contains(&file.stem())
    });
    let unnamed = modules.filter(|file| {
        !map.text.contains(&format!("{}.rs", file.stem()))
            && !map.text.contains(&format!("`{}`", file.stem()))
    });
    let offenders: Vec<String> = unnamed.map(|file| file.path.clone()).collect();
    none(
        &offenders,
        &format!(
            "{MAP} names every module, as `name.rs` or `name`; add a line that says what it is for"
        ),
    );
}

#[test]
fn every_page_has_one_title() {
    let titles = |file: &File| {
        prose(file)
            .filter(|(_, line)| line.starts_with("# "))
            .count()
    };
    let counted = of_kind("md")
        .map(|file| (file, titles(file)))
        .filter(|(_, titles)| *titles != 1);
    let offenders: Vec<String> = counted
        .map(|(file, titles)| format!("{}: {titles} titles", file.path))
        .collect();
    none(&offenders, "a page has one `# ` title, its name");
}

#[test]
fn every_link_leads_to_a_file() {
    let mut offenders = Vec::new();
    for file in of_kind("md") {
        let folder = root().join(&file.path);
        let folder = folder.parent().unwrap();
        for (number, line) in prose(file) {
            for link in links(line) {
                let path = link.split('#').next().unwrap_or(link);
                let outside = link.contains("://") || link.starts_with("mailto:");
                if !outside && !path.is_empty() && !folder.join(path).exists() {
                    offenders.push(format!("{}:{number}: {link}", file.path));
                }
            }
        }
    }
    none(
        &offenders,
        "a link leads to a file of the repository, from the page's own folder; put the path right",
    );
}

#[test]
fn the_page_of_the_store_has_every_table_of_its_source() {
    let Some(page) = all().find(|file| file.path == FORMATS) else {
        panic!("{FORMATS} is missing; it tells what is on the disk");
    };
    let mut offenders = Vec::new();
    for file in product().filter(|file| file.path.starts_with("host/store/src/")) {
        let lines = file.text.lines().zip(1..);
        let rows = lines.filter_map(|(line, number)| Some((line.strip_prefix("//! ")?, number)));
        let of_table = rows.filter(|(row, _)| row.starts_with("| ") && !row.starts_with("| ---"));
        let unknown = of_table.filter(|(row, _)| !page.text.lines().any(|line| line == *row));
        offenders.extend(unknown.map(|(row, number)| format!("{}:{number}: {row}", file.path)));
    }
    none(
        &offenders,
        "a format is written down beside its code and in docs/STORE-FORMAT.md, in the same words",
    );
}

/// The numbered lines of a page that are not in a block of code.
fn prose(file: &File) -> impl Iterator<Item = (usize, &str)> {
    let mut fenced = false;
    file.text
        .lines()
        .enumerate()
        .filter_map(move |(index, line)| {
            let fence = line.trim_start().starts_with("```");
            fenced ^= fence;
            (!fence && !fenced).then_some((index + 1, line))
        })
}

/// The targets of the links in a line: what stands between `](` and `)`.
fn links(line: &str) -> impl Iterator<Item = &str> {
    line.split("](")
        .skip(1)
        .filter_map(|rest| rest.split_once(')'))
        .map(|(link, _)| link)
}

#[test]
fn links_are_found_in_a_line() {
    assert_eq!(
        links("see [a](A.md) and [b](https://b.example/x#y)").collect::<Vec<_>>(),
        ["A.md", "https://b.example/x#y"]
    );
    assert_eq!(links("no [link] (here)").count(), 0);
}
