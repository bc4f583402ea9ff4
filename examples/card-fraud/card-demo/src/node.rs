//! The node as a process of its own: started, asked to stop or killed, and ended whatever happens. Takes the
//! program; gives two addresses; knows nothing of what is sent there.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, ExitStatus, Stdio};

use anyhow::{Context as _, ensure};
use rustix::process::{Pid, Signal, kill_process};

use crate::program::Program;

/// What the node says, one start after the other.
const LOG: &str = "node.log";

/// Any free port of this machine.
const ANY: &str = "127.0.0.1:0";

/// Where a node is to be found.
#[derive(Clone, Debug)]
pub struct Addresses {
    /// The data port, as in `http://127.0.0.1:41234`.
    pub data: String,
    /// The admin port.
    pub admin: String,
}

/// A running node; dropped before [`Node::stop`], it is killed.
pub struct Node {
    child: Child,
    /// Where it is.
    pub addresses: Addresses,
}

impl Node {
    /// Starts a node on free ports, and waits until it names them. What it says is in `node.log`.
    ///
    /// # Errors
    /// When it cannot be started or ends before it serves.
    pub fn start(program: &Program) -> anyhow::Result<Node> {
        // What it said the last time.
        drop(File::create(program.out.join(LOG)));
        Node::start_on(program, ANY, ANY)
    }

    /// Starts a node where another one was.
    ///
    /// # Errors
    /// As [`start`](Node::start), and when something else is there by now.
    pub fn start_at(program: &Program, addresses: &Addresses) -> anyhow::Result<Node> {
        let port = |address: &str| address.trim_start_matches("http://").to_owned();
        Node::start_on(program, &port(&addresses.data), &port(&addresses.admin))
    }

    fn start_on(program: &Program, data: &str, admin: &str) -> anyhow::Result<Node> {
        let log = program.out.join(LOG);
        let file = File::options().create(true).append(true).open(&log);
        let mut child = program
            .command(["serve", "--data", data, "--admin", admin])
            .stdout(Stdio::piped())
            .stderr(file.with_context(|| format!("open {}", log.display()))?)
            .spawn()
            .with_context(|| format!("start {}", program.binary.display()))?;
        let stdout = child.stdout.take();
        let addresses = Addresses {
            data: String::new(),
            admin: String::new(),
        };
        let mut node = Node { child, addresses };
        let mut lines = BufReader::new(stdout.context("read what the node says")?);
        node.addresses.data = address(&mut lines, "data", &log)?;
        node.addresses.admin = address(&mut lines, "admin", &log)?;
        Ok(node)
    }

    /// Kills the node where it stands: it cannot so much as finish a sentence.
    ///
    /// # Errors
    /// When it cannot be killed.
    pub fn kill(&mut self) -> anyhow::Result<()> {
        self.child.kill().context("send SIGKILL to the node")?;
        let status = self.child.wait().context("wait for the node to end")?;
        ensure!(!status.success(), "the node had ended before it was killed");
        Ok(())
    }

    /// Asks the node to stop, as its operator would, and waits until it has.
    ///
    /// # Errors
    /// When it cannot be asked, or ends with anything but success.
    pub fn stop(mut self) -> anyhow::Result<ExitStatus> {
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        kill_process(pid.context("find the node's process")?, Signal::TERM)
            .context("send SIGTERM to the node")?;
        let status = self.child.wait().context("wait for the node to stop")?;
        ensure!(
            status.success(),
            "the node ended with {status}, expected exit status 0"
        );
        Ok(status)
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        // One that has already ended cannot be killed, and need not be.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Reads the line `NAME http://HOST:PORT`.
fn address(lines: &mut BufReader<ChildStdout>, name: &str, log: &Path) -> anyhow::Result<String> {
    let mut line = String::new();
    lines
        .read_line(&mut line)
        .context("read what the node says")?;
    let address = line.trim_end().strip_prefix(name).map(str::trim_start);
    address.map(str::to_owned).with_context(|| {
        format!(
            "the node does not serve: found `{}`, expected its {name} address; see {}",
            line.trim_end(),
            log.display()
        )
    })
}
