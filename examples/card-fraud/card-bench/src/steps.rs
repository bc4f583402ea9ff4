//! The steps of an event before and after its folds, one by one: read, known again, placed, scored, written down.
//! Takes the traffic in order; notes nanoseconds per event. The folds are in `lane`.

use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use foreshore_core::identities::Identities;
use foreshore_core::{Disposition, Record};
use foreshore_event::{Event, Schema, decode, validate};
use foreshore_guest::model::{Model as _, score};
use foreshore_plugin::{Engine, Limits, ModelPlugin};
use foreshore_store::codec;
use foreshore_store::disk::RealDisk;
use foreshore_store::log::{Durability, Log, LogSettings};
use foreshore_timeline::Lsn;
use fraud_model::FraudModel;

use crate::figure::Figures;
use crate::settings;

/// Events of one commit: what comes together under load.
const COMMITTED: u64 = 64;

/// JSON to events; then which of them were seen before.
pub fn read(figures: &mut Figures, schema: &Schema, lines: &[String]) -> anyhow::Result<()> {
    let drafts = figures.time("decode", lines.len(), || {
        let drafts = lines.iter().map(|line| decode(schema, line.as_bytes()));
        drafts.collect::<Result<Vec<_>, _>>()
    })?;
    let events = figures.time("validate", lines.len(), || {
        let events = drafts.into_iter().map(|draft| validate(schema, draft));
        events.collect::<Result<Vec<_>, _>>()
    })?;
    let mut identities = Identities::default();
    figures.time("identity", events.len(), || {
        for (event, lsn) in events.iter().zip(1..) {
            black_box(identities.look_up(event));
            identities.remember(event, Lsn(lsn));
        }
    });
    Ok(())
}

/// Events to the log, as the system has them: what a sync takes is the disk's.
pub fn log(figures: &mut Figures, events: &[Arc<Event>], folder: &Path) -> anyhow::Result<()> {
    drop(std::fs::remove_dir_all(folder));
    let settings = LogSettings {
        durability: Durability::Os,
        ..LogSettings::default()
    };
    let (mut log, _) = Log::open(Arc::new(RealDisk), folder, settings)?;
    let mut bytes = Vec::new();
    let mut write = || -> anyhow::Result<()> {
        for (event, lsn) in events.iter().zip(1..) {
            bytes.clear();
            let record = Record::Event {
                lsn: Lsn(lsn),
                arrival: event.time(),
                disposition: Disposition::Admitted,
                late: 0,
                event: event.clone(),
            };
            let kind = codec::encode(&record, &mut bytes);
            log.append(Lsn(lsn), kind, event.time(), &bytes)?;
            if lsn.is_multiple_of(COMMITTED) {
                log.commit()?;
            }
        }
        Ok(())
    };
    figures.time("log, 64 events a commit", events.len(), &mut write)?;
    std::fs::remove_dir_all(folder).context("remove the log")
}

/// The model, natively and in the sandbox.
pub fn model(
    figures: &mut Figures,
    engine: &Engine,
    component: &[u8],
    calls: usize,
) -> anyhow::Result<()> {
    let plugin = ModelPlugin::load(engine, component, &Limits::default())?;
    let mut sandbox = plugin.sandbox(settings());
    let inputs = [1.5; FraudModel::INPUTS.len()];
    figures.time("model, native", calls, || {
        for _ in 0..calls {
            black_box(score::<FraudModel>(black_box(&inputs)));
        }
    });
    figures.time("model, wasm", calls, || {
        (0..calls).try_for_each(|_| {
            sandbox
                .score(black_box(&inputs))
                .map(|scores| drop(black_box(scores)))
        })
    })?;
    Ok(())
}
