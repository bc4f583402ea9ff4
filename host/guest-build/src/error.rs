//! What can go wrong between a crate and its component, worded for the one who has to put it right.
//! Takes facts from the steps, gives sentences; must not know how a step works.

use std::io;
use std::path::PathBuf;

/// Why a plugin could not be built.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A program that must be there could not be run at all.
    #[error("run `{program}`: {source}; is it installed and on the PATH?")]
    Run {
        /// The program's name or path.
        program: String,
        /// What the operating system said.
        source: io::Error,
    },

    /// Nothing on this machine compiles to WebAssembly, and nothing could be installed that does.
    #[error(
        "no toolchain here compiles to wasm32-unknown-unknown (Rust {needed} or newer is needed).\n\
         {}\
         To get one, run `rustup target add wasm32-unknown-unknown`; without rustup, install your \
         distribution's rustc, cargo, the sources of its standard library and lld \
         (Debian 12: `apt-get install rustc-web cargo-web rust-web-src lld-22`; \
         newer Debian and Ubuntu: `apt-get install rustc cargo rust-src lld`). Then try again.",
        lines(.tried)
    )]
    NoToolchain {
        /// The oldest Rust that can build plugins, as `major.minor`.
        needed: String,
        /// What was found or tried, and why it did not do; one line each.
        tried: Vec<String>,
    },

    /// The folder holds no crate that cargo understands.
    #[error("read the crate in {}: {said}", .folder.display())]
    Manifest {
        /// The folder that was asked for.
        folder: PathBuf,
        /// What is wrong with it, in cargo's words where it is cargo that objects.
        said: String,
    },

    /// The crate is an ordinary one: it would compile to no WebAssembly module.
    #[error(
        "crate `{name}` is not a plugin: it builds no cdylib; add `crate-type = [\"cdylib\", \"rlib\"]` under \
         `[lib]` in {}",
        .manifest.display()
    )]
    NotAPlugin {
        /// The crate's name.
        name: String,
        /// Its Cargo.toml.
        manifest: PathBuf,
    },

    /// The compiler refused the crate.
    #[error("compile `{name}` to WebAssembly: cargo failed\n{output}")]
    Compile {
        /// The crate's name.
        name: String,
        /// What cargo and the compiler wrote; empty where it was streamed.
        output: String,
    },

    /// The compiled module is not WebAssembly, or not in a form a component can be made of.
    #[error("make a component of the compiled module: {0}")]
    Component(String),

    /// The compiled module exports no world, so nothing could call it.
    #[error(
        "the compiled module says nothing of a plugin world; does the crate's lib.rs export its plugin \
         (`export_features!` or `export_model!` of foreshore_guest)?"
    )]
    NoWorld,

    /// The compiled module wants something from its host, which a pure fold has no right to.
    #[error(
        "the compiled module imports {}, but a plugin has no imports: no clock, no randomness, no files. \
         The usual cause is a dependency that asks for the time or for random numbers (getrandom, \
         wasm-bindgen, js-sys, a `wasi` target); `cargo tree --target wasm32-unknown-unknown` shows who \
         brings it in",
        .imports.join(", ")
    )]
    Imports {
        /// The imports, each as `module::name`.
        imports: Vec<String>,
    },

    /// The component or a note about the toolchain could not be written or read back.
    #[error("write {}: {source}", .path.display())]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
}

fn lines(tried: &[String]) -> String {
    tried.iter().map(|line| format!("  - {line}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_toolchain_lists_what_was_tried_and_says_what_to_do() {
        let error = Error::NoToolchain {
            needed: "1.95".into(),
            tried: vec!["rustup: no network".into()],
        };
        let text = error.to_string();
        assert!(text.contains("  - rustup: no network\n"), "{text}");
        assert!(
            text.contains("rustup target add wasm32-unknown-unknown"),
            "{text}"
        );
        assert!(text.contains("Rust 1.95 or newer"), "{text}");
    }

    #[test]
    fn imports_are_named_with_their_usual_cause() {
        let text = Error::Imports {
            imports: vec!["wasi_snapshot_preview1::clock_time_get".into()],
        }
        .to_string();
        assert!(
            text.contains("imports wasi_snapshot_preview1::clock_time_get, but"),
            "{text}"
        );
        assert!(text.contains("getrandom"), "{text}");
    }
}
