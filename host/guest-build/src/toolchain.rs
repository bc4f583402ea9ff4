//! The toolchain that compiles plugins: looks, decides, installs and looks again until one does or nothing is
//! left to try. Takes a crate's folder, gives a toolchain; must not know what is compiled with it.

use std::path::{Path, PathBuf};
use std::{fmt, fs};

use crate::choice::{Candidate, Facts, Library, Release, Step, Tried, next_step, objections};
use crate::error::Error;
use crate::{install, probe};

/// The file in the folder of built guests that remembers that rustup had no target for a toolchain.
const REFUSED: &str = "rustup-had-no-target";

/// A cargo and rustc that compile to wasm32-unknown-unknown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Toolchain {
    pub(crate) cargo: PathBuf,
    pub(crate) rustc: PathBuf,
    pub(crate) release: Release,
    /// Whether the standard library is compiled from its sources, along with the first plugin.
    pub(crate) from_sources: bool,
    pub(crate) linker: Option<PathBuf>,
}

impl Toolchain {
    /// Finds the toolchain for the crate in `folder`: the user's own, after `rustup target add` where that
    /// is missing, or the distribution's with library sources, installed when that is allowed. `guests` is
    /// where plugins are compiled; it keeps what would be slow to find out again.
    ///
    /// # Errors
    /// [`Error::NoToolchain`] says what was found and tried, and what to install.
    pub fn find(folder: &Path, guests: &Path, notice: &dyn Fn(&str)) -> Result<Self, Error> {
        let needed = oldest_release();
        let mut tried = Tried::default();
        loop {
            let mut facts = probe::facts(folder);
            facts.rustup_refused = refused_to(&facts, guests);
            let outcome = match next_step(&facts, &tried, needed) {
                Step::Use(candidate) => return Ok(candidate.into()),
                Step::AddTarget => {
                    tried.target = true;
                    install::add_target(folder, notice)
                        .inspect_err(|_| remember_refusal(&facts, guests))
                }
                Step::InstallLinker(llvm) => {
                    tried.linker = true;
                    install::linker(llvm, notice)
                }
                Step::InstallToolchain => {
                    tried.packages = true;
                    install::toolchain(notice)
                }
                Step::GiveUp => {
                    tried.notes.splice(0..0, objections(&facts, needed));
                    let needed = format!("{}.{}", needed.0, needed.1);
                    return Err(Error::NoToolchain {
                        needed,
                        tried: tried.notes,
                    });
                }
            };
            if let Err(why) = outcome {
                notice(&format!("that did not work: {why}"));
                tried.notes.push(why);
            }
        }
    }
}

impl From<&Candidate> for Toolchain {
    fn from(candidate: &Candidate) -> Self {
        Self {
            cargo: candidate.cargo.clone(),
            rustc: candidate.rustc.clone(),
            release: candidate.release,
            from_sources: candidate.library == Library::Sources,
            linker: candidate.linker.clone(),
        }
    }
}

impl fmt::Display for Toolchain {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "Rust {}.{} ({})",
            self.release.0,
            self.release.1,
            self.rustc.display()
        )?;
        if self.from_sources {
            write!(
                formatter,
                " and its standard library from source: a minute more the first time"
            )?;
        }
        Ok(())
    }
}

/// The SDK's own bound: an older compiler would refuse it with a longer message.
fn oldest_release() -> Release {
    let mut parts = env!("CARGO_PKG_RUST_VERSION")
        .split('.')
        .map_while(|part| part.parse().ok());
    (parts.next().unwrap_or(1), parts.next().unwrap_or(0))
}

fn refused_to(facts: &Facts, guests: &Path) -> bool {
    fs::read_to_string(guests.join(REFUSED)).is_ok_and(|refused| refused == own_toolchain(facts))
}

/// Best effort: without the note, the next run merely asks again.
fn remember_refusal(facts: &Facts, guests: &Path) {
    let _ = fs::create_dir_all(guests)
        .and_then(|()| fs::write(guests.join(REFUSED), own_toolchain(facts)));
}

/// Names the user's own toolchain, so that a note about it lapses when another takes its place.
fn own_toolchain(facts: &Facts) -> String {
    facts
        .candidates
        .first()
        .map(|own| {
            format!(
                "{} {}.{}\n",
                own.rustc.display(),
                own.release.0,
                own.release.1
            )
        })
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_release_is_the_workspace_s() {
        assert!(oldest_release() >= (1, 95), "{:?}", oldest_release());
    }

    #[test]
    fn a_toolchain_from_source_says_that_it_takes_longer() {
        let toolchain = Toolchain {
            cargo: "/usr/bin/cargo".into(),
            rustc: "/usr/bin/rustc".into(),
            release: (1, 96),
            from_sources: true,
            linker: None,
        };
        let text = toolchain.to_string();
        assert!(
            text.starts_with("Rust 1.96 (/usr/bin/rustc) and its standard library from source"),
            "{text}"
        );
    }
}
