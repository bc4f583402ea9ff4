//! A whole plugin through its trace: what a good one yields, and what each fault of a trace or a plugin is
//! called.
#![expect(clippy::unwrap_used, reason = "a failed test is the message")]

use foreshore_guest::features::fold;
use foreshore_guest::prelude::*;
use foreshore_guest::testing::{ModelTrace, Trace};
use foreshore_guest::{Feature, FieldNeed, Fields, Kind, Vector};

fields! {
    struct Payment<'a> {
        amount in "EUR": f64,
        items: Option<i64>,
        online: bool,
        country: &'a str,
        r#type: Option<&'a str>,
    }
}

state! {
    struct Card {
        spent: Window = Window::of(HOUR, 8),
        kinds: Distinct = Distinct::of(DAY, 4),
        countries: Last<String>,
        refunds: u64,
        items: Option<i64>,
    }
}

vector! {
    struct Spending {
        /// Payments within the hour,
        /// this one included.
        count_1h,
        spent_1h in "EUR",
        kinds_1d,
        /// Refunds ever.
        refunds,
        /// Items of the latest payment.
        items,
        /// Whether the country changed.
        moved,
    }
}

impl Features for Card {
    type Event<'a> = Payment<'a>;
    type Vector = Spending;
    const KEY: &'static str = "card";
    const EVENTS: &'static [&'static str] = &["paid", "refunded"];

    fn fold(&mut self, event: &Event<Payment>) {
        if event.kind == "refunded" {
            self.refunds += 1;
            return;
        }
        self.spent.add(event.time, event.amount);
        self.kinds.add(event.time, event.r#type);
        self.countries.add(event.time, event.country.to_owned());
        self.items = event.items;
    }

    fn features(&self, at: Time) -> Spending {
        let [hour] = self.spent.over([HOUR], at);
        let [kinds_1d] = self.kinds.over([DAY], at);
        Spending {
            count_1h: hour.count,
            spent_1h: hour.sum,
            kinds_1d,
            refunds: self.refunds as f64,
            items: self.items.map_or(f64::NAN, |items| items as f64),
            moved: f64::from(u8::from(self.countries.value() != self.countries.before())),
        }
    }
}

/// Reads what it never writes to its state.
#[derive(Default)]
struct Forgetful {
    folded: u64,
}

impl State for Forgetful {
    fn encode(&self, _writer: &mut Writer) {}

    fn decode(&mut self, _reader: &mut Reader<'_>) {}
}

vector! {
    struct Folded {
        folded,
    }
}

impl Features for Forgetful {
    type Event<'a> = ();
    type Vector = Folded;
    const KEY: &'static str = "card";
    const EVENTS: &'static [&'static str] = &["paid"];

    fn fold(&mut self, _event: &Event<()>) {
        self.folded += 1;
    }

    fn features(&self, _at: Time) -> Folded {
        Folded {
            folded: self.folded as f64,
        }
    }
}

struct Ratio;

impl Model for Ratio {
    const INPUTS: &'static [&'static str] = &["event.amount", "card.spent_1h"];
    const REASONS: &'static [&'static str] = &["amount"];

    fn score(inputs: &[f64], contributions: &mut [f64]) -> f64 {
        contributions[0] = inputs[0] / inputs[1];
        contributions[0]
    }
}

fn trace(name: &str) -> Trace {
    Trace::read(format!("tests/traces/{name}.jsonl")).unwrap()
}

fn message(test: impl FnOnce() + std::panic::UnwindSafe) -> String {
    *std::panic::catch_unwind(test)
        .unwrap_err()
        .downcast::<String>()
        .unwrap()
}

#[test]
fn a_trace_is_folded_in_event_order_per_key() {
    trace("payments").check::<Card>();
    let rows = trace("payments").run::<Card>();
    let keys: Vec<(usize, &str)> = rows
        .iter()
        .map(|row| (row.line, row.key.as_str()))
        .collect();
    assert_eq!(keys, [(1, "a"), (2, "a"), (3, "b"), (4, "a"), (5, "a")]);
}

