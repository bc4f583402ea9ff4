//! The trace, natively. `foreshore check` runs the same file on the component.
use foreshore_guest::testing::ModelTrace;
use plugin_name::Risk;

#[test]
fn a_payment_scores_as_the_trace_expects() {
    ModelTrace::read("trace.jsonl").unwrap().check::<Risk>();
}
