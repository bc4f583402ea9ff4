//! `foreshore token`: a token for someone. Shows it once, and writes what the tokens file keeps of it; must not
//! leave it anywhere else.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use foreshore_event::Time;

use crate::access::Scope;
use crate::access::file::{text, understand};
use crate::access::token::{Digest, Token};
use crate::commands::log;
use crate::config::ConfigError;

/// Make a token for someone.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Make a token: shown once, to be kept by its holder; the node keeps its digest
    New(New),
}

/// Whose it is, and what it is good for.
#[derive(clap::Args)]
struct New {
    /// Whose it is: letters, digits, - and _
    #[arg(long, value_name = "NAME")]
    name: String,
    /// What it may do; give it once for each
    #[arg(long = "scope", value_name = "SCOPE", required = true)]
    scopes: Vec<Scope>,
    /// A pipeline it may do that to; without any, all
    #[arg(long = "pipeline", value_name = "NAME")]
    pipelines: Vec<String>,
    /// A source it speaks for, or how sources begin and a *; without any, all
    #[arg(long = "source", value_name = "SOURCE")]
    sources: Vec<String>,
    /// When it ends, in RFC 3339; without it, never
    #[arg(long, value_name = "TIME")]
    expires: Option<Time>,
    /// Add the entry to this tokens file, instead of showing it; the file is made if it is not there
    #[arg(long, value_name = "FILE")]
    append: Option<PathBuf>,
}

/// Makes a token.
pub fn run(args: Args) -> anyhow::Result<()> {
    let Command::New(new) = args.command;
    let token = Token::random().context("ask the system for randomness")?;
    let entry = new.entry(&Digest::of(token.text().as_bytes()))?;
    match &new.append {
        Some(file) => append(file, &entry)?,
        // What the file would say is checked the same way.
        None => drop(understand(Path::new("entry"), &entry, None)?),
    }
    log::give(token.text())?;
    match &new.append {
        Some(file) => log::say(&format!(
            "`{}` stands in {} now; the line above is its token, and is shown this once",
            new.name,
            file.display()
        )),
        None => log::give(&format!("\n{entry}"))?,
    }
    Ok(())
}

impl New {
    /// What the tokens file keeps.
    fn entry(&self, digest: &Digest) -> anyhow::Result<String> {
        let mut written = toml::Table::new();
        let list = |texts: &[String]| {
            texts
                .iter()
                .cloned()
                .map(toml::Value::from)
                .collect::<Vec<_>>()
        };
        let scopes: Vec<String> = self
            .scopes
            .iter()
            .map(|scope| scope.name().to_owned())
            .collect();
        written.insert("tokens".into(), vec![digest.to_string()].into());
        written.insert("scopes".into(), list(&scopes).into());
        for (key, texts) in [("pipelines", &self.pipelines), ("sources", &self.sources)] {
            if !texts.is_empty() {
                written.insert(key.into(), list(texts).into());
            }
        }
        if let Some(expires) = self.expires {
            written.insert("expires".into(), expires.to_string().into());
        }
        let identity = toml::Table::from_iter([(self.name.clone(), written.into())]);
        let identities = toml::Table::from_iter([("identities".to_owned(), identity.into())]);
        toml::to_string(&identities).context("write the entry")
    }
}

/// Adds an entry to a file, in one go: a node that watches it never meets a part.
fn append(file: &Path, entry: &str) -> anyhow::Result<()> {
    let before = match text(file) {
        Err(ConfigError::Unreadable { source, .. }) if source.kind() == ErrorKind::NotFound => {
            String::new()
        }
        read => read?,
    };
    if !before.is_empty() {
        understand(file, &before, None)?;
    }
    let gap = if before.is_empty() || before.ends_with("\n\n") {
        ""
    } else {
        "\n"
    };
    let end = if before.is_empty() || before.ends_with('\n') {
        ""
    } else {
        "\n"
    };
    let after = format!("{before}{end}{gap}{entry}");
    understand(file, &after, None)?;
    let mut beside = file.as_os_str().to_owned();
    beside.push(".new");
    let beside = PathBuf::from(beside);
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(0o600);
    let made = match options.open(&beside) {
        // It is another run's, at work or cut off: not ours to remove.
        Err(error) if error.kind() == ErrorKind::AlreadyExists => bail!(
            "{} is there already: another run is at work, or was cut off; remove it if none is",
            beside.display()
        ),
        made => made.with_context(|| format!("write {}", beside.display()))?,
    };
    let replaced = replace(file, made, &beside, &after);
    if replaced.is_err() {
        drop(fs::remove_file(&beside));
    }
    replaced.with_context(|| format!("replace {}", file.display()))
}

/// Puts a file that was just made, with this text, in the place of another, with that one's permissions.
fn replace(file: &Path, mut made: File, beside: &Path, text: &str) -> io::Result<()> {
    if let Ok(known) = fs::metadata(file) {
        made.set_permissions(known.permissions())?;
    }
    made.write_all(text.as_bytes())?;
    made.sync_all()?;
    fs::rename(beside, file)
}
