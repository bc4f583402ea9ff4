//! `[pipelines.NAME]`: what its events look like, which plugins it runs, and what follows from a score. As
//! written, with every default; what it resolves to is `load`'s.

use std::collections::BTreeMap;
use std::path::PathBuf;

use foreshore_event::{Span, schema::JsonBounds};
use serde::Deserialize;

use crate::config::values::{Bytes, Length};

/// A pipeline.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PipelineConfig {
    /// Event types that get a decision.
    pub scored: Vec<String>,
    /// Event types that only bring news.
    #[serde(default)]
    pub ingested: Vec<String>,
    /// What becomes of data fields not listed below.
    #[serde(default)]
    pub unknown_fields: UnknownFields,
    /// Longest event, in bytes of its JSON.
    #[serde(default = "event_bytes_max")]
    pub event_bytes_max: Bytes,
    /// Deepest nesting of what an event holds besides its fields.
    #[serde(default = "event_depth_max")]
    pub event_depth_max: usize,
    /// How far ahead of its arrival an event may be.
    #[serde(default = "future_max")]
    pub future_max: Length,
    /// Close what is older than this by the wall clock.
    pub close_after: Option<Length>,
    /// Which changes of a decision are published.
    #[serde(default)]
    pub amend: Amend,
    /// Published amendments kept for those who follow them.
    #[serde(default = "amendments_kept")]
    pub amendments_kept: usize,
    /// How long an event that is sent again is known.
    #[serde(default = "identity_retention")]
    pub identity_retention: Length,
    /// How long decisions can be read, at least.
    #[serde(default = "decision_retention")]
    pub decision_retention: Length,
    /// Drop log that is older than this; none: keep it.
    pub log_retention: Option<Length>,
    /// Drop the oldest log beyond this size; none: keep it.
    pub log_bytes: Option<Bytes>,
    /// The fields of an event's data.
    pub fields: BTreeMap<String, FieldConfig>,
    /// Feature plugins, by instance name.
    #[serde(default)]
    pub features: BTreeMap<String, InstanceConfig>,
    /// Models, by name.
    pub models: BTreeMap<String, ModelConfig>,
    /// Thresholds and fallback.
    pub decide: Decide,
    /// What plugins may use, and when they are left alone.
    #[serde(default)]
    pub limits: LimitsConfig,
}

fn event_bytes_max() -> Bytes {
    Bytes(JsonBounds::default().bytes_max)
}

fn event_depth_max() -> usize {
    JsonBounds::default().depth_max
}

fn future_max() -> Length {
    Length(Span(300 * Span::SECOND.0))
}

fn identity_retention() -> Length {
    Length(Span(7 * 86_400 * Span::SECOND.0))
}

fn decision_retention() -> Length {
    Length(Span(30 * 86_400 * Span::SECOND.0))
}

fn amendments_kept() -> usize {
    10_000
}

/// What becomes of data fields not listed.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum UnknownFields {
    /// Kept with the event.
    Keep,
    /// Dropped.
    Ignore,
    /// The event is invalid.
    #[default]
    Reject,
}

/// Which changes of a decision are published.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Amend {
    /// Those that change the outcome.
    #[default]
    Outcome,
    /// All.
    All,
    /// Those that move the score by at least this much, or change the outcome.
    ScoreDelta(f64),
}

/// What a field holds.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FieldKind {
    /// A finite number.
    Number,
    /// A whole number up to 2^53.
    Integer,
    /// True or false.
    Boolean,
    /// Text.
    Text,
}

/// Which events must carry a field.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged, expecting = "expected true, false or a list of event types")]
pub enum RequiredConfig {
    /// All, or none.
    Flag(bool),
    /// Those of these types.
    Types(Vec<String>),
}

/// A field of an event's data.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldConfig {
    /// What it holds.
    pub kind: FieldKind,
    /// The unit its numbers are in.
    pub unit: Option<String>,
    /// Which events must carry it.
    pub required: Option<RequiredConfig>,
    /// Smallest value allowed.
    pub min: Option<f64>,
    /// Largest value allowed.
    pub max: Option<f64>,
    /// The only texts allowed.
    #[serde(default)]
    pub allowed: Vec<String>,
    /// Longest text allowed, in bytes.
    pub text_bytes_max: Option<usize>,
}

