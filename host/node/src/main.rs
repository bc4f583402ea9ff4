//! The `foreshore` binary: hands over to the command line. All its memory is asked of mimalloc: an answer takes some
//! thirty allocations of many sizes on several threads (docs/PERFORMANCE.md says what that saves).

use std::process::ExitCode;

use mimalloc::MiMalloc;

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    foreshore::command_line::run()
}
