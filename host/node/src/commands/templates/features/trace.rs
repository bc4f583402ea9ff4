//! The trace, natively. `foreshore check` runs the same file on the component.
use foreshore_guest::testing::Trace;
use plugin_name::Card;

#[test]
fn a_card_spends_as_the_trace_expects() {
    Trace::read("trace.jsonl").unwrap().check::<Card>();
}
