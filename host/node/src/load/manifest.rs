//! What a loaded pipeline's log will need to be read: the names of everything its records count, and
//! digests that tell one deploy from another. Decides nothing.

use foreshore_core::manifest::{NamedField, NamedInstance, NamedModel};
use foreshore_core::{Instance, Manifest, Pipeline};
use foreshore_event::{Span, TypeIndex};
use foreshore_plugin::Digest;
use serde_json::json;

use crate::config::PipelineConfig;
use crate::config::values::{Bytes, Length};
use crate::load::{FeaturePart, ModelPart};

/// Hex digits of a pipeline revision: 64 bits tell the revisions of one pipeline apart.
const REVISION_CHARS: usize = 16;

/// Hex digits of a fold: 128 bits, for an equal one is taken to have equal timelines.
const FOLD_CHARS: usize = 32;

/// The manifest of a pipeline, complete but for it.
pub(super) fn manifest(
    config: &PipelineConfig,
    pipeline: &Pipeline,
    features: &[FeaturePart],
    models: &[ModelPart],
) -> Manifest {
    let components = features.iter().map(|part| part.plugin.digest());
    let components = components.chain(models.iter().map(|part| part.plugin.digest()));
    let fields = pipeline.schema.fields().iter().map(|field| NamedField {
        name: field.name.clone(),
        kind: field.kind.name().to_owned(),
    });
    let instances = pipeline.instances.iter().zip(features);
    let instances = instances.map(|(instance, part)| NamedInstance {
        name: instance.name.clone(),
        key: part.key.clone(),
        fold: fold(&Foundation {
            instance,
            component: *part.plugin.digest(),
            key: &part.key,
            types: pipeline.schema.types(),
            scored: &pipeline.scored,
            state_bytes_max: config.limits.state.0,
        }),
    });
    let models = pipeline.models.iter().zip(models);
    let models = models.map(|(model, part)| NamedModel {
        name: model.name.clone(),
        component: part.plugin.digest().to_string(),
        reasons: model.reasons.clone(),
    });
    Manifest {
        // The log's own to give.
        log: String::new(),
        pipeline: pipeline.name.clone(),
        revision: revision(config, components),
        types: pipeline.schema.types().to_vec(),
        fields: fields.collect(),
        instances: instances.collect(),
        models: models.collect(),
        vector: pipeline.layout.names().to_vec(),
    }
}

/// The digest of everything a decision can depend on.
fn revision<'a>(config: &PipelineConfig, components: impl Iterator<Item = &'a Digest>) -> String {
    let mut text = format!("{:?}", decisive(config));
    components.for_each(|digest| text.push_str(&digest.to_string()));
    digest(&text, REVISION_CHARS)
}

/// A configuration without what no decision depends on: how much is kept, how much may wait, which file a
/// component came from, what compiling it may cost.
fn decisive(config: &PipelineConfig) -> PipelineConfig {
    let mut config = config.clone();
    let kept = [
        &mut config.identity_retention,
        &mut config.decision_retention,
    ];
    kept.into_iter()
        .for_each(|length| *length = Length(Span(0)));
    (config.log_retention, config.log_bytes) = (None, None);
    config.amendments_kept = 0;
    config.limits.cpu = None;
    config.limits.queue_max = 0;
    config.limits.lag_max = 0;
    config.limits.hot = Bytes(0);
    config.limits.compile_time = Length(Span(0));
    config.limits.compile_memory = Bytes(0);
    config
        .features
        .values_mut()
        .for_each(|instance| instance.file.clear());
    config
        .models
        .values_mut()
        .for_each(|model| model.file.clear());
    config
}

/// What the timelines of an instance rest on. Which fields its plugin reads, of which kind and unit, follows
/// from the component: it is not bound to others. Models, thresholds, checkpoints and deadlines change no
/// timeline.
struct Foundation<'a> {
    instance: &'a Instance,
    component: Digest,
    key: &'a str,
    types: &'a [String],
    scored: &'a [bool],
    /// A state above it is none, so that the event is passed over.
    state_bytes_max: usize,
}

/// The digest of what an instance's timelines rest on.
fn fold(on: &Foundation<'_>) -> String {
    let timeline = &on.instance.timeline;
    let types = on.types.iter().zip(on.scored).zip(0..);
    let roles = types.filter_map(|((name, scored), at)| {
        let role = on.instance.role(TypeIndex(at), *scored)?;
        Some((name, role.apply, role.emit))
    });
    // By name: where a type stands among others is nothing to a timeline.
    let mut roles: Vec<_> = roles.collect();
    roles.sort_unstable();
    let all = json!([
        on.instance.name,
        on.component.to_string(),
        on.key,
        timeline.lateness.0,
        timeline.foreshore_max,
        roles,
        on.state_bytes_max,
    ]);
    digest(&all.to_string(), FOLD_CHARS)
}

fn digest(text: &str, chars: usize) -> String {
    let mut digest = Digest::of(text.as_bytes()).to_string();
    digest.truncate(chars);
    digest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instance() -> Instance {
        Instance {
            name: "card".to_owned(),
            key: 0,
            applies: vec![true, false, false],
            features: vec!["count".to_owned()],
            timeline: foreshore_timeline::Settings {
                lateness: Span::SECOND,
                foreshore_max: 10,
                checkpoint_bytes_max: 1 << 10,
            },
        }
    }

    /// The fold of an instance over three types of events; of the last two, one is scored.
    fn fold_of(instance: &Instance, change: impl FnOnce(&mut Foundation<'_>)) -> String {
        let types = ["paid", "asked", "told"].map(String::from);
        let mut on = Foundation {
            instance,
            component: Digest::of(b"component"),
            key: "card",
            types: &types,
            scored: &[false, true, false],
            state_bytes_max: 100,
        };
        change(&mut on);
        fold(&on)
    }

    #[test]
    fn whatever_timelines_rest_on_changes_their_fold() {
        let same = fold_of(&instance(), |_| {});
        assert_eq!(same.len(), FOLD_CHARS);
        let changed: [fn(&mut Instance); 4] = [
            |instance| instance.name = "device".to_owned(),
            |instance| instance.applies = vec![true, true, false],
            |instance| instance.timeline.lateness = Span(1),
            |instance| instance.timeline.foreshore_max = 11,
        ];
        let mut folds = vec![
            fold_of(&instance(), |on| on.component = Digest::of(b"other")),
            fold_of(&instance(), |on| on.key = "device"),
            fold_of(&instance(), |on| on.scored = &[false, true, true]),
            fold_of(&instance(), |on| on.state_bytes_max = 99),
        ];
        for change in changed {
            let mut instance = instance();
            change(&mut instance);
            folds.push(fold_of(&instance, |_| {}));
        }
        folds.push(same);
        let count = folds.len();
        folds.sort_unstable();
        folds.dedup();
        assert_eq!(folds.len(), count);
    }

    #[test]
    fn what_no_timeline_rests_on_leaves_its_fold() {
        let same = fold_of(&instance(), |_| {});
        let mut other = instance();
        other.timeline.checkpoint_bytes_max = 0;
        other.features = vec!["sum".to_owned()];
        other.key = 3;
        assert_eq!(fold_of(&other, |_| {}), same);
        // The same types in another order; one the instance has no use for is new, another is gone.
        other.applies = vec![false, false, true];
        let types = ["new", "asked", "paid"].map(String::from);
        let fold = fold(&Foundation {
            instance: &other,
            component: Digest::of(b"component"),
            key: "card",
            types: &types,
            scored: &[false, true, false],
            state_bytes_max: 100,
        });
        assert_eq!(fold, same);
    }
}
