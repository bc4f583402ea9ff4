//! What to do next on the way to a toolchain: a pure decision over what was found on the machine and what has
//! been tried already. Must not run, read or write anything.

use std::path::PathBuf;

/// A version of Rust, as far as it matters: major and minor.
pub(crate) type Release = (u32, u32);

/// A rustc and cargo found on the machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Candidate {
    pub(crate) cargo: PathBuf,
    pub(crate) rustc: PathBuf,
    pub(crate) release: Release,
    /// The major version of its LLVM: a linker of the same version understands everything it emits.
    pub(crate) llvm: Option<u32>,
    pub(crate) library: Library,
    /// A linker for WebAssembly that it can use.
    pub(crate) linker: Option<PathBuf>,
}

/// In what form a candidate has the standard library for WebAssembly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Library {
    /// Compiled, as `rustup target add` brings it.
    Compiled,
    /// As sources, to be compiled along with the first plugin.
    Sources,
    /// Not at all.
    Absent,
}

/// What was found on the machine.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    /// The user's own toolchain first.
    pub(crate) candidates: Vec<Candidate>,
    /// Toolchains that are there but do not answer, with the reason.
    pub(crate) broken: Vec<String>,
    /// Whether rustup could add a target to the user's own toolchain.
    pub(crate) rustup: bool,
    /// Whether an earlier run asked rustup for the target, for the same toolchain, and got none.
    pub(crate) rustup_refused: bool,
    /// Whether packages could be installed.
    pub(crate) apt: bool,
}

/// What has been tried in this run. Nothing is tried twice, so the search ends.
#[derive(Debug, Default)]
pub(crate) struct Tried {
    pub(crate) target: bool,
    pub(crate) linker: bool,
    pub(crate) packages: bool,
    /// Why what was tried did not do, for the final advice.
    pub(crate) notes: Vec<String>,
}

/// The next step towards a toolchain.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Step<'a> {
    /// This one builds plugins.
    Use(&'a Candidate),
    /// Ask rustup for the target.
    AddTarget,
    /// Install a linker of this LLVM version; everything else is there.
    InstallLinker(u32),
    /// Install the distribution's toolchain with library sources.
    InstallToolchain,
    /// Nothing is left to try.
    GiveUp,
}

/// Decides the next step. A compiled library is preferred to its sources (the first build is a minute faster),
/// and what touches only the user's own toolchain to what touches the system.
pub(crate) fn next_step<'a>(facts: &'a Facts, tried: &Tried, needed: Release) -> Step<'a> {
    let with = |library| {
        facts
            .candidates
            .iter()
            .filter(move |candidate| candidate.release >= needed && candidate.library == library)
    };
    if let Some(ready) = with(Library::Compiled).find(|candidate| candidate.linker.is_some()) {
        return Step::Use(ready);
    }
    let from_sources = with(Library::Sources).find(|candidate| candidate.linker.is_some());
    let refused = facts.rustup_refused && from_sources.is_some();
    if facts.rustup && !tried.target && !refused {
        return Step::AddTarget;
    }
    if let Some(candidate) = from_sources {
        return Step::Use(candidate);
    }
    if facts.apt && !tried.linker {
        let mut unlinked = with(Library::Compiled).chain(with(Library::Sources));
        if let Some(llvm) = unlinked.find_map(|candidate| candidate.llvm) {
            return Step::InstallLinker(llvm);
        }
    }
    if facts.apt && !tried.packages {
        Step::InstallToolchain
    } else {
        Step::GiveUp
    }
}

