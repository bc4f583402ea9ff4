//! The plugin's trace, natively. `foreshore check` runs the same file on the component.

use customer_spending::Customer;
use foreshore_guest::testing::Trace;

#[test]
fn a_customer_is_described_as_the_trace_expects() {
    Trace::read("trace.jsonl").unwrap().check::<Customer>();
}
