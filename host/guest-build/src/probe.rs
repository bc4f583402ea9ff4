//! What the machine has that could compile plugins: asks rustc, looks at files, changes nothing.
//! Takes a crate's folder (a toolchain can be chosen per folder), gives facts; must not decide anything.

use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use crate::choice::{Candidate, Facts, Library, Release};
use crate::command::{clean, run};
use crate::compile::TARGET;

/// Where distributions put their toolchain, whatever the user's own is.
const SYSTEM: &str = "/usr/bin";

/// Everything found on this machine, the user's own toolchain first.
pub(crate) fn facts(folder: &Path) -> Facts {
    let mut facts = Facts {
        rustup: on_path("rustup").is_some(),
        apt: on_path("apt-get").is_some(),
        ..Facts::default()
    };
    let own = on_path("rustc").zip(on_path("cargo"));
    let system = (
        Path::new(SYSTEM).join("rustc"),
        Path::new(SYSTEM).join("cargo"),
    );
    let system = Some(system)
        .filter(|pair| Some(pair) != own.as_ref() && pair.0.exists() && pair.1.exists());

    let mut found = Vec::new();
    for (rustc, cargo) in own.into_iter().chain(system) {
        match Answers::of(&rustc, folder) {
            Ok(answers) => found.push((rustc, cargo, answers)),
            Err(why) => facts
                .broken
                .push(format!("{} does not answer: {why}", rustc.display())),
        }
    }
    let own_linkers: Vec<PathBuf> = found
        .iter()
        .map(|(_, _, answers)| answers.own_linker())
        .collect();
    for ((rustc, cargo, answers), own_linker) in found.into_iter().zip(&own_linkers) {
        let linker = linker(own_linker, &own_linkers, answers.llvm);
        let library = answers.library();
        let Answers { release, llvm, .. } = answers;
        facts.candidates.push(Candidate {
            cargo,
            rustc,
            release,
            llvm,
            library,
            linker,
        });
    }
    facts
}

/// A linker for WebAssembly: the toolchain's own, one of its LLVM version, another toolchain's, any.
fn linker(own: &Path, others: &[PathBuf], llvm: Option<u32>) -> Option<PathBuf> {
    let versioned = llvm
        .into_iter()
        .flat_map(|llvm| [format!("lld-{llvm}"), format!("wasm-ld-{llvm}")]);
    Some(own.to_path_buf())
        .into_iter()
        .chain(versioned.filter_map(|name| on_path(&name)))
        .chain(others.iter().cloned())
        .chain(
            ["rust-lld", "wasm-ld", "lld"]
                .into_iter()
                .filter_map(on_path),
        )
        .find(|linker| linker.exists())
}

/// The program of that name that a shell would run.
pub(crate) fn on_path(name: &str) -> Option<PathBuf> {
    in_folders(
        &format!("{name}{}", env::consts::EXE_SUFFIX),
        &env::var_os("PATH").unwrap_or_default(),
    )
}

fn in_folders(name: &str, folders: &OsStr) -> Option<PathBuf> {
    env::split_paths(folders)
        .map(|folder| folder.join(name))
        .find(|program| program.is_file())
}

/// What a rustc says about itself.
#[derive(Debug, PartialEq, Eq)]
struct Answers {
    release: Release,
    llvm: Option<u32>,
    host: String,
    sysroot: PathBuf,
    /// Where the compiled library would be, whether it is there or not.
    target_libraries: PathBuf,
}

impl Answers {
    fn of(rustc: &Path, folder: &Path) -> Result<Self, String> {
        let ask = |arguments: &[&str]| {
            let output =
                run(clean(rustc, folder).args(arguments)).map_err(|error| error.to_string())?;
            let said = String::from_utf8_lossy(&output.stdout).into_owned();
            let complained = || String::from_utf8_lossy(&output.stderr).trim().to_owned();
            if output.status.success() {
                Ok(said)
            } else {
                Err(complained())
            }
        };
        let version = ask(&["-vV"])?;
        let places = ask(&[
            "--print",
            "sysroot",
            "--print",
            "target-libdir",
            "--target",
            TARGET,
        ])?;
        Self::read(&version, &places).ok_or_else(|| format!("it says `{}`", version.trim()))
    }

    fn read(version: &str, places: &str) -> Option<Self> {
        let value = |name: &str| {
            version
                .lines()
                .find_map(|line| line.strip_prefix(name))
                .map(str::trim)
        };
        let mut release = value("release:")?.split('.').map(|part| part.parse().ok());
        let mut places = places.lines().map(PathBuf::from);
        Some(Self {
            release: (release.next()??, release.next()??),
            llvm: value("LLVM version:").and_then(|llvm| llvm.split('.').next()?.parse().ok()),
            host: value("host:")?.to_owned(),
            sysroot: places.next()?,
            target_libraries: places.next()?,
        })
    }

    fn library(&self) -> Library {
        let is_std = |name: &OsStr| {
            name.to_str()
                .is_some_and(|name| name.starts_with("libstd-"))
        };
        let compiled = self.target_libraries.read_dir().is_ok_and(|mut entries| {
            entries.any(|entry| entry.is_ok_and(|entry| is_std(&entry.file_name())))
        });
        if compiled {
            Library::Compiled
        } else if self
            .sysroot
            .join("lib/rustlib/src/rust/library/std/Cargo.toml")
            .is_file()
        {
            Library::Sources
        } else {
            Library::Absent
        }
    }

    fn own_linker(&self) -> PathBuf {
        let name = format!("rust-lld{}", env::consts::EXE_SUFFIX);
        self.sysroot
            .join("lib/rustlib")
            .join(&self.host)
            .join("bin")
            .join(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answers_of_rustc_are_read() {
        let version = "rustc 1.96.0 (ac68faa20 2026-05-25)\nbinary: rustc\nhost: x86_64-unknown-linux-gnu\n\
                       release: 1.96.0\nLLVM version: 22.1.8\n";
        let answers = Answers::read(
            version,
            "/usr\n/usr/lib/rustlib/wasm32-unknown-unknown/lib\n",
        )
        .unwrap();
        assert_eq!(answers.release, (1, 96));
        assert_eq!(answers.llvm, Some(22));
        assert_eq!(
            answers.own_linker(),
            Path::new("/usr/lib/rustlib/x86_64-unknown-linux-gnu/bin/rust-lld")
        );
    }

    #[test]
    fn a_nightly_counts_by_its_release() {
        let answers = Answers::read("host: x\nrelease: 1.97.0-nightly\n", "/a\n/b\n").unwrap();
        assert_eq!((answers.release, answers.llvm), ((1, 97), None));
    }

    #[test]
    fn what_is_no_rustc_gives_no_answers() {
        assert_eq!(Answers::read("wrapper 3", "/a\n/b\n"), None);
        assert_eq!(Answers::read("host: x\nrelease: 1.97.0\n", ""), None);
    }

    #[test]
    fn a_program_is_found_in_the_first_folder_that_has_it() {
        let folders = env::join_paths(["/no-such-folder", "/bin", "/usr/bin"]).unwrap();
        assert_eq!(in_folders("sh", &folders), Some("/bin/sh".into()));
        assert_eq!(in_folders("no-such-program-here", &folders), None);
    }
}