/// Why each candidate does not do, one sentence each.
pub(crate) fn objections(facts: &Facts, needed: Release) -> Vec<String> {
    let objection = |candidate: &Candidate| {
        let (major, minor) = candidate.release;
        let rustc = format!("{} is Rust {major}.{minor}", candidate.rustc.display());
        match candidate.library {
            _ if candidate.release < needed => format!("{rustc}, which is too old"),
            Library::Absent => format!("{rustc}, without the target and without library sources"),
            Library::Compiled | Library::Sources => {
                format!("{rustc}, without a linker for WebAssembly")
            }
        }
    };
    facts
        .broken
        .iter()
        .cloned()
        .chain(facts.candidates.iter().map(objection))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEEDED: Release = (1, 95);

    fn candidate(release: Release, library: Library, linker: bool) -> Candidate {
        Candidate {
            cargo: "/bin/cargo".into(),
            rustc: "/bin/rustc".into(),
            release,
            llvm: Some(22),
            library,
            linker: linker.then(|| "/bin/rust-lld".into()),
        }
    }

    fn facts<const N: usize>(rustup: bool, candidates: [Candidate; N]) -> Facts {
        Facts {
            candidates: candidates.to_vec(),
            rustup,
            apt: true,
            ..Facts::default()
        }
    }

    #[test]
    fn a_compiled_library_is_used_at_once() {
        let own = candidate(NEEDED, Library::Compiled, true);
        let facts = facts(true, [own.clone()]);
        assert_eq!(
            next_step(&facts, &Tried::default(), NEEDED),
            Step::Use(&own)
        );
    }

    #[test]
    fn rustup_is_asked_before_sources_are_compiled() {
        let system = candidate((1, 96), Library::Sources, true);
        let facts = facts(
            true,
            [candidate(NEEDED, Library::Absent, true), system.clone()],
        );
        assert_eq!(
            next_step(&facts, &Tried::default(), NEEDED),
            Step::AddTarget
        );
        let tried = Tried {
            target: true,
            ..Tried::default()
        };
        assert_eq!(next_step(&facts, &tried, NEEDED), Step::Use(&system));
    }

    #[test]
    fn a_refusal_of_rustup_is_remembered_while_there_is_another_way() {
        let own = candidate(NEEDED, Library::Absent, true);
        let system = candidate((1, 96), Library::Sources, true);
        let with_system = Facts {
            rustup_refused: true,
            ..facts(true, [own.clone(), system.clone()])
        };
        assert_eq!(
            next_step(&with_system, &Tried::default(), NEEDED),
            Step::Use(&system)
        );
        let alone = Facts {
            rustup_refused: true,
            ..facts(true, [own])
        };
        assert_eq!(
            next_step(&alone, &Tried::default(), NEEDED),
            Step::AddTarget
        );
    }

    #[test]
    fn a_toolchain_that_lacks_only_a_linker_gets_one_of_its_llvm() {
        let facts = facts(false, [candidate((1, 96), Library::Sources, false)]);
        assert_eq!(
            next_step(&facts, &Tried::default(), NEEDED),
            Step::InstallLinker(22)
        );
    }

    #[test]
    fn without_any_toolchain_packages_are_installed_once() {
        let facts = facts(false, []);
        assert_eq!(
            next_step(&facts, &Tried::default(), NEEDED),
            Step::InstallToolchain
        );
        let tried = Tried {
            packages: true,
            ..Tried::default()
        };
        assert_eq!(next_step(&facts, &tried, NEEDED), Step::GiveUp);
    }

    #[test]
    fn a_toolchain_that_is_too_old_is_passed_over_and_named() {
        let facts = Facts {
            apt: false,
            ..facts(false, [candidate((1, 85), Library::Compiled, true)])
        };
        assert_eq!(next_step(&facts, &Tried::default(), NEEDED), Step::GiveUp);
        assert_eq!(
            objections(&facts, NEEDED),
            ["/bin/rustc is Rust 1.85, which is too old"]
        );
    }

    #[test]
    fn every_machine_comes_to_an_end() {
        for (rustup, apt, refused) in [true, false]
            .into_iter()
            .flat_map(|a| [(a, true, true), (a, true, false), (a, false, false)])
        {
            let facts = Facts {
                candidates: vec![
                    candidate(NEEDED, Library::Absent, false),
                    candidate(NEEDED, Library::Sources, false),
                ],
                broken: Vec::new(),
                rustup,
                rustup_refused: refused,
                apt,
            };
            let mut tried = Tried::default();
            let mut steps = 0;
            loop {
                match next_step(&facts, &tried, NEEDED) {
                    Step::AddTarget => tried.target = true,
                    Step::InstallLinker(_) => tried.linker = true,
                    Step::InstallToolchain => tried.packages = true,
                    Step::Use(_) | Step::GiveUp => break,
                }
                steps += 1;
                assert!(
                    steps <= 3,
                    "rustup {rustup}, apt {apt}: the same step twice"
                );
            }
        }
    }
}
