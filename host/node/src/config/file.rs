//! The configuration file as a whole: reading it, and what to say when a key or a value is wrong: which
//! file and line, what was found, and the nearest key that exists.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use foreshore_event::nearest;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::config::access::AccessConfig;
use crate::config::pipeline::PipelineConfig;
use crate::config::server::{ServerConfig, StoreConfig};

/// The file, table by table.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Ports and limits.
    #[serde(default)]
    pub server: ServerConfig,
    /// Folders.
    #[serde(default)]
    pub store: StoreConfig,
    /// Who may do what; none: whoever reaches a port may do all it serves.
    pub access: Option<AccessConfig>,
    /// Pipelines, by name.
    pub pipelines: BTreeMap<String, PipelineConfig>,
}

/// Why a configuration cannot be used. Ends the program with exit code 64.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("read the configuration {}: {source}", file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The file is not what it should be.
    #[error("{}:{line}: {reason}", file.display())]
    Malformed {
        /// The file.
        file: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong there.
        reason: String,
    },
    /// What it says does not hold together.
    #[error("{}: {key}: {reason}", file.display())]
    Wrong {
        /// The file.
        file: PathBuf,
        /// The key at fault.
        key: String,
        /// What is wrong with it.
        reason: String,
    },
}

/// Reads and parses a configuration file.
///
/// # Errors
/// When it cannot be read, is not TOML, or has a key or a value that does not belong there.
pub fn read(file: &Path) -> Result<Config, ConfigError> {
    let unreadable = |source| ConfigError::Unreadable {
        file: file.to_owned(),
        source,
    };
    parse(file, &fs::read_to_string(file).map_err(unreadable)?)
}

/// Parses the text of a configuration file; the file is named in errors and not looked at.
///
/// # Errors
/// When it is not TOML, or has a key or a value that does not belong there.
pub fn parse(file: &Path, text: &str) -> Result<Config, ConfigError> {
    let config: Config = parse_as(file, text)?;
    match config.server.fault() {
        None => Ok(config),
        Some((key, reason)) => Err(ConfigError::Wrong {
            file: file.to_owned(),
            key: format!("server.{key}"),
            reason,
        }),
    }
}

/// Parses the text of any file of ours.
pub(crate) fn parse_as<T: DeserializeOwned>(file: &Path, text: &str) -> Result<T, ConfigError> {
    toml::from_str(text).map_err(|error| {
        let start = error.span().map_or(0, |span| span.start);
        let line = text
            .get(..start)
            .map_or(1, |before| before.matches('\n').count() + 1);
        let reason = with_nearest(error.message());
        ConfigError::Malformed {
            file: file.to_owned(),
            line,
            reason,
        }
    })
}

/// Adds the nearest valid name to serde's list of them: "unknown field `a`, expected one of `b`, `c`".
fn with_nearest(message: &str) -> String {
    let mut quoted = message.split('`').skip(1).step_by(2);
    let unknown = message.starts_with("unknown field") || message.starts_with("unknown variant");
    let message = message.replacen("unknown field", "unknown key", 1);
    match quoted
        .next()
        .filter(|_| unknown)
        .and_then(|found| nearest(found, quoted))
    {
        Some(near) => format!("{message}; did you mean `{near}`?"),
        None => message,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"
        [pipelines.p]
        scored = ["paid"]
        [pipelines.p.fields.amount]
        kind = "number"
        [pipelines.p.models.m]
        file = "m.wasm"
        [pipelines.p.decide]
        fallback = "review"
    "#;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let error = parse(Path::new("node.toml"), text).unwrap_err().to_string();
        assert!(
            error.contains(expected),
            "found:    {error}\nexpected: {expected}"
        );
    }

    #[test]
    fn a_short_file_is_enough() {
        let config = parse(Path::new("node.toml"), GOOD).unwrap();
        assert_eq!(config.server.data.port(), 8080);
        assert_eq!(
            config.pipelines["p"].limits.deadline.duration().as_millis(),
            50
        );
    }

    #[test]
    fn a_wrong_key_is_named_with_its_line_and_the_nearest_one() {
        check(&GOOD.replace("scored", "scorred"), "node.toml:3: ");
        check(
            &format!("[server]\nadmim = \"127.0.0.1:1\"\n{GOOD}"),
            "node.toml:2: unknown key `admim`, expected one of",
        );
        check(
            &format!("[server]\nadmim = \"127.0.0.1:1\"\n{GOOD}"),
            "did you mean `admin`?",
        );
        check(
            &GOOD.replace("\"number\"", "\"numbr\""),
            "did you mean `number`?",
        );
    }

    #[test]
    fn a_wrong_value_is_named_with_what_would_be_right() {
        check(
            &format!("[server]\nbody_bytes_max = \"4MB\"\n{GOOD}"),
            "not a number of bytes: `4MB`",
        );
        check(
            &format!("[server]\ndrain_time = \"soon\"\n{GOOD}"),
            "not a duration: `soon`",
        );
        check(
            &format!("[server]\nrequests_max = 0\n{GOOD}"),
            "node.toml: server.requests_max: 0 would take nothing at all",
        );
        check(
            &format!("[server]\nidle_time = \"0s\"\n{GOOD}"),
            "server.idle_time: 0 would take nothing",
        );
        check(
            &format!("[server]\nheaders_max = 200\n{GOOD}"),
            "server.headers_max: 200 is above 100",
        );
        check(
            &format!("[server]\nheader_bytes_max = \"8KiB\"\n{GOOD}"),
            "server.header_bytes_max: the head holds the path",
        );
        check(
            &format!("[server]\nsource_rate = -1\n{GOOD}"),
            "node.toml:2: invalid value: integer `-1`",
        );
        check(&format!("{GOOD}\nreview = \"high\""), "expected f64");
        check("pipelines = [", "node.toml:1: ");
        check("", "missing field `pipelines`");
    }

    #[test]
    fn a_missing_file_is_named() {
        let error = read(Path::new("/nowhere/node.toml"))
            .unwrap_err()
            .to_string();
        assert!(
            error.starts_with("read the configuration /nowhere/node.toml: "),
            "{error}"
        );
    }
}
