//! Components to native code. Takes a valid component and what compiling it may cost; gives the code, or why
//! there is none. Compilers are slower than linear in what they are given, and their authors do not call that
//! a fault, so it is done in a process of its own. Must not know whose command line starts that process.

/// What is ordered of the process, as its command line says it.
mod order;

/// The process from outside: fed, watched, ended.
mod process;

/// The process from inside.
mod inside;

/// Bulk instructions in pieces.
mod pieces;

use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

pub use inside::{NotAnOrder, obey};
pub(crate) use order::{Memories, Order};
pub(crate) use pieces::is_done_in_pieces;

/// What makes components into native code.
#[derive(Clone, Debug)]
pub enum Compiler {
    /// A program that passes the rest of its arguments to [`obey`], run once per component.
    Process {
        /// The program.
        program: PathBuf,
        /// Its first arguments.
        arguments: Vec<OsString>,
        /// Its whole environment: nothing of this process's comes with it.
        environment: Vec<(OsString, OsString)>,
    },
    /// This very process, without limits: for tests and benches, which bring their own components.
    Here,
}

/// Why a component was not compiled.
#[derive(Debug, thiserror::Error)]
pub enum CompileError {
    /// It asks for more than any plugin may have.
    #[error("{0}; declare less memory, fewer tables or fewer modules")]
    Refused(String),
    /// It took too much processor time.
    #[error(
        "it needs more than {0:?} of processor time; split its largest functions, or raise `compile_time`"
    )]
    Time(Duration),
    /// It took too long, most of it waiting.
    #[error(
        "it was not done within {0:?}; try again when the machine is less busy, or raise `compile_time`"
    )]
    Wait(Duration),
    /// It took too much memory.
    #[error(
        "it needs more than {0} bytes of memory; split its largest functions, or raise `compile_memory`"
    )]
    Memory(usize),
    /// The compiler itself failed.
    #[error(
        "the compiler ended with {0}; this is a defect of foreshore: please report it, with the component"
    )]
    Crashed(String),
    /// There is no compiler.
    #[error("start the compiler {}: {source}; the node must be able to run its own program", program.display())]
    Start {
        /// The program.
        program: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

impl Compiler {
    /// Compiles a component.
    pub(crate) fn compile(&self, order: &Order, bytes: &[u8]) -> Result<Vec<u8>, CompileError> {
        match self {
            Compiler::Process {
                program,
                arguments,
                environment,
            } => {
                let mut command = Command::new(program);
                command.args(arguments).env_clear();
                command.envs(environment.iter().map(|(name, value)| (name, value)));
                process::compile(command, order, bytes)
            }
            Compiler::Here => inside::native_code(order, bytes),
        }
    }
}
