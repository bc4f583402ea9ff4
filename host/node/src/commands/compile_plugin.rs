//! `foreshore compile-plugin`: the process in which a component is compiled. Hidden: commands that load
//! components start it. Knows nothing of the order it passes on.

use foreshore_plugin::compiler;

/// Compile one component from standard input, within limits.
#[derive(clap::Args)]
pub struct Args {
    /// What is to be compiled for, and what it may cost
    order: Vec<String>,
}

/// Becomes the compiler.
pub fn run(args: Args) -> anyhow::Result<()> {
    Ok(compiler::obey(&args.order)?)
}
