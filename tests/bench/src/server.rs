//! A server as a process of its own, on its own processor: started, found, looked at, and ended whatever happens.
//! Takes a program that says `data http://ADDRESS` first; must not know what it answers.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, ensure};
use foreshore_load::process;

use crate::cores::Pinned;

/// A running server; killed when it is dropped.
pub struct Server {
    child: Child,
    lines: BufReader<std::process::ChildStdout>,
    /// Where it answers.
    pub address: SocketAddr,
}

/// A program of ours: built with the bench, and beside it.
pub fn built(name: &str) -> anyhow::Result<PathBuf> {
    let own = std::env::current_exe().context("find the bench's own program")?;
    Ok(own.with_file_name(name))
}

impl Server {
    /// Starts a program on these processors and waits until it says where it is. What else it says goes to `log`.
    pub fn start(cores: &[usize], program: &Command, log: &Path) -> anyhow::Result<Server> {
        let said = File::create(log).with_context(|| format!("create {}", log.display()))?;
        let mut child = Pinned::command(cores, program)?
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(said)
            .spawn()
            .with_context(|| format!("start {program:?}"))?;
        let stdout = child.stdout.take().context("read what a server says")?;
        let mut server = Server {
            child,
            lines: BufReader::new(stdout),
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
        };
        server.address = server
            .says("data")
            .with_context(|| format!("see {}", log.display()))?;
        Ok(server)
    }

    /// Reads the line `NAME http://ADDRESS`.
    pub fn says(&mut self, name: &str) -> anyhow::Result<SocketAddr> {
        let mut line = String::new();
        self.lines
            .read_line(&mut line)
            .context("read what a server says")?;
        let address = line.trim_end().strip_prefix(name).map(str::trim_start);
        let address = address.and_then(|address| address.strip_prefix("http://"));
        ensure!(
            address.is_some(),
            "a server said `{}`, expected `{name} http://ADDRESS`",
            line.trim_end()
        );
        address
            .unwrap_or_default()
            .parse()
            .context("read a server's address")
    }

    /// Processor time of all its threads so far.
    pub fn cpu(&self) -> Duration {
        self.threads().values().sum()
    }

    /// Processor time of its threads so far, by name.
    pub fn threads(&self) -> std::collections::BTreeMap<String, Duration> {
        process::threads(self.child.id())
    }

    /// Bytes of memory it has in use.
    pub fn memory(&self) -> u64 {
        process::memory(self.child.id())
    }

    /// Kills it where it stands.
    pub fn kill(mut self) -> anyhow::Result<()> {
        self.child.kill().context("kill a server")?;
        self.child.wait().context("wait for a server to end")?;
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // One that has ended already cannot be killed, and need not be.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
