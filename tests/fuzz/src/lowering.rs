//! Rows to bytes, and what comes back from a guest. The guest's own reader finds in the bytes what the rows
//! held; an answer is taken exactly if a second opinion takes it; and a guest that returns any words as its
//! answer, through the real sandbox, harms nothing.

use std::cell::RefCell;
use std::sync::LazyLock;
use std::time::Duration;

use arbitrary::{Result, Unstructured};
use foreshore_event::{Event, Schema, Time, TypeIndex, Unknown};
use foreshore_guest::rows::Rows;
use foreshore_plugin::{
    Compiler, Engine, EngineSettings, FeatureBinding, FeatureDescription, FeaturePlugin,
    FeatureSandbox, FieldNeed, Limits, NativeFolder, SandboxSettings,
};
use foreshore_timeline::{Fault, Flags, Folded, Folder, Row};

use crate::cards::schema;
use crate::guests;

/// Features a row has to give.
const FEATURES: usize = 2;

/// Longest state the sandbox takes.
const STATE_BYTES_MAX: usize = 64;

static SCHEMA: LazyLock<Schema> = LazyLock::new(|| schema(Unknown::Keep));

/// Returns what its state holds: the words of the answer stand where the state's first byte says.
const ECHO: &str = r#"
    (i32.add (local.get $state) (i32.load8_u (local.get $state)))"#;

thread_local! {
    static GUEST: RefCell<FeatureSandbox> = RefCell::new(guest());
}

/// Lowers rows and lifts an answer.
pub fn run(bytes: &[u8]) {
    // Bytes that run out end the story where they do.
    let _ = story(&mut Unstructured::new(bytes));
}

fn story(from: &mut Unstructured<'_>) -> Result<()> {
    let events: Vec<Event> = (0..from.int_in_range(1..=3)?)
        .map(|_| event(from))
        .collect::<Result<_>>()?;
    let mut rows = Vec::new();
    for _ in 0..from.int_in_range(1..=8)? {
        rows.push(Row {
            event: match from.ratio(1, 8)? {
                true => None,
                false => Some(from.choose(&events)?),
            },
            time: Time(from.arbitrary()?),
            flags: flags(from.arbitrary()?),
        });
    }
    let features = answer_features(from, &rows)?;
    let states = answer_states(from, &rows)?;
    lowered(&rows, features, states);
    lifted(&rows, from.bytes(from.len())?);
    Ok(())
}

fn flags(bits: u8) -> Flags {
    Flags {
        apply: bits & 1 != 0,
        emit: bits & 2 != 0,
        mark: bits & 4 != 0,
    }
}

fn event(from: &mut Unstructured<'_>) -> Result<Event> {
    let number = |from: &mut Unstructured<'_>| -> Result<f64> {
        let number: f64 = from.arbitrary()?;
        Ok(if number.is_finite() {
            number + 0.0
        } else {
            f64::NAN
        })
    };
    let row = foreshore_event::Row {
        time: Time(from.arbitrary()?),
        sequence: from.arbitrary()?,
        kind: TypeIndex(from.int_in_range(0..=1)?),
        source: "till",
        id: "1",
        numbers: vec![number(from)?, number(from)?, number(from)?],
        texts: vec![from.arbitrary()?, from.arbitrary()?, from.arbitrary()?],
        extra: None,
    };
    Ok(Event::from_row(&SCHEMA, row).unwrap())
}

/// As many numbers as are asked for, more often than not.
fn answer_features(from: &mut Unstructured<'_>, rows: &[Row<'_>]) -> Result<Vec<f64>> {
    let emits = rows.iter().filter(|row| row.flags.emit).count();
    let count = match from.ratio(1, 8)? {
        true => from.int_in_range(0..=20)?,
        false => emits * FEATURES,
    };
    (0..count).map(|_| from.arbitrary()).collect()
}

/// A state per mark, more often than not, each as long as it says, more often than not.
fn answer_states(from: &mut Unstructured<'_>, rows: &[Row<'_>]) -> Result<Vec<u8>> {
    if from.ratio(1, 8)? {
        return from.arbitrary();
    }
    let mut states = Vec::new();
    for _ in rows.iter().filter(|row| row.flags.mark) {
        let state: Vec<u8> = from.arbitrary()?;
        let length = match from.ratio(1, 16)? {
            true => from.arbitrary()?,
            false => state.len() as u32,
        };
        states.extend(length.to_le_bytes());
        states.extend(state);
    }
    Ok(states)
}

/// What the plugin reads, in another order than the pipeline has it.
fn description() -> FeatureDescription {
    let need = |name: &str| {
        let field = SCHEMA.field(name).unwrap();
        FieldNeed {
            name: name.into(),
            kind: field.kind,
            unit: field.unit.clone(),
        }
    };
    FeatureDescription {
        key: "card".into(),
        events: vec!["refused".into()],
        fields: ["note", "amount", "online", "card"].map(need).to_vec(),
        features: vec![],
        state_version: 1,
        horizon: None,
    }
}

