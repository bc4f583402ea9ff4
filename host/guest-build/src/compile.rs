//! Compiles one crate to a core WebAssembly module with cargo, the same way whatever the caller's environment
//! and the author's Cargo.toml. Takes a crate and a toolchain, gives the module's path; must not know
//! components.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Deserialize;

use crate::command::{clean, run};
use crate::crates::PluginCrate;
use crate::error::Error;
use crate::plugin::Build;
use crate::toolchain::Toolchain;

/// The target of every plugin: WebAssembly without a system underneath.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

/// An author's Cargo.toml needs no profile: small and fast modules, a panic as a plain trap, and the names of
/// functions kept, so that a trap says where it was.
const PROFILE: [&str; 6] = [
    "profile.release.opt-level=3",
    "profile.release.lto=true",
    "profile.release.codegen-units=1",
    "profile.release.panic=\"abort\"",
    "profile.release.debug=false",
    "profile.release.strip=\"debuginfo\"",
];

/// Compiles the crate below `guests` and gives the module that came out.
pub(crate) fn compile(
    plugin: &PluginCrate,
    toolchain: &Toolchain,
    guests: &Path,
    build: &Build,
) -> Result<PathBuf, Error> {
    let mut cargo = command(plugin, toolchain, guests, build);
    let output = run(&mut cargo)?;
    let failed = |output: String| Error::Compile {
        name: plugin.name.clone(),
        output,
    };
    if !output.status.success() {
        return Err(failed(
            String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        ));
    }
    module_of(plugin, &String::from_utf8_lossy(&output.stdout))
        .ok_or_else(|| failed("it succeeded, but named no .wasm file".to_owned()))
}

fn command(plugin: &PluginCrate, toolchain: &Toolchain, guests: &Path, build: &Build) -> Command {
    let mut cargo = clean(&toolchain.cargo, &plugin.folder);
    cargo.args([
        "build",
        "--lib",
        "--release",
        "--target",
        TARGET,
        "--message-format",
        "json-render-diagnostics",
    ]);
    cargo
        .arg("--manifest-path")
        .arg(&plugin.manifest)
        .arg("--target-dir")
        .arg(guests);
    cargo.args(PROFILE.iter().flat_map(|setting| ["--config", setting]));
    cargo.env("RUSTC", &toolchain.rustc);
    if let Some(linker) = &toolchain.linker {
        cargo.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker);
    }
    if toolchain.from_sources {
        cargo
            .arg("-Zbuild-std=std,panic_abort")
            .env("RUSTC_BOOTSTRAP", "1");
    }
    if build.locked {
        cargo.arg("--locked");
    }
    if build.verbose {
        cargo.stderr(Stdio::inherit());
    } else {
        cargo.arg("--quiet");
    }
    cargo
}

/// One line of cargo's report, as far as it matters here.
#[derive(Deserialize)]
struct Message {
    reason: String,
    #[serde(default)]
    manifest_path: PathBuf,
    #[serde(default)]
    filenames: Vec<PathBuf>,
}

/// The module among the files that cargo says it made of the crate.
fn module_of(plugin: &PluginCrate, report: &str) -> Option<PathBuf> {
    let messages = report
        .lines()
        .filter_map(|line| serde_json::from_str::<Message>(line).ok());
    messages
        .filter(|message| {
            message.reason == "compiler-artifact" && message.manifest_path == plugin.manifest
        })
        .flat_map(|message| message.filenames)
        .find(|file| {
            file.extension()
                .is_some_and(|extension| extension == "wasm")
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plugin() -> PluginCrate {
        PluginCrate {
            name: "risk".into(),
            folder: "/work/risk".into(),
            manifest: "/work/risk/Cargo.toml".into(),
            target: "/work/target".into(),
        }
    }

    #[test]
    fn the_module_is_the_crate_s_own_wasm_file() {
        let report = r#"{"reason":"compiler-artifact","manifest_path":"/dependency/Cargo.toml","filenames":["/t/dependency.wasm"]}
{"reason":"build-script-executed","package_id":"x"}
{"reason":"compiler-artifact","manifest_path":"/work/risk/Cargo.toml","filenames":["/t/librisk.rlib","/t/risk.wasm"]}
{"reason":"build-finished","success":true}"#;
        assert_eq!(module_of(&plugin(), report), Some("/t/risk.wasm".into()));
        assert_eq!(module_of(&plugin(), "not json"), None);
    }

    #[test]
    fn a_toolchain_from_source_compiles_the_standard_library_along() {
        let toolchain = Toolchain {
            cargo: "/usr/bin/cargo".into(),
            rustc: "/usr/bin/rustc".into(),
            release: (1, 96),
            from_sources: true,
            linker: Some("/opt/rust-lld".into()),
        };
        let command = command(
            &plugin(),
            &toolchain,
            Path::new("/t"),
            &Build::of(Path::new("/work/risk")),
        );
        let arguments: Vec<_> = command
            .get_args()
            .map(|argument| argument.to_string_lossy().into_owned())
            .collect();
        assert!(
            arguments.contains(&"-Zbuild-std=std,panic_abort".to_owned()),
            "{arguments:?}"
        );
        let variables: Vec<_> = command
            .get_envs()
            .filter_map(|(name, value)| name.to_str().zip(value?.to_str()))
            .collect();
        assert!(
            variables.contains(&("RUSTC_BOOTSTRAP", "1")),
            "{variables:?}"
        );
        assert!(
            variables.contains(&(
                "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER",
                "/opt/rust-lld"
            )),
            "{variables:?}"
        );
    }
}
