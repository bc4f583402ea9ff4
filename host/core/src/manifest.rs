//! What names the numbers of a log: types, fields, instances, features and models of a deployed pipeline,
//! in the order its records count them. Logged at every deploy, so that a log can be read without the
//! configuration it was written under.

use serde::{Deserialize, Serialize};

/// A deployed pipeline, as far as its records need it to be read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// What tells this log from all others; the same in all its manifests. Given when the log is begun.
    #[serde(default)]
    pub log: String,
    /// The pipeline's name.
    pub pipeline: String,
    /// Digest of configuration and components: the revision decisions name.
    pub revision: String,
    /// Event types, by index.
    pub types: Vec<String>,
    /// Fields of an event, in schema order: it gives each its slot among numbers or texts.
    pub fields: Vec<NamedField>,
    /// Feature plugins, by index.
    pub instances: Vec<NamedInstance>,
    /// Models, by index; the first decides.
    pub models: Vec<NamedModel>,
    /// Numbers of a vector, in order: event fields, then features, each as `event.amount`.
    pub vector: Vec<String>,
}

/// A field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedField {
    /// Its name in `data`.
    pub name: String,
    /// Its kind: `number`, `integer`, `boolean` or `text`.
    pub kind: String,
}

/// A feature plugin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedInstance {
    /// Its name in the pipeline.
    pub name: String,
    /// Its key field.
    pub key: String,
    /// Digest of everything its timelines depend on: component, key, lateness, bounds, what it reads. Equal
    /// digests have equal timelines; a changed one has to be rebuilt from the log.
    pub fold: String,
}

/// A model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedModel {
    /// Its name in the pipeline.
    pub name: String,
    /// Digest of its component.
    pub component: String,
    /// Names of its reasons, by index.
    pub reasons: Vec<String>,
}