/// Through the same bytes as a component's, with the answer given.
fn lowered(rows: &[Row<'_>], features: Vec<f64>, states: Vec<u8>) {
    let binding = FeatureBinding::new(&description(), &SCHEMA).unwrap();
    let expected = second_opinion(rows, &features, &states);
    let mut folder = NativeFolder::new(binding, FEATURES, |_: &[u8], bytes: &[u8]| {
        are_read_back(rows, bytes);
        (features.clone(), states.clone())
    });
    match (folder.fold(b"", rows), expected) {
        (Ok(folded), Some(expected)) => {
            let bits = |numbers: &[f64]| numbers.iter().map(|n| n.to_bits()).collect::<Vec<_>>();
            assert_eq!(bits(&folded.features), bits(&expected.features));
            assert_eq!(folded.states, expected.states);
        }
        (Err(Fault::Trap(reason)), None) => assert!(reason.starts_with("returned "), "{reason}"),
        (found, expected) => panic!("found {found:?}, expected {expected:?}"),
    }
}

/// The guest's reader finds what the rows held.
fn are_read_back(rows: &[Row<'_>], bytes: &[u8]) {
    let read = Rows::of(bytes);
    assert_eq!(read.iter().len(), rows.len());
    for (mut found, row) in read.iter().zip(rows) {
        assert_eq!(found.time.0, row.time.0);
        let flags = [found.apply, found.emit, found.mark];
        assert_eq!(flags, [row.flags.apply, row.flags.emit, row.flags.mark]);
        let refused = row.event.is_some_and(|event| event.kind() == TypeIndex(1));
        assert_eq!(found.kind == 0, refused);
        let text = |at| row.event.and_then(|event| event.text(at));
        let number = |at: usize| row.event.map_or(f64::NAN, |event| event.numbers()[at]);
        assert_eq!(found.cells.text(), text(2));
        assert_eq!(found.cells.number().to_bits(), number(0).to_bits());
        assert_eq!(found.cells.number().to_bits(), number(1).to_bits());
        assert_eq!(found.cells.text(), text(0));
    }
}

/// What an answer amounts to, by the contract's words.
fn second_opinion(rows: &[Row<'_>], features: &[f64], mut states: &[u8]) -> Option<Folded> {
    let asked = |wanted: fn(&Flags) -> bool| rows.iter().filter(|r| wanted(&r.flags)).count();
    if features.len() != FEATURES * asked(|flags| flags.emit)
        || features.iter().any(|number| number.is_infinite())
    {
        return None;
    }
    let mut taken = Vec::new();
    while let Some((length, rest)) = states.split_first_chunk() {
        let (state, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        taken.push(state.into());
        states = rest;
    }
    let all = states.is_empty() && taken.len() == asked(|flags| flags.mark);
    let one_nan = |number: &f64| if number.is_nan() { f64::NAN } else { *number };
    all.then(|| Folded {
        features: features.iter().map(one_nan).collect(),
        states: taken,
    })
}

/// A sandbox of the guest that returns what its state holds.
fn guest() -> FeatureSandbox {
    let engine = Engine::new(EngineSettings {
        cache: None,
        instances: 4,
        compiler: Compiler::Here,
    });
    let limits = Limits {
        // A machine that keeps this thread waiting must not make the guest late.
        call_time: Duration::from_secs(60),
        state_bytes: STATE_BYTES_MAX,
        ..Limits::default()
    };
    let plugin = FeaturePlugin::load(&engine.unwrap(), &guests::features(ECHO), &limits).unwrap();
    let mut needs = description();
    needs.events = vec!["refused".into()];
    let binding = FeatureBinding::new(&needs, &SCHEMA).unwrap();
    let settings = SandboxSettings {
        limits,
        // What the guest returns may lie where an earlier call left something: it is not pure.
        purity_every: 0,
        ..SandboxSettings::default()
    };
    plugin.sandbox(binding, settings)
}

/// The words of an answer are the state's: pointers and lengths of anything.
fn lifted(rows: &[Row<'_>], state: &[u8]) {
    GUEST.with_borrow_mut(|guest| match guest.fold(state, rows) {
        Ok(folded) => {
            let asked =
                |wanted: fn(&Flags) -> bool| rows.iter().filter(|r| wanted(&r.flags)).count();
            assert_eq!(folded.features.len(), FEATURES * asked(|flags| flags.emit));
            assert!(folded.features.iter().all(|number| !number.is_infinite()));
            assert_eq!(folded.states.len(), asked(|flags| flags.mark));
            assert!(
                folded
                    .states
                    .iter()
                    .all(|state| state.len() <= STATE_BYTES_MAX)
            );
        }
        Err(Fault::Trap(_)) => {}
        Err(fault) => panic!("{fault}"),
    });
}
