//! The compiling process from outside: started with an environment of its own, fed a component, ended when it is late.
//! Takes what it wrote and how it ended; gives code or the reason. Must not know how it compiles.

use std::io::{self, Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Child, ChildStderr, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use rustix::process::Signal;

use crate::compiler::CompileError;
use crate::compiler::inside::{CODE, MEMORY, REFUSED};
use crate::compiler::order::Order;

/// How much longer than its processor time it may take: it shares the machine with others.
const WAIT_PER_TIME: u32 = 6;

/// Most that is read of what it complains about.
const COMPLAINT_BYTES_MAX: u64 = 4 << 10;

/// What Rust's runtime says before it ends a process that is out of memory.
const OUT_OF_MEMORY: &str = "memory allocation of";

/// What a process wrote.
struct Written {
    stdout: Vec<u8>,
    complaint: String,
}

/// Compiles a component in the process of this command.
pub(super) fn compile(
    mut command: Command,
    order: &Order,
    bytes: &[u8],
) -> Result<Vec<u8>, CompileError> {
    let program = PathBuf::from(command.get_program());
    let failed = |source| CompileError::Start {
        program: program.clone(),
        source,
    };
    let mut child = command
        .args(order.arguments())
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(failed)?;
    let written = converse(&mut child, order, bytes);
    // Whatever came of it, no process stays behind. One that has ended cannot be ended again, which is as well.
    drop(child.kill());
    let status = child.wait().map_err(failed)?;
    match written.map_err(failed)? {
        Some(written) => answer(order, status, written),
        None => Err(CompileError::Wait(wait(order))),
    }
}

fn wait(order: &Order) -> Duration {
    order.time.saturating_mul(WAIT_PER_TIME)
}

/// Gives it the component and takes what it writes, at once: one that says something before it has read all must not
/// wait for us. None if it is not done in time.
fn converse(child: &mut Child, order: &Order, bytes: &[u8]) -> io::Result<Option<Written>> {
    let (Some(mut stdin), Some(stdout), Some(stderr)) =
        (child.stdin.take(), child.stdout.take(), child.stderr.take())
    else {
        return Err(io::Error::other("it has no standard streams"));
    };
    let (sender, receiver) = mpsc::sync_channel(1);
    let named = || thread::Builder::new().name("plugin-compiler".to_owned());
    thread::scope(|scope| {
        named().spawn_scoped(scope, move || {
            // One that does not listen says why in other ways.
            drop(stdin.write_all(bytes));
        })?;
        named().spawn_scoped(scope, move || {
            // Nobody waits any more for one that is late.
            drop(sender.send(listen(stdout, stderr, order)));
        })?;
        let written = receiver.recv_timeout(wait(order)).ok();
        if written.is_none() {
            // Its pipes close with it, and so the conversation ends too.
            drop(child.kill());
        }
        Ok(written)
    })
}

fn listen(stdout: ChildStdout, stderr: ChildStderr, order: &Order) -> Written {
    let (mut written, mut complaint) = (Vec::new(), Vec::new());
    drop(
        stdout
            .take(order.memory_bytes as u64)
            .read_to_end(&mut written),
    );
    drop(stderr.take(COMPLAINT_BYTES_MAX).read_to_end(&mut complaint));
    Written {
        stdout: written,
        complaint: String::from_utf8_lossy(&complaint).into_owned(),
    }
}

/// What its end and its words amount to.
fn answer(order: &Order, status: ExitStatus, written: Written) -> Result<Vec<u8>, CompileError> {
    let Written {
        mut stdout,
        complaint,
    } = written;
    if status.success() && !stdout.is_empty() {
        match stdout.remove(0) {
            CODE => return Ok(stdout),
            REFUSED => {
                let why = String::from_utf8_lossy(&stdout).into_owned();
                return Err(CompileError::Refused(why));
            }
            MEMORY => return Err(CompileError::Memory(order.memory_bytes)),
            _ => {}
        }
    }
    if status.signal() == Some(Signal::XCPU.as_raw()) {
        return Err(CompileError::Time(Duration::from_secs(order.seconds())));
    }
    if complaint.contains(OUT_OF_MEMORY) {
        return Err(CompileError::Memory(order.memory_bytes));
    }
    let last = complaint.trim_end().lines().next_back().unwrap_or_default();
    Err(CompileError::Crashed(format!("{status}: {last}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compiler::Compiler;
    use crate::compiler::order::Memories;

    fn compiled_by(program: &str, arguments: &[&str]) -> String {
        let order = Order {
            memories: Memories::Reserved,
            time: Duration::from_millis(200),
            memory_bytes: 1 << 20,
        };
        let compiler = Compiler::Process {
            program: program.into(),
            arguments: arguments.iter().map(Into::into).collect(),
            environment: vec![("GIVEN".into(), "this".into())],
        };
        let compiled = compiler.compile(&order, &[0; 1 << 20]);
        compiled.unwrap_err().to_string()
    }

    #[test]
    fn a_compiler_that_never_ends_is_ended() {
        // The order's arguments are the script's own, and mean nothing to it.
        let message = compiled_by("/bin/sh", &["-c", "exec sleep 600"]);
        assert!(
            message.starts_with("it was not done within 1.2s; "),
            "{message}"
        );
    }

    #[test]
    fn a_compiler_that_writes_without_end_is_ended() {
        let message = compiled_by("/bin/sh", &["-c", "exec yes"]);
        assert!(
            message.starts_with("the compiler ended with signal: "),
            "{message}"
        );
    }

    #[test]
    fn how_a_compiler_ends_is_told_by_what_it_was() {
        let cases = [
            (
                "exit 3",
                "the compiler ended with exit status: 3: ; this is a defect",
            ),
            (
                "echo one >&2; echo two >&2; exit 1",
                "the compiler ended with exit status: 1: two; ",
            ),
            ("printf x", "the compiler ended with exit status: 0: ; "),
            (
                "kill -SEGV $$",
                "the compiler ended with signal: 11 (SIGSEGV)",
            ),
            ("kill -XCPU $$", "it needs more than 1s of processor time; "),
            ("printf rno", "no; declare less memory"),
            ("printf m", "it needs more than 1048576 bytes of memory; "),
            (
                "echo memory allocation of 9 bytes failed >&2; kill -ABRT $$",
                "it needs more than 1048576 bytes",
            ),
        ];
        for (script, start) in cases {
            let message = compiled_by("/bin/sh", &["-c", script]);
            assert!(message.starts_with(start), "{script}: {message}");
        }
    }

    #[test]
    fn a_compiler_that_is_not_there_is_named() {
        let message = compiled_by("/nowhere/foreshore", &[]);
        assert!(
            message.starts_with("start the compiler /nowhere/foreshore: No such file"),
            "{message}"
        );
    }

    #[test]
    fn its_environment_is_what_it_is_given_and_nothing_else() {
        let message = compiled_by("/bin/sh", &["-c", "printf r; exec env"]);
        assert!(message.contains("GIVEN=this"), "{message}");
        assert!(!message.contains("CARGO"), "{message}");
    }
}