#[test]
fn a_description_tells_names_kinds_units_and_help() {
    let fields = Payment::FIELDS;
    let amount = FieldNeed {
        name: "amount",
        kind: Kind::Number,
        unit: Some("EUR"),
    };
    assert_eq!((fields.len(), fields[0]), (5, amount));
    let kinds: Vec<Kind> = fields.iter().map(|field| field.kind).collect();
    assert_eq!(
        kinds[1..],
        [Kind::Integer, Kind::Boolean, Kind::Text, Kind::Text]
    );
    assert_eq!(fields[4].name, "type");
    let help: Vec<&str> = Spending::FEATURES
        .iter()
        .map(|feature| feature.help)
        .collect();
    assert_eq!(
        help[..3],
        [
            "Payments within the hour, this one included.",
            "spent_1h",
            "kinds_1d"
        ]
    );
    assert_eq!(
        Spending::FEATURES[1],
        Feature::new("spent_1h", "", Some("EUR"))
    );
}

#[test]
fn differences_name_line_feature_found_and_expected() {
    let found = message(|| trace("wrong").check::<Card>());
    let expected = [
        "tests/traces/wrong.jsonl:1: `count_1h` is 1, expected 2",
        "tests/traces/wrong.jsonl:1: `items` is missing, expected 3",
        "tests/traces/wrong.jsonl:1: there is no `spend` among count_1h, spent_1h, kinds_1d, refunds, items, moved",
        "tests/traces/wrong.jsonl:2: an event without `data.card` has no features",
    ];
    assert_eq!(found.lines().collect::<Vec<_>>(), expected);
}

#[test]
fn a_field_of_another_kind_is_named() {
    let found = message(|| trace("kind").check::<Card>());
    assert_eq!(
        found,
        "tests/traces/kind.jsonl:1: `data.amount` is \"ten\"; the plugin reads it as Number"
    );
}

#[test]
fn a_state_that_leaves_something_out_is_found() {
    let found = message(|| trace("payments").check::<Forgetful>());
    assert!(
        found.ends_with("folding the rows in one call gives other bytes than one by one"),
        "{found}"
    );
}

#[test]
fn a_line_that_is_no_event_is_named() {
    for (name, expected) in [
        (
            "no-time",
            "no text `time`; an event has id, source, type, time and data",
        ),
        (
            "local-time",
            "`time` is `2026-03-01 12:00`; write RFC 3339 like 2026-03-01T12:30:00.25Z",
        ),
        (
            "twice",
            "`pos` has told of `1` before; give it an id of its own",
        ),
        (
            "sequence",
            "`sequence` is \"-1\"; write an unsigned decimal like \"12\"",
        ),
        (
            "expect",
            "`expect.count_1h` is \"2\"; write a number, or null for a missing one",
        ),
    ] {
        let error = Trace::read(format!("tests/traces/{name}.jsonl")).unwrap_err();
        assert!(error.to_string().ends_with(expected), "{error}");
    }
    let error = Trace::read("tests/traces/none.jsonl")
        .unwrap_err()
        .to_string();
    assert!(
        error.starts_with("cannot read trace tests/traces/none.jsonl"),
        "{error}"
    );
}

#[test]
fn a_read_changes_nothing_and_rows_of_other_types_are_not_folded() {
    let row = |time: i64, kind: u16, flags: u8| {
        let mut row = Vec::from(time.to_le_bytes());
        row.extend(kind.to_le_bytes());
        row.extend([flags, 0, 0, 0, 0, 0]);
        row
    };
    let call = |rows: &[Vec<u8>]| {
        let head = [(rows.len() as u32).to_le_bytes(), 16_u32.to_le_bytes()];
        [head.concat(), rows.concat()].concat()
    };
    // Fields are read only of rows that are applied, so that rows without fields will do for reads.
    let folded = fold::<Card>(&[], &call(&[row(5, u16::MAX, 2), row(6, u16::MAX, 6)]));
    assert_eq!(folded.features.len(), 12);
    assert_eq!(folded.features[0], 0.0);
    assert_eq!(folded.features[4].to_bits(), 0x7FF8_0000_0000_0000);
    let again = fold::<Card>(&folded.states[4..], &call(&[row(6, u16::MAX, 4)]));
    assert_eq!(again.states, folded.states);
}

#[test]
fn a_model_is_checked_by_input_names() {
    ModelTrace::read("tests/traces/ratio.jsonl")
        .unwrap()
        .check::<Ratio>();
    let wrong = |name: &str| ModelTrace::read(format!("tests/traces/{name}.jsonl")).unwrap();
    let found = message(|| wrong("ratio-name").check::<Ratio>());
    assert_eq!(
        found,
        "tests/traces/ratio-name.jsonl:1: the model has no input `amount`"
    );
    let found = message(|| wrong("ratio-missing").check::<Ratio>());
    assert!(
        found.contains("ratio-missing.jsonl:1: score and contributions must be finite"),
        "{found}"
    );
}
