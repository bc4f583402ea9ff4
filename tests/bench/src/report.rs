//! Tables, numbers and plots: what came of a run, for readers and for programs. Takes the machine, the figures and
//! the parts' sections; writes `tables.md`, `results.json` and a file for every plot.

/// Rows and columns.
mod table;

/// Lines over an axis.
mod plot;

use std::fs;
use std::path::Path;

use anyhow::Context as _;
use serde::Serialize;

pub use self::plot::{Plot, Scale};
pub use self::table::{Table, by_arm};

use crate::figure::Figures;
use crate::machine::Machine;

/// What a part has to say.
#[derive(Default)]
pub struct Section {
    /// Its heading.
    pub title: String,
    /// Markdown: sentences and tables.
    pub text: String,
    /// Its plots, with the names of their files.
    pub plots: Vec<(String, Plot)>,
}

#[derive(Serialize)]
struct Results<'a> {
    machine: &'a Machine,
    figures: &'a Figures,
}

impl Section {
    /// A section that says nothing yet.
    pub fn new(title: impl Into<String>) -> Section {
        Section {
            title: title.into(),
            ..Section::default()
        }
    }

    /// The same, saying this too, as a paragraph of its own.
    #[must_use]
    pub fn saying(mut self, text: impl std::fmt::Display) -> Section {
        let text = text.to_string();
        self.text.push_str(&format!("{}\n\n", text.trim_end()));
        self
    }

    /// The same, showing this too.
    #[must_use]
    pub fn showing(mut self, file: &str, plot: Plot) -> Section {
        self.plots.push((file.to_owned(), plot));
        self
    }
}

/// Writes everything; gives the tables.
pub fn write(
    folder: &Path,
    machine: &Machine,
    figures: &Figures,
    sections: &[Section],
) -> anyhow::Result<String> {
    let put = |name: &str, text: &str| {
        let file = folder.join(name);
        fs::write(&file, text).with_context(|| format!("write {}", file.display()))
    };
    let mut tables = String::from("# Performance\n\n| | |\n| --- | --- |\n");
    for (name, value) in machine.lines() {
        tables.push_str(&format!("| {name} | {value} |\n"));
    }
    tables.push_str(
        "\nFigures are medians over rounds, with the least and the most in parentheses.\n",
    );
    for section in sections {
        tables.push_str(&format!("\n## {}\n\n{}", section.title, section.text));
        for (name, plot) in &section.plots {
            let file = format!("{name}.svg");
            put(&file, &plot.svg())?;
            tables.push_str(&format!("![{}]({file})\n\n", plot.title));
        }
    }
    let tables = format!("{}\n", tables.trim_end());
    put("tables.md", &tables)?;
    let results = serde_json::to_string_pretty(&Results { machine, figures })?;
    put("results.json", &results)?;
    Ok(tables)
}
