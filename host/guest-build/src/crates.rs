//! Which crates are plugins and where cargo puts what it builds, as `cargo metadata` tells it.
//! Takes a folder, gives plain facts; must not know how anything is compiled.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::command::{cargo_here, run};
use crate::error::Error;

/// A crate that builds to a plugin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PluginCrate {
    /// The package's name.
    pub name: String,
    /// Its folder, absolute.
    pub folder: PathBuf,
    /// Its Cargo.toml, absolute.
    pub manifest: PathBuf,
    /// The target folder of the workspace it belongs to, absolute.
    pub target: PathBuf,
}

impl PluginCrate {
    /// Reads the crate whose Cargo.toml lies in `folder`.
    ///
    /// # Errors
    /// [`Error::Manifest`] when there is no crate or cargo rejects it, [`Error::NotAPlugin`] when it builds
    /// no cdylib.
    pub fn read(folder: &Path) -> Result<Self, Error> {
        let (folder, metadata) = metadata(folder)?;
        let manifest = folder.join("Cargo.toml");
        let package = metadata
            .packages
            .iter()
            .find(|package| package.manifest_path == manifest);
        let Some(package) = package else {
            let plugins: Vec<&str> = metadata
                .packages
                .iter()
                .filter(|package| package.is_plugin())
                .map(|package| package.name.as_str())
                .collect();
            let said = format!(
                "it is a workspace, not a crate; its plugins are: {}",
                plugins.join(", ")
            );
            return Err(Error::Manifest { folder, said });
        };
        if !package.is_plugin() {
            return Err(Error::NotAPlugin {
                name: package.name.clone(),
                manifest,
            });
        }
        Ok(package.plugin(&metadata.target_directory))
    }
}

/// The plugin crates of the workspace in `folder`, by name.
///
/// # Errors
/// [`Error::Manifest`] when there is no workspace or cargo rejects it.
pub fn plugin_crates(folder: &Path) -> Result<Vec<PluginCrate>, Error> {
    let (_, metadata) = metadata(folder)?;
    let plugins = metadata
        .packages
        .iter()
        .filter(|package| package.is_plugin());
    let mut plugins: Vec<PluginCrate> = plugins
        .map(|package| package.plugin(&metadata.target_directory))
        .collect();
    plugins.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(plugins)
}

fn metadata(folder: &Path) -> Result<(PathBuf, Metadata), Error> {
    let refuse = |said: String| Error::Manifest {
        folder: folder.to_path_buf(),
        said,
    };
    let absolute = folder
        .canonicalize()
        .map_err(|error| refuse(error.to_string()))?;
    let manifest = absolute.join("Cargo.toml");
    if !manifest.is_file() {
        return Err(refuse(
            "there is no Cargo.toml; give the folder of a plugin's crate, or make one with \
             `foreshore new features NAME` or `foreshore new model NAME`"
                .into(),
        ));
    }
    let mut cargo = cargo_here(&absolute);
    cargo
        .args([
            "metadata",
            "--no-deps",
            "--format-version",
            "1",
            "--manifest-path",
        ])
        .arg(&manifest);
    let output = run(&mut cargo)?;
    if !output.status.success() {
        return Err(refuse(
            String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        ));
    }
    let metadata =
        serde_json::from_slice(&output.stdout).map_err(|error| refuse(error.to_string()))?;
    Ok((absolute, metadata))
}

/// The part of cargo's answer that matters here.
#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    target_directory: PathBuf,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    manifest_path: PathBuf,
    targets: Vec<Target>,
}

#[derive(Deserialize)]
struct Target {
    crate_types: Vec<String>,
}

impl Package {
    fn is_plugin(&self) -> bool {
        self.targets
            .iter()
            .any(|target| target.crate_types.iter().any(|kind| kind == "cdylib"))
    }

    fn plugin(&self, target: &Path) -> PluginCrate {
        PluginCrate {
            name: self.name.clone(),
            folder: self
                .manifest_path
                .parent()
                .unwrap_or(Path::new("/"))
                .to_path_buf(),
            manifest: self.manifest_path.clone(),
            target: target.to_path_buf(),
        }
    }
}
