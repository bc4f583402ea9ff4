//! A small disk of a test's own: a filesystem in memory that only this test and the nodes it starts there can
//! see, in a mount namespace that ends with it. Takes root's rights; where there are none, there is no volume.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use super::program::command;

/// Mounts, says so, and waits until its input ends: at the latest with the test.
const HOLD: &str = r#"mount -t tmpfs -o size="$1" tmpfs "$2" && echo mounted && exec cat"#;

/// A filesystem of bounded size.
pub struct Volume {
    holder: Child,
    mount: PathBuf,
}

impl Volume {
    /// A volume of this size, as in `48m`, in place of a folder; none where the tests may not mount.
    pub fn at(folder: &Path, size: &str) -> Option<Volume> {
        let holder = Command::new("unshare")
            .args(["--mount", "sh", "-c", HOLD, "sh", size])
            .arg(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn();
        let mut said = String::new();
        let mut volume = Volume {
            holder: holder.ok()?,
            mount: folder.to_owned(),
        };
        let stdout = volume.holder.stdout.take()?;
        drop(BufReader::new(stdout).read_line(&mut said));
        if said.trim_end() == "mounted" {
            return Some(volume);
        }
        println!("not tested: mounting a volume takes root's rights");
        None
    }

    /// The `foreshore` program, where the volume is to be seen.
    pub fn command(&self) -> Command {
        let mut within = self.within();
        within.arg(command().get_program()).stdin(Stdio::null());
        within.env_remove("FORESHORE_LOG");
        within
    }

    /// The way into the volume from outside.
    pub fn path(&self) -> PathBuf {
        let root = format!("/proc/{}/root", self.holder.id());
        Path::new(&root).join(self.mount.strip_prefix("/").unwrap())
    }

    /// Lets nobody write to it any more.
    pub fn set_read_only(&self) {
        let mut within = self.within();
        within.args(["mount", "-o", "remount,ro"]).arg(&self.mount);
        assert!(within.status().unwrap().success());
    }

    fn within(&self) -> Command {
        let mut within = Command::new("nsenter");
        let holder = self.holder.id().to_string();
        within.args(["--mount", "--target", &holder, "--"]);
        within
    }
}

impl Drop for Volume {
    fn drop(&mut self) {
        drop(self.holder.kill());
        drop(self.holder.wait());
    }
}
