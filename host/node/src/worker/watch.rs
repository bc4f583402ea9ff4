//! Says in the log when a plugin is left alone, and why, and when it is back. Looks at the breakers now and
//! then; changes nothing.

use foreshore_core::{Core, Part};
use foreshore_event::Time;

/// A plugin whose breaker is looked after.
struct Watched {
    part: Part,
    /// As it stands in the configuration: `features.customer`, `models.logistic`.
    name: String,
    open: bool,
}

/// The plugins of one pipeline.
pub struct Watch(Vec<Watched>);

impl Watch {
    /// Watches every plugin of a core's pipeline; all breakers count as closed at first.
    pub fn new(core: &Core) -> Watch {
        let pipeline = core.pipeline();
        let instances = pipeline.instances.iter().enumerate();
        let instances =
            instances.map(|(at, i)| (Part::Instance(at), format!("features.{}", i.name)));
        let models = pipeline.models.iter().enumerate();
        let models = models.map(|(at, m)| (Part::Model(at), format!("models.{}", m.name)));
        let watched = |(part, name)| Watched {
            part,
            name,
            open: false,
        };
        Watch(instances.chain(models).map(watched).collect())
    }

    /// Tells what has changed since the last look.
    pub fn look(&mut self, core: &Core, now: Time) {
        for Watched { part, name, open } in &mut self.0 {
            let pipeline = &core.pipeline().name;
            match core.why_open(*part, now) {
                Some(why) if !*open => {
                    tracing::warn!(
                        pipeline,
                        plugin = name,
                        "left alone for a while: breaker open {why}"
                    );
                }
                None if *open => {
                    tracing::info!(pipeline, plugin = name, "called again: breaker closed")
                }
                _ => {}
            }
            *open = core.is_open(*part, now);
        }
    }
}
