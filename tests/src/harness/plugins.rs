//! The plugins of the examples and the test guests, built once per run as `cargo xtask plugins` builds them.
//! Gives their files; must not know what they do.

use std::path::PathBuf;
use std::sync::LazyLock;

use foreshore_guest_build::{Build, Built, build_plugin, plugin_crates};

use super::place::{root, target};

static PLUGINS: LazyLock<Vec<Built>> = LazyLock::new(|| {
    let crates = plugin_crates(root()).unwrap();
    let build = |folder| {
        let target = target().0;
        let build = Build {
            target: Some(&target),
            ..Build::of(folder)
        };
        build_plugin(&build).unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
    };
    crates.iter().map(|plugin| build(&plugin.folder)).collect()
});

/// The component of a plugin's crate.
pub fn component(name: &str) -> PathBuf {
    let built = PLUGINS.iter().find(|built| built.name == name);
    built
        .unwrap_or_else(|| panic!("no plugin crate is called {name}"))
        .path
        .clone()
}
