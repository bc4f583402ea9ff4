//! The compiling process from inside: takes its limits upon itself, then reads a component from standard input
//! and writes native code to standard output. A byte before that says what follows. Must not know who asked.

use std::io::{self, Read, Write};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use wasmtime::OutOfMemory;

use crate::compiler::CompileError;
use crate::compiler::order::Order;
use crate::compiler::pieces::in_pieces;
use crate::engine::compiling;

/// What follows is native code.
pub(super) const CODE: u8 = b'c';

/// What follows is why there is none.
pub(super) const REFUSED: u8 = b'r';

/// There was not memory enough.
pub(super) const MEMORY: u8 = b'm';

/// The arguments are no order, or it cannot be kept to.
#[derive(Debug, thiserror::Error)]
pub enum NotAnOrder {
    /// Nobody but the node should start this.
    #[error("{0:?} is no order to compile; the node gives such orders itself")]
    Arguments(Vec<String>),
    /// The system refuses a limit.
    #[error("limit {0}: {1}")]
    Limit(&'static str, io::Error),
    /// Standard input or output is gone.
    #[error("pass a component through: {0}")]
    Pipe(#[from] io::Error),
}

/// Compiles one component, as the arguments say, from standard input to standard output.
///
/// # Errors
/// When there is no order, or nobody to take the answer.
pub fn obey(arguments: &[String]) -> Result<(), NotAnOrder> {
    let order = Order::read(arguments).ok_or_else(|| NotAnOrder::Arguments(arguments.to_vec()))?;
    confine(&order)?;
    let mut bytes = Vec::new();
    io::stdin().lock().read_to_end(&mut bytes)?;
    let (said, what) = match native_code(&order, &bytes) {
        Ok(code) => (CODE, code),
        Err(CompileError::Refused(why)) => (REFUSED, why.into_bytes()),
        Err(_) => (MEMORY, Vec::new()),
    };
    let mut stdout = io::stdout().lock();
    stdout.write_all(&[said])?;
    stdout.write_all(&what)?;
    Ok(stdout.flush()?)
}

/// From here on this process can neither take more than was ordered, nor leave anything behind.
fn confine(order: &Order) -> Result<(), NotAnOrder> {
    let seconds = order.seconds();
    let bounds = [
        ("core dumps", Resource::Core, 0, 0),
        ("the size of files", Resource::Fsize, 0, 0),
        // At the first it is told so, and ended; the second is for one that does not listen.
        ("processor time", Resource::Cpu, seconds, seconds + 1),
        (
            "memory",
            Resource::As,
            order.memory_bytes as u64,
            order.memory_bytes as u64,
        ),
    ];
    for (what, resource, current, maximum) in bounds {
        // Where the system allows even less, that holds.
        let most = getrlimit(resource).maximum.unwrap_or(u64::MAX);
        let bound = Rlimit {
            current: Some(current.min(most)),
            maximum: Some(maximum.min(most)),
        };
        setrlimit(resource, bound).map_err(|error| NotAnOrder::Limit(what, error.into()))?;
    }
    Ok(())
}

/// Compiles a component, wherever this is. Names no limit: only its own process has any.
pub(super) fn native_code(order: &Order, bytes: &[u8]) -> Result<Vec<u8>, CompileError> {
    let mut config = compiling(order.memories);
    // One thread: its time is the process's, and its stack is the only one.
    config.parallel_compilation(false);
    let compiled = in_pieces(bytes)
        .map_err(wasmtime::Error::new)
        .and_then(|bytes| wasmtime::Engine::new(&config)?.precompile_component(&bytes));
    compiled.map_err(|error| {
        if error.is::<OutOfMemory>() {
            CompileError::Memory(order.memory_bytes)
        } else {
            CompileError::Refused(format!("{error:#}"))
        }
    })
}
