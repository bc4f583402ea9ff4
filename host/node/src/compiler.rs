//! What compiles components here: this very program, started once more. Gives the command; what is done in it
//! is the plugin crate's.

use std::env;
use std::path::{Path, PathBuf};

use foreshore_plugin::Compiler;

use crate::allocator;

/// The command by which the program becomes the compiler.
pub const COMMAND: &str = "compile-plugin";

/// Where Linux keeps the program that runs, even when its file has been replaced by another version since.
const RUNNING: &str = "/proc/self/exe";

/// This program as a compiler.
pub fn own() -> Compiler {
    let running = Path::new(RUNNING);
    let program = if running.exists() {
        running.to_owned()
    } else {
        // One that cannot be found is told as what could not be started.
        env::current_exe().unwrap_or_else(|_| PathBuf::from(RUNNING))
    };
    let (name, value) = allocator::FOR_BOUNDED;
    Compiler::Process {
        program,
        arguments: vec![COMMAND.into()],
        environment: vec![(name.into(), value.into())],
    }
}
