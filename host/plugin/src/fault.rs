//! What went wrong in a call, and whose doing it is. Takes the runtime's error and the limits the call ran
//! under; gives the fault that timelines understand. Must not know what was called.

use std::time::Duration;

use foreshore_timeline::Fault;
use wasmtime::{PoolConcurrencyLimitError, Trap, WasmBacktrace};

use crate::compiler::is_done_in_pieces;

/// Longest reason told, in characters: a message, not a dump.
const REASON_CHARS_MAX: usize = 300;

/// Functions named of a trap's place.
const FRAMES_TOLD: usize = 3;

/// Which clock a call runs against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Clock {
    /// The call's own limit.
    Call {
        /// All of it, of which a part may have been used up.
        limit: Duration,
    },
    /// What is left of the request it is part of.
    Request,
}

/// What a call may use.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Allowance {
    /// Time until it is stopped.
    pub(crate) time: Duration,
    /// Where that time comes from.
    pub(crate) clock: Clock,
    /// Bytes it may return.
    pub(crate) bytes: usize,
}

/// The fault an error amounts to.
///
/// Running over a limit of time or memory says nothing about the rows, so it is never a trap: timelines
/// skip an event that traps, and must not skip one that a larger limit would have folded.
pub(crate) fn fault(
    error: &wasmtime::Error,
    allowance: &Allowance,
    memory_denied: Option<usize>,
) -> Fault {
    let trap = error.downcast_ref::<Trap>();
    if trap == Some(&Trap::Interrupt) {
        return Fault::Timeout(overtime(allowance));
    }
    if let Some(bytes) = memory_denied {
        return Fault::Timeout(format!(
            "asked for {bytes} bytes of memory, more than its limit"
        ));
    }
    if error.is::<PoolConcurrencyLimitError>() {
        return Fault::Open("every instance slot of the engine is taken".to_owned());
    }
    let reason = match trap {
        Some(trap) => trap.to_string(),
        None => error.root_cause().to_string(),
    };
    let reason = reason.strip_prefix("wasm trap: ").unwrap_or(&reason);
    let place = error.downcast_ref().map(place).unwrap_or_default();
    Fault::Trap(
        format!("{reason}{place}")
            .chars()
            .take(REASON_CHARS_MAX)
            .collect(),
    )
}

/// What to say of a call that ran, or would have run, over its time.
pub(crate) fn overtime(allowance: &Allowance) -> String {
    let time = allowance.time;
    match allowance.clock {
        Clock::Call { limit } => format!("ran over the call's limit of {limit:?}"),
        Clock::Request if time.is_zero() => "the request's deadline is over".to_owned(),
        Clock::Request => format!("ran over what was left of the request's time, {time:?}"),
    }
}

/// The innermost functions of the plugin, innermost first: ` in a < b < c`.
fn place(backtrace: &WasmBacktrace) -> String {
    let frames = backtrace.frames().iter();
    let names: Vec<String> = frames
        .map(|frame| match frame.func_name() {
            Some(name) => format!("{:#}", rustc_demangle::demangle(name)),
            None => format!("function {}", frame.func_index()),
        })
        .collect();
    let own = names.iter().position(|name| !is_between(name));
    let names: Vec<&str> = names
        .iter()
        .skip(own.unwrap_or(0))
        .map(String::as_str)
        .take(FRAMES_TOLD)
        .collect();
    if names.is_empty() {
        return String::new();
    }
    format!(" in {}", names.join(" < "))
}

/// Whether a function stands between the trap and the line that it comes from: a language's own, or ours.
fn is_between(name: &str) -> bool {
    let parts = ["core::", "std::", "alloc::", "rust_", "__rust", "abort"];
    let name = name.trim_start_matches('<');
    parts.iter().any(|part| name.starts_with(part)) || is_done_in_pieces(name)
}
