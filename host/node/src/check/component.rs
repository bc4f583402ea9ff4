//! A file loaded as a plugin, whichever kind it is: checked against its world, compiled, described. What it
//! says of itself is for others to show.

use anyhow::Context as _;
use foreshore_plugin::{
    Digest, Engine, EngineSettings, FeaturePlugin, Limits, LoadError, ModelPlugin, World, inspect,
};

use crate::compiler;

/// Instances alive at once: a warm one, one for a single call, and one being described.
const INSTANCES: u32 = 4;

/// A loaded component.
pub struct Component {
    /// Its size.
    pub bytes: usize,
    /// The plugin it holds.
    pub plugin: Plugin,
}

/// A plugin of either kind.
pub enum Plugin {
    /// It yields features.
    Features(FeaturePlugin),
    /// It scores.
    Model(ModelPlugin),
}

impl Component {
    /// Loads a component.
    ///
    /// # Errors
    /// When it fits neither world, cannot be compiled, or describes itself wrongly.
    pub fn load(bytes: &[u8], limits: &Limits) -> anyhow::Result<Component> {
        let world = inspect(bytes).map_err(LoadError::from)?;
        let engine = Engine::new(EngineSettings {
            cache: None,
            instances: INSTANCES,
            compiler: compiler::own(),
        })
        .context("start the plugin engine")?;
        let plugin = match world {
            World::Feature => Plugin::Features(FeaturePlugin::load(&engine, bytes, limits)?),
            World::Model => Plugin::Model(ModelPlugin::load(&engine, bytes, limits)?),
        };
        Ok(Component {
            bytes: bytes.len(),
            plugin,
        })
    }

    /// The world it fits.
    pub fn world(&self) -> &'static str {
        match self.plugin {
            Plugin::Features(_) => "feature-plugin",
            Plugin::Model(_) => "model-plugin",
        }
    }

    /// Digest of its bytes.
    pub fn digest(&self) -> &Digest {
        match &self.plugin {
            Plugin::Features(plugin) => plugin.digest(),
            Plugin::Model(plugin) => plugin.digest(),
        }
    }
}
