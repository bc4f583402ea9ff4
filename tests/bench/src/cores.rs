//! Which processor is whose: the client has one, the servers another, so that neither is measured in the other.
//! Takes the processors there are; must not know what runs on them.

use std::ffi::OsString;
use std::os::unix::process::CommandExt as _;
use std::process::Command;

use anyhow::{Context as _, bail};
use clap::Args;
use rustix::process::{Signal, set_parent_process_death_signal};
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

/// Whose processors are which.
#[derive(Clone, Copy, Debug)]
pub struct Cores {
    /// The client's.
    pub client: usize,
    /// The servers', who take turns on it.
    pub server: usize,
}

impl Cores {
    /// The first two that this process may use; with one alone both are the same.
    pub fn find() -> anyhow::Result<Cores> {
        let allowed = sched_getaffinity(None).context("ask which processors may be used")?;
        let mut cores = (0..CpuSet::MAX_CPU).filter(|core| allowed.is_set(*core));
        let client = cores.next().context("there is no processor")?;
        let server = cores.next().unwrap_or(client);
        Ok(Cores { client, server })
    }

    /// How many they are.
    pub fn count(self) -> usize {
        1 + usize::from(self.are_apart())
    }

    /// Whether client and servers are apart.
    pub fn are_apart(self) -> bool {
        self.client != self.server
    }
}

/// Keeps this thread, and what it starts from here on, on these processors.
pub fn pin(cores: &[usize]) -> anyhow::Result<()> {
    let mut only = CpuSet::new();
    cores.iter().for_each(|core| only.set(*core));
    sched_setaffinity(None, &only).with_context(|| format!("stay on processors {cores:?}"))
}

/// Another program, on some of the processors.
#[derive(Args)]
pub struct Pinned {
    /// The processors
    #[arg(long, value_delimiter = ',', required = true)]
    cores: Vec<usize>,
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, required = true)]
    words: Vec<OsString>,
}

impl Pinned {
    /// The same program, not started yet, on these processors; it ends when whoever starts it does.
    pub fn command(cores: &[usize], program: &Command) -> anyhow::Result<Command> {
        let own = std::env::current_exe().context("find the bench's own program")?;
        let mut command = Command::new(own);
        let cores: Vec<String> = cores.iter().map(usize::to_string).collect();
        command.args(["pinned", "--cores", &cores.join(","), "--"]);
        command.arg(program.get_program()).args(program.get_args());
        for (name, value) in program.get_envs() {
            command.env(name, value.unwrap_or_default());
        }
        if let Some(folder) = program.get_current_dir() {
            command.current_dir(folder);
        }
        Ok(command)
    }

    /// Becomes the other program.
    pub fn become_it(&self) -> anyhow::Result<()> {
        pin(&self.cores)?;
        set_parent_process_death_signal(Some(Signal::KILL)).context("end with the bench")?;
        let Some((program, arguments)) = self.words.split_first() else {
            bail!("no program");
        };
        let error = Command::new(program).args(arguments).exec();
        Err(error).with_context(|| format!("run {}", program.display()))
    }
}
