//! The suites' test programs, built by one cargo: so what several stand on is built once, and nothing is built
//! that no suite has. Takes suites, gives a program for each; must not know what is in them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::run::plain_cargo;

use super::suites::{SUITES, Suite};

/// A test program.
#[derive(Clone)]
pub(crate) struct Program {
    executable: PathBuf,
    /// Its package's folder: tests run there.
    folder: PathBuf,
}

impl Program {
    /// The program, not started yet.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(&self.executable);
        command.current_dir(&self.folder);
        command
    }
}

/// Builds the programs of these suites, and gives them in the same order.
pub(crate) fn build(suites: &[&Suite]) -> Result<Vec<Program>> {
    // All packages, whatever is built of them: what they stand on depends on which there are.
    let packages = SUITES
        .iter()
        .map(|suite| format!("--package={}", suite.package));
    let programs = suites.iter().map(|suite| suite.choice());
    let chosen: BTreeSet<String> = packages.chain(programs).collect();
    let built = plain_cargo()
        .args(["test", "--locked", "--profile", "proof", "--no-run"])
        .args(["--message-format", "json-render-diagnostics"])
        .args(chosen)
        .stderr(Stdio::inherit())
        .output()
        .context("build the proofs")?;
    if !built.status.success() {
        bail!("the proofs do not build");
    }
    let messages = String::from_utf8(built.stdout)?;
    let messages: Result<Vec<Value>, _> = messages.lines().map(serde_json::from_str).collect();
    let messages = messages.context("read what cargo built")?;
    let find = |suite: &&Suite| {
        let program = messages.iter().find_map(|message| suite.found_in(message));
        program.with_context(|| format!("cargo has built no program of {suite}"))
    };
    suites.iter().map(find).collect()
}

impl Suite {
    /// How cargo is told of its program.
    fn choice(&self) -> String {
        match self.program {
            "--lib" => "--lib".to_owned(),
            name => format!("--test={name}"),
        }
    }

    /// Its program, if that is what cargo tells of here.
    fn found_in(&self, message: &Value) -> Option<Program> {
        let of_lib = self.package.replace('-', "_");
        let (kind, name) = match self.program {
            "--lib" => ("lib", of_lib.as_str()),
            name => ("test", name),
        };
        let target = &message["target"];
        let is_it = target["kind"][0] == kind && target["name"] == name;
        let executable = message["executable"].as_str().filter(|_| is_it)?;
        let manifest = Path::new(message["manifest_path"].as_str()?);
        Some(Program {
            executable: executable.into(),
            folder: manifest.parent()?.to_owned(),
        })
    }
}
