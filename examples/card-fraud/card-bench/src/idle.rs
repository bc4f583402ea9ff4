//! A feature plugin that does nothing: it hands back the state it was given, of any size, and two numbers. What a call
//! of it takes is the host's share of any call, with the guest's allocations and the copies both need.

use std::hint::black_box;

use foreshore_event::{Field, Kind, Schema, Unknown, decode, validate};
use foreshore_plugin::{Engine, FeatureBinding, FeaturePlugin, Limits};
use foreshore_timeline::{Flags, Folder as _, Row};

use crate::figure::Figures;
use crate::{guests, settings};

/// Hands the state back as the one that was marked, and zeros as features.
const FOLD: &str = r#"
    (local $states i32)
    (local.set $states (call $cabi_realloc (i32.const 0) (i32.const 0) (i32.const 8)
      (i32.add (local.get $state_bytes) (i32.const 4))))
    (i32.store (local.get $states) (local.get $state_bytes))
    (memory.copy (i32.add (local.get $states) (i32.const 4)) (local.get $state) (local.get $state_bytes))
    (call $answer (i32.const 2048) (i32.const 2)
      (local.get $states) (i32.add (local.get $state_bytes) (i32.const 4)))"#;

/// Calls it with a state of so many bytes and one row.
pub fn call(
    figures: &mut Figures,
    engine: &Engine,
    bytes: usize,
    calls: usize,
) -> anyhow::Result<()> {
    let component = guests::features(FOLD);
    let plugin = FeaturePlugin::load(engine, &component, &Limits::default())?;
    let amount = Field {
        unit: Some("EUR".into()),
        ..Field::new("amount", Kind::Number)
    };
    let fields = vec![amount, Field::new("card", Kind::Text)];
    let schema = Schema::new(vec!["paid".into()], fields, Unknown::Reject)?;
    let json = br#"{"id":"1","source":"till","type":"paid","time":"2026-03-01T12:00:00Z",
        "data":{"amount":12.5,"card":"customer-00007"}}"#;
    let event = validate(&schema, decode(&schema, json)?)?;
    let binding = FeatureBinding::new(plugin.description(), &schema)?;
    let mut sandbox = plugin.sandbox(binding, settings());
    let state = vec![7; bytes];
    let row = [Row {
        event: Some(&event),
        time: event.time(),
        flags: Flags {
            apply: true,
            emit: true,
            mark: true,
        },
    }];
    figures.time(
        &format!("call of an idle plugin, state of {bytes} bytes"),
        calls,
        || {
            (0..calls).try_for_each(|_| {
                sandbox
                    .fold(black_box(&state), &row)
                    .map(|folded| drop(black_box(folded)))
            })
        },
    )?;
    Ok(())
}
