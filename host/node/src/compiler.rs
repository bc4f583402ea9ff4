//! What compiles components here: this very program, started once more. Gives the command; what is done in it
//! is the plugin crate's.

use std::env;
use std::path::{Path, PathBuf};

use foreshore_plugin::Compiler;

/// The command by which the program becomes the compiler.
pub const COMMAND: &str = "compile-plugin";

/// Where Linux keeps the program that runs, even when its file has been replaced by another version since.
const RUNNING: &str = "/proc/self/exe";

/// What tells its allocator to ask the system for memory when it is needed. It would reserve a GiB before the
/// process's address space is bounded, and go on within it as if there were no bound.
const UNRESERVED: (&str, &str) = ("MIMALLOC_ARENA_RESERVE", "0");

/// This program as a compiler.
pub fn own() -> Compiler {
    let running = Path::new(RUNNING);
    let program = if running.exists() {
        running.to_owned()
    } else {
        // One that cannot be found is told as what could not be started.
        env::current_exe().unwrap_or_else(|_| PathBuf::from(RUNNING))
    };
    let (name, value) = UNRESERVED;
    Compiler::Process {
        program,
        arguments: vec![COMMAND.into()],
        environment: vec![(name.into(), value.into())],
    }
}
