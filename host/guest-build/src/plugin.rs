//! The whole way from a crate's folder to a written component, one step after the other.
//! Takes a folder, gives the component's bytes and where they lie; must not know what a plugin does.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::compile::compile;
use crate::component::component_of;
use crate::crates::PluginCrate;
use crate::error::Error;
use crate::toolchain::Toolchain;

/// What to build, and how.
#[derive(Clone, Copy)]
pub struct Build<'a> {
    /// The folder of the plugin's crate.
    pub folder: &'a Path,
    /// Where the component goes; by default `<target>/plugins/<name>.wasm`.
    pub out: Option<&'a Path>,
    /// Where cargo puts what it builds; by default the target folder of the crate's workspace.
    pub target: Option<&'a Path>,
    /// Whether Cargo.lock must be used as it stands. Right for a crate whose lock file is under version
    /// control; wrong for a new crate, which has none yet.
    pub locked: bool,
    /// Whether cargo's own output goes to stderr as it comes, instead of into the error when it fails.
    pub verbose: bool,
    /// Told before anything slow or lasting happens, one sentence at a time.
    pub notice: &'a dyn Fn(&str),
}

impl<'a> Build<'a> {
    /// A quiet build of the crate in `folder`, everything else by default.
    pub fn of(folder: &'a Path) -> Self {
        Self {
            folder,
            out: None,
            target: None,
            locked: false,
            verbose: false,
            notice: &|_| {},
        }
    }
}

/// A built component.
#[derive(Debug, Clone)]
pub struct Built {
    /// Name of the plugin's crate.
    pub name: String,
    /// The component; its size is their number.
    pub component: Vec<u8>,
    /// Where it was written.
    pub path: PathBuf,
    /// How long all of it took.
    pub took: Duration,
}

/// Builds the plugin in a crate's folder and writes its component.
///
/// May install a target or packages when nothing on the machine compiles to WebAssembly, and tells
/// [`Build::notice`] before it does.
///
/// # Errors
/// Every [`Error`] says what was wrong and what to do; nothing is written then.
pub fn build_plugin(build: &Build) -> Result<Built, Error> {
    let started = Instant::now();
    let plugin = PluginCrate::read(build.folder)?;
    let target = build.target.unwrap_or(&plugin.target);
    let guests = target.join("guests");

    let toolchain = Toolchain::find(&plugin.folder, &guests, build.notice)?;
    (build.notice)(&format!("compiling {} with {toolchain}", plugin.name));
    let module = compile(&plugin, &toolchain, &guests, build)?;
    let module = fs::read(&module).map_err(|source| Error::Write {
        path: module,
        source,
    })?;
    let component = component_of(&module)?;

    let path = match build.out {
        Some(out) => out.to_path_buf(),
        None => target.join("plugins").join(format!("{}.wasm", plugin.name)),
    };
    write_whole(&path, &component)?;
    Ok(Built {
        name: plugin.name,
        component,
        path,
        took: started.elapsed(),
    })
}

/// Writes beside the path and renames, so that a node that loads the file never sees half of it.
fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let partial = path.with_extension("wasm.partial");
    let write = || {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&partial, bytes)?;
        fs::rename(&partial, path)
    };
    write().map_err(|source| Error::Write {
        path: path.to_path_buf(),
        source,
    })
}
