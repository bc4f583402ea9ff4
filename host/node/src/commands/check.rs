//! `foreshore check`: a component against its contract and a trace. Knows the command line and the files; what
//! is checked is in `check`.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, bail};
use foreshore_plugin::{Isolation, Limits, SandboxSettings};
use serde::de::value::{Error as ValueError, StrDeserializer};
use serde::de::{DeserializeOwned, IntoDeserializer as _};

use crate::check::{self, Component};
use crate::commands::log;
use crate::config::values::{Bytes, Length};

/// Check a component: description, limits, a trace, purity.
#[derive(clap::Args)]
pub struct Args {
    /// The component
    #[arg(value_name = "PLUGIN.wasm")]
    component: PathBuf,
    /// Events (feature plugins) or inputs (models), one JSON object a line, with what is expected
    #[arg(long, value_name = "FILE")]
    trace: Option<PathBuf>,
    /// Print the report as JSON on standard output
    #[arg(long)]
    json: bool,
    /// Memory of one instance, like 64MiB
    #[arg(long, value_name = "BYTES", value_parser = parse::<Bytes>)]
    memory: Option<Bytes>,
    /// Largest state of one timeline, like 64KiB
    #[arg(long, value_name = "BYTES", value_parser = parse::<Bytes>)]
    state: Option<Bytes>,
    /// Largest component, like 4MiB
    #[arg(long, value_name = "BYTES", value_parser = parse::<Bytes>)]
    component_max: Option<Bytes>,
    /// Time of one call, like 5ms
    #[arg(long, value_name = "TIME", value_parser = parse::<Length>)]
    call_time: Option<Length>,
    /// Time added for each row of a call, like 20us
    #[arg(long, value_name = "TIME", value_parser = parse::<Length>)]
    row_time: Option<Length>,
}

/// Loads, checks, reports; an error when anything is not as it should be.
pub fn run(args: Args) -> anyhow::Result<()> {
    let file = args.component.display();
    let limits = limits(&args);
    let bytes = fs::read(&args.component)
        .with_context(|| format!("read {file}; `foreshore build` writes components"))?;
    let component = Component::load(&bytes, &limits).with_context(|| file.to_string())?;
    // Every call is repeated here anyway.
    let settings = SandboxSettings {
        limits,
        isolation: Isolation::Warm,
        purity_every: 0,
    };
    let report = check::check(component, args.trace.as_deref(), &settings)?;
    if args.json {
        log::give(&report.json().to_string())?;
    } else {
        log::say(format!("{file}\n{report}").trim_end());
    }
    match report.findings() {
        0 => Ok(()),
        1 => bail!("{file}: 1 thing is not as it should be"),
        count => bail!("{file}: {count} things are not as they should be"),
    }
}

fn limits(args: &Args) -> Limits {
    let default = Limits::default();
    Limits {
        memory_bytes: args.memory.map_or(default.memory_bytes, |bytes| bytes.0),
        call_time: args.call_time.map_or(default.call_time, Length::duration),
        row_time: args.row_time.map_or(default.row_time, Length::duration),
        state_bytes: args.state.map_or(default.state_bytes, |bytes| bytes.0),
        component_bytes: args
            .component_max
            .map_or(default.component_bytes, |bytes| bytes.0),
        ..default
    }
}

/// A value written as in a configuration file.
fn parse<T: DeserializeOwned>(text: &str) -> Result<T, ValueError> {
    let text: StrDeserializer<'_, ValueError> = text.into_deserializer();
    T::deserialize(text)
}
