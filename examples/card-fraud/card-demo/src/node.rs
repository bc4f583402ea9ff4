//! The node as a process of its own: started on free ports, asked to stop, and ended whatever happens.
//! Takes the binary and its configuration; gives two addresses; knows nothing of what is sent there.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};

use anyhow::{Context as _, ensure};
use rustix::process::{Pid, Signal, kill_process};

/// A running node; dropped before [`Node::stop`], it is killed.
pub struct Node {
    child: Child,
    /// Address of the data port, as in `http://127.0.0.1:41234`.
    pub data: String,
    /// Address of the admin port.
    pub admin: String,
}

impl Node {
    /// Starts the node, its log going to a file, and waits until it names its addresses.
    ///
    /// # Errors
    /// When it cannot be started or ends before it serves.
    pub fn start(binary: &Path, config: &Path, log: &Path) -> anyhow::Result<Node> {
        let file = File::create(log).with_context(|| format!("create {}", log.display()))?;
        let mut child = Command::new(binary)
            .arg("serve")
            .arg("--config")
            .arg(config)
            .args(["--data", "127.0.0.1:0", "--admin", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .stderr(file)
            .spawn()
            .with_context(|| format!("start {}", binary.display()))?;
        let stdout = child.stdout.take();
        let mut node = Node {
            child,
            data: String::new(),
            admin: String::new(),
        };
        let mut lines = BufReader::new(stdout.context("read what the node says")?);
        node.data = address(&mut lines, "data", log)?;
        node.admin = address(&mut lines, "admin", log)?;
        Ok(node)
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
