//! All events through one plugin's timelines, one call per event, as when each is scored as it comes.
//! Takes a folder; gives time, memory and a digest of everything that came out.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;
use std::time::Instant;

use anyhow::Context as _;
use foreshore_event::{Event, Span};
use foreshore_plugin::FeatureBinding;
use foreshore_timeline::{Entry, Folder, Lsn, Role, Settings, Timeline};
use hashbrown::HashMap;

/// As the example's pipeline file has it.
const SETTINGS: Settings = Settings {
    lateness: Span(24 * 3_600_000_000),
    foreshore_max: 10_000,
    checkpoint_bytes_max: 64 << 10,
};

/// The events that concern one plugin, each with its timeline's number.
pub struct Lane {
    events: Vec<(usize, Entry)>,
    timelines: usize,
}

/// What one round came to.
pub struct Measured {
    /// Nanoseconds per event, placing included.
    pub nanoseconds: f64,
    /// Timelines at its end.
    pub timelines: usize,
    /// Bytes they take, shared events apart.
    pub bytes: usize,
    /// Bytes of their states at the head.
    pub state_bytes: usize,
    /// Digest of all features and states.
    pub digest: u64,
}

impl Lane {
    /// The events whose type or score concerns a plugin so bound.
    pub fn new(binding: &FeatureBinding, events: &[Arc<Event>]) -> Lane {
        let mut keys: HashMap<&str, usize> = HashMap::new();
        let mut placed = Vec::new();
        for (event, position) in events.iter().zip(1..) {
            let role = Role {
                apply: binding.applies(event.kind()),
                emit: event.kind().0 == 0,
            };
            if let Some(key) = event
                .text(binding.key_slot)
                .filter(|_| role.apply || role.emit)
            {
                let next = keys.len();
                let timeline = *keys.entry(key).or_insert(next);
                placed.push((timeline, Entry::new(event.clone(), Lsn(position), role)));
            }
        }
        Lane {
            events: placed,
            timelines: keys.len(),
        }
    }

    /// How many events it has.
    pub fn events(&self) -> usize {
        self.events.len()
    }

    /// Places them one by one, and folds none; gives nanoseconds per event.
    ///
    /// # Errors
    /// When an event comes late: none can in a good round.
    pub fn place(&self) -> anyhow::Result<f64> {
        let mut timelines = self.fresh();
        let start = Instant::now();
        self.place_in(&mut timelines)?;
        Ok(start.elapsed().as_nanos() as f64 / self.events.len() as f64)
    }

    /// Folds them once all are placed, as many in a call as a call takes; gives nanoseconds per event, without
    /// what placing takes.
    ///
    /// # Errors
    /// When an event comes late or a call fails: neither can be in a good round.
    pub fn run_at_once(&self, folder: &mut dyn Folder) -> anyhow::Result<f64> {
        let mut timelines = self.fresh();
        self.place_in(&mut timelines)?;
        let mut emissions = Vec::new();
        let start = Instant::now();
        for timeline in &mut timelines {
            timeline.settle(u64::MAX, folder, &SETTINGS, &mut emissions)?;
        }
        Ok(start.elapsed().as_nanos() as f64 / self.events.len() as f64)
    }

    fn place_in(&self, timelines: &mut [Timeline]) -> anyhow::Result<()> {
        for (at, entry) in &self.events {
            let time = entry.event.order_key().time;
            let placed = timelines[*at].place(entry.clone(), time, &SETTINGS);
            placed.ok().context("late")?;
        }
        Ok(())
    }

    fn fresh(&self) -> Vec<Timeline> {
        let mut timelines = Vec::new();
        timelines.resize_with(self.timelines, Timeline::default);
        timelines
    }

    /// Places and folds them one by one.
    ///
    /// # Errors
    /// When an event comes late or a call fails: neither can be in a good round.
    pub fn run(&self, folder: &mut dyn Folder) -> anyhow::Result<Measured> {
        let mut timelines = self.fresh();
        let mut emissions = Vec::new();
        let start = Instant::now();
        for (at, entry) in &self.events {
            let key = entry.event.order_key();
            let timeline = &mut timelines[*at];
            timeline
                .place(entry.clone(), key.time, &SETTINGS)
                .ok()
                .context("late")?;
            timeline.settle_through(key, folder, &SETTINGS, &mut emissions)?;
            drop(timeline.let_go());
        }
        let elapsed = start.elapsed();
        let mut hasher = DefaultHasher::new();
        for emission in &emissions {
            let features = emission.features.as_deref().context("trapped")?;
            features
                .iter()
                .for_each(|feature| feature.to_bits().hash(&mut hasher));
        }
        timelines
            .iter()
            .for_each(|timeline| timeline.state().hash(&mut hasher));
        Ok(Measured {
            nanoseconds: elapsed.as_nanos() as f64 / self.events.len() as f64,
            timelines: self.timelines,
            bytes: timelines.iter().map(Timeline::bytes).sum(),
            state_bytes: timelines
                .iter()
                .map(|timeline| timeline.state().len())
                .sum(),
            digest: hasher.finish(),
        })
    }
}
