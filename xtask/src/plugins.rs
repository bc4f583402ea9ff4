//! Builds every plugin of the workspace to target/plugins, in the same way as `foreshore build`.
//! Takes nothing, gives what was built; must not know any plugin by name.

use anyhow::{Context, Result};
use foreshore_guest_build::{Build, Built, build_plugin, plugin_crates};

use crate::root;

/// Builds the plugins of the workspace, by name.
pub(crate) fn build_plugins() -> Result<Vec<Built>> {
    let mut plugins = Vec::new();
    for plugin in plugin_crates(root())? {
        let notice = |sentence: &str| eprintln!("{sentence}");
        let build = Build {
            locked: true,
            notice: &notice,
            ..Build::of(&plugin.folder)
        };
        let built =
            build_plugin(&build).with_context(|| format!("build the plugin {}", plugin.name))?;
        let kilobytes = built.component.len().div_ceil(1024);
        eprintln!(
            "{}: {kilobytes} kB in {:.1} s",
            built.path.display(),
            built.took.as_secs_f64()
        );
        plugins.push(built);
    }
    Ok(plugins)
}
