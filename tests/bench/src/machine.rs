//! What is measured on, and what is measured: processor, kernel, compiler, versions, commit. Gives lines of a
//! table; what cannot be found out is said so.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde::Serialize;

/// A machine, and what was built for it.
#[derive(Clone, Debug, Serialize)]
pub struct Machine {
    /// What the processor calls itself.
    pub processor: String,
    /// Processors that may be used.
    pub processors: usize,
    /// The system's name, release and version.
    pub kernel: String,
    /// Where the stores and logs of the arms are.
    pub disk: String,
    /// The compiler.
    pub rustc: String,
    /// The version measured.
    pub version: String,
    /// The commit measured, and whether anything was changed since.
    pub commit: String,
    /// What was asked of the bench.
    pub command: String,
    /// The processors' load when the run began: what else was going on.
    pub load: String,
}

impl Machine {
    /// This one.
    pub fn look(root: &Path, command: String) -> Machine {
        let uname = rustix::system::uname();
        let text = |text: &std::ffi::CStr| text.to_string_lossy().into_owned();
        let changed = match said(root, "git", &["status", "--porcelain"]).as_deref() {
            Some("") | None => "",
            Some(_) => ", changed since",
        };
        let commit = said(root, "git", &["rev-parse", "--short=12", "HEAD"]);
        Machine {
            processor: processor(),
            processors: std::thread::available_parallelism().map_or(1, |count| count.get()),
            kernel: format!(
                "{} {} {}",
                text(uname.sysname()),
                text(uname.release()),
                text(uname.machine())
            ),
            disk: disk(root),
            rustc: known(said(root, "rustc", &["--version"])),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            commit: known(commit) + changed,
            command,
            load: known(fs::read_to_string("/proc/loadavg").ok())
                .split(' ')
                .take(3)
                .collect::<Vec<_>>()
                .join(" "),
        }
    }

    /// As the lines of a table.
    pub fn lines(&self) -> Vec<(&'static str, String)> {
        vec![
            ("command", format!("`{}`", self.command)),
            (
                "processor",
                format!("{}, {} of them", self.processor, self.processors),
            ),
            ("kernel", self.kernel.clone()),
            ("disk", self.disk.clone()),
            ("compiler", self.rustc.clone()),
            (
                "foreshore",
                format!("{}, commit {}", self.version, self.commit),
            ),
            ("load before", self.load.clone()),
        ]
    }
}

fn processor() -> String {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let of = |name: &str| {
        let line = text.lines().find(|line| line.starts_with(name))?;
        Some(line.split_once(':')?.1.trim().to_owned())
    };
    let family = ["cpu family", "model\t"].map(|name| known(of(name)));
    let [family, model] = family;
    format!(
        "{} (family {family}, model {model})",
        known(of("model name"))
    )
}

/// The file system of a folder, and the device under it.
fn disk(folder: &Path) -> String {
    let folder = folder.display().to_string();
    let found = said(
        Path::new("/"),
        "findmnt",
        &["-n", "-o", "FSTYPE,SOURCE", "-T", &folder],
    );
    known(found)
}

/// What a program says; none if it cannot be run or fails.
fn said(folder: &Path, program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}

fn known(found: Option<String>) -> String {
    found.unwrap_or_else(|| "not known".to_owned())
}
