//! The `foreshore` program and the configuration it is run with. Its commands are run to their end here, with
//! what they say kept in files; must not know what any of them is for.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, ensure};

/// The program.
#[derive(Clone, Debug)]
pub struct Program {
    /// Its binary.
    pub binary: PathBuf,
    /// The configuration.
    pub config: PathBuf,
    /// The folder for what its commands say and write.
    pub out: PathBuf,
}

/// What a command said.
#[derive(Clone, Debug)]
pub struct Words {
    /// To programs.
    pub stdout: String,
    /// To people.
    pub stderr: String,
}

impl Program {
    /// A command with the configuration, not started yet.
    pub fn command<S: AsRef<OsStr>>(&self, words: impl IntoIterator<Item = S>) -> Command {
        let mut command = Command::new(&self.binary);
        command.args(words).arg("--config").arg(&self.config);
        command
    }

    /// Runs a command to its end; what it says to people stays in the file `log` too.
    ///
    /// # Errors
    /// When the command cannot be run or fails.
    pub fn run<S: AsRef<OsStr>>(
        &self,
        words: impl IntoIterator<Item = S>,
        log: &str,
    ) -> anyhow::Result<Words> {
        let log = self.out.join(log);
        let said = File::create(&log).with_context(|| format!("create {}", log.display()))?;
        let mut command = self.command(words);
        let output = command.stderr(said).output();
        let output = output.with_context(|| format!("run {}", self.binary.display()))?;
        ensure!(
            output.status.success(),
            "{command:?} failed ({}); see {}",
            output.status,
            log.display()
        );
        Ok(Words {
            stdout: String::from_utf8(output.stdout)?,
            stderr: fs::read_to_string(&log).with_context(|| format!("read {}", log.display()))?,
        })
    }
}
