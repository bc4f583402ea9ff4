//! `foreshore new`: a plugin's crate to start from, with a test, a trace, and a pipeline to try it in. Knows
//! the command line and writes files; what is in them is the scaffold's business.

mod scaffold;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

use crate::commands::log;

/// The SDK of the checkout this program was built from.
const SDK_OF_CHECKOUT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../guest-sdk");

/// Longest name of a crate, in bytes: what registries take.
const NAME_BYTES_MAX: usize = 64;

/// Start a plugin: a crate that builds, with a passing test and a trace.
#[derive(clap::Args)]
pub struct Args {
    /// What the plugin does
    #[arg(value_enum)]
    kind: Kind,
    /// Name of the crate, like card-spending
    #[arg(value_name = "NAME")]
    name: String,
    /// Folder of the crate; it must not hold anything yet [default: NAME]
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
    /// Folder of the SDK, foreshore-guest [default: that of the checkout this program was built from, else the
    /// published one of the same version]
    #[arg(long, value_name = "DIR")]
    sdk: Option<PathBuf>,
}

/// The kinds of plugin.
#[derive(Clone, Copy, clap::ValueEnum)]
enum Kind {
    /// It yields features of a key's events; a small model comes with it
    Features,
    /// It makes a score of numbers
    Model,
}

/// Writes the crate and says what to do next.
pub fn run(args: Args) -> anyhow::Result<()> {
    let Args {
        kind,
        name,
        folder,
        sdk,
    } = args;
    check_name(&name)?;
    let folder = folder.unwrap_or_else(|| PathBuf::from(&name));
    check_free(&folder)?;
    let sdk = sdk_dependency(sdk.as_deref())?;
    let files = match kind {
        Kind::Features => scaffold::features(&name, &sdk),
        Kind::Model => scaffold::model(&name, &sdk),
    };
    for (path, text) in files {
        write(&folder.join(path), &text)?;
    }
    log::say(&next(&name, &folder.display().to_string()));
    Ok(())
}

fn check_name(name: &str) -> anyhow::Result<()> {
    let good = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let kebab = name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(good)
        && !name.ends_with('-')
        && !name.contains("--");
    if !kebab || name.len() > NAME_BYTES_MAX {
        bail!(
            "`{name}` is not a crate's name here; use at most {NAME_BYTES_MAX} lower case letters, digits and \
             single hyphens, starting with a letter, like card-spending"
        );
    }
    Ok(())
}

fn check_free(folder: &Path) -> anyhow::Result<()> {
    let taken = match fs::read_dir(folder) {
        Ok(mut entries) => entries.next().is_some(),
        Err(_) => folder.exists(),
    };
    if taken {
        bail!(
            "{} is not empty; choose another name, or another place with --folder",
            folder.display()
        );
    }
    Ok(())
}

/// The dependency on the SDK, as TOML.
fn sdk_dependency(chosen: Option<&Path>) -> anyhow::Result<String> {
    let of_checkout = Some(Path::new(SDK_OF_CHECKOUT)).filter(|sdk| sdk.exists());
    let Some(sdk) = chosen.or(of_checkout) else {
        return Ok(format!("\"{}\"", env!("CARGO_PKG_VERSION")));
    };
    let manifest = sdk.join("Cargo.toml");
    let is_sdk =
        fs::read_to_string(&manifest).is_ok_and(|text| text.contains("\"foreshore-guest\""));
    if !is_sdk {
        bail!(
            "{} is not the SDK: it has no Cargo.toml of foreshore-guest",
            sdk.display()
        );
    }
    let sdk = sdk
        .canonicalize()
        .with_context(|| format!("read {}", sdk.display()))?;
    let path = toml::Value::from(sdk.to_string_lossy().into_owned());
    Ok(format!("{{ path = {path} }}"))
}

fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    let parent = path.parent().map_or(Ok(()), fs::create_dir_all);
    parent
        .and_then(|()| fs::write(path, text))
        .with_context(|| format!("write {}", path.display()))
}

fn next(name: &str, folder: &str) -> String {
    format!(
        "{name} is in {folder}; next:\n\
         \x20 foreshore build {folder}\n\
         \x20 foreshore check {folder}/target/plugins/{name}.wasm --trace {folder}/trace.jsonl\n\
         \x20 foreshore serve --config {folder}/node.toml\n\
         \x20 curl http://127.0.0.1:8080/v1/pipelines/first/score -H 'content-type: application/json' \
         -d @{folder}/event.json"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_none_is_refused_with_what_would_be_one() {
        for bad in [
            "",
            "Card",
            "9lives",
            "card_spending",
            "card-",
            "a--b",
            &"a".repeat(65),
        ] {
            let error = check_name(bad).unwrap_err().to_string();
            assert!(
                error.starts_with(&format!("`{bad}` is not a crate's name here; use")),
                "{error}"
            );
        }
        for good in ["card-spending", "a1"] {
            check_name(good).unwrap();
        }
    }

    #[test]
    fn a_folder_that_holds_something_is_left_alone() {
        let error = check_free(Path::new(env!("CARGO_MANIFEST_DIR")))
            .unwrap_err()
            .to_string();
        assert!(
            error.ends_with("is not empty; choose another name, or another place with --folder")
        );
        check_free(Path::new("/nowhere/at/all")).unwrap();
    }

    #[test]
    fn a_folder_without_the_sdk_is_refused() {
        let error = sdk_dependency(Some(Path::new("/nowhere")))
            .unwrap_err()
            .to_string();
        assert_eq!(
            error,
            "/nowhere is not the SDK: it has no Cargo.toml of foreshore-guest"
        );
        assert!(sdk_dependency(None).unwrap().starts_with("{ path = \""));
    }
}
