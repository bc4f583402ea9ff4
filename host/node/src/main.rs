//! The `foreshore` binary: hands over to the command line.

use std::process::ExitCode;

fn main() -> ExitCode {
    foreshore::command_line::run()
}