/// A feature plugin under one name.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InstanceConfig {
    /// The component, relative to this file.
    pub file: PathBuf,
    /// Key field, where it is not the plugin's own.
    pub key: Option<String>,
    /// How far behind its timeline's head an event may come.
    pub lateness: Length,
    /// Most events between watermark and head.
    #[serde(default = "foreshore_max")]
    pub foreshore_max: usize,
    /// Most bytes of checkpoints, per timeline, but for the lowest.
    #[serde(default = "checkpoint_bytes_max")]
    pub checkpoint_bytes_max: Bytes,
}

fn foreshore_max() -> usize {
    10_000
}

fn checkpoint_bytes_max() -> Bytes {
    Bytes(64 << 10)
}

/// A model under one name.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelConfig {
    /// The component, relative to this file.
    pub file: PathBuf,
    /// Whether its score decides. Exactly one does; a single model need not say so.
    #[serde(default)]
    pub decides: bool,
}

/// Thresholds and fallback.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decide {
    /// Scores from here on are reviewed.
    pub review: Option<f64>,
    /// Scores from here on are declined.
    pub decline: Option<f64>,
    /// The outcome when a plugin gave no answer.
    pub fallback: OutcomeConfig,
    /// Most reasons of an answer.
    #[serde(default = "reasons_max")]
    pub reasons_max: usize,
}

fn reasons_max() -> usize {
    3
}

/// An outcome.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OutcomeConfig {
    /// Let it pass.
    Approve,
    /// Have somebody look at it.
    Review,
    /// Refuse it.
    Decline,
}

/// What plugins may use, and when they are left alone.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LimitsConfig {
    /// Time a score request has, from its arrival, or from the deploy that overtook it.
    pub deadline: Length,
    /// Time of one plugin call.
    pub call_time: Length,
    /// Time added for each row of a call.
    pub row_time: Length,
    /// Memory of one plugin instance.
    pub memory: Bytes,
    /// One state of one timeline.
    pub state: Bytes,
    /// A component's file.
    pub component: Bytes,
    /// Processor time of compiling a component.
    pub compile_time: Length,
    /// Memory of compiling a component.
    pub compile_memory: Bytes,
    /// Whether every call meets a fresh instance.
    pub isolation: IsolationConfig,
    /// One call in so many is repeated on a fresh instance; 0: none.
    pub purity_every: u64,
    /// Failures in a row that open a plugin's breaker.
    pub breaker_failures: u32,
    /// How long a breaker stays open.
    pub breaker_cooldown: Length,
    /// Time of a processor that the pipeline may use in every second; none: its share of the machine.
    pub cpu: Option<Length>,
    /// Requests waiting for the pipeline's thread.
    pub queue_max: usize,
    /// Events of a timeline that ingestion leaves unfolded.
    pub lag_max: u64,
    /// Bytes of timelines and decisions in memory above which idle ones give up their checkpoints, then leave it.
    pub hot: Bytes,
}

/// Whether instances are reused.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum IsolationConfig {
    /// Until they fail.
    Warm,
    /// Never.
    PerCall,
}

impl Default for LimitsConfig {
    fn default() -> LimitsConfig {
        let plugin = foreshore_plugin::Limits::default();
        let micros = |time: std::time::Duration| Length(Span(time.as_micros() as i64));
        LimitsConfig {
            deadline: Length(Span(50_000)),
            call_time: micros(plugin.call_time),
            row_time: micros(plugin.row_time),
            memory: Bytes(plugin.memory_bytes),
            state: Bytes(plugin.state_bytes),
            component: Bytes(plugin.component_bytes),
            compile_time: micros(plugin.compile_time),
            compile_memory: Bytes(plugin.compile_memory_bytes),
            isolation: IsolationConfig::Warm,
            purity_every: foreshore_plugin::SandboxSettings::default().purity_every,
            breaker_failures: 5,
            breaker_cooldown: Length(Span(10 * Span::SECOND.0)),
            cpu: None,
            queue_max: 4_096,
            lag_max: 1_000,
            hot: Bytes(512 << 20),
        }
    }
}
