//! One suite's proofs: found by name in its test program, then run. Takes what they are told, gives whether all
//! tests passed; must not know what comes of a proof.

use std::fmt;
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::programs::Program;
use super::suites::Suite;

/// The proofs of a suite that are to run.
pub(crate) struct Attack {
    suite: &'static Suite,
    program: Program,
    tests: Vec<String>,
}

impl Attack {
    /// Finds the proofs with `only` in their names.
    pub(crate) fn of(suite: &'static Suite, program: Program, only: &str) -> Result<Attack> {
        let listed = program
            .command()
            .args(["--list", "--format", "terse"])
            .output()
            .with_context(|| format!("list the tests of {suite}"))?;
        let listed = String::from_utf8(listed.stdout)?;
        let tests = listed
            .lines()
            .filter_map(|line| line.strip_suffix(": test"));
        let tests = tests.filter(|test| suite.has(test));
        let tests: Vec<String> = tests.map(str::to_owned).collect();
        if tests.is_empty() {
            bail!("{suite} has none of the proofs that xtask/src/prove/suites.rs says");
        }
        let tests = tests.into_iter().filter(|test| test.contains(only));
        Ok(Attack {
            suite,
            program,
            tests: tests.collect(),
        })
    }

    /// How many proofs it has.
    pub(crate) fn len(&self) -> usize {
        self.tests.len()
    }

    /// Whether its proofs run one at a time.
    pub(crate) fn is_alone(&self) -> bool {
        self.suite.alone
    }

    /// Runs them; tells whether all passed.
    pub(crate) fn run(&self, told: &[(&str, String)]) -> Result<bool> {
        let mut program: Command = self.program.command();
        program.arg("--exact").args(&self.tests);
        if self.suite.alone {
            program.arg("--test-threads=1");
        }
        program.envs(told.iter().map(|(name, value)| (name, value)));
        let status = program.status();
        let status = status.with_context(|| format!("run {}", self.suite))?;
        Ok(status.success())
    }
}

impl fmt::Display for Attack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let proofs = self.tests.len();
        write!(f, "{}, {proofs} proofs of {}", self.suite.part, self.suite)
    }
}
