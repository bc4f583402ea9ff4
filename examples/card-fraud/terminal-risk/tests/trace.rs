//! The plugin's trace, natively. `foreshore check` runs the same file on the component.

use foreshore_guest::testing::Trace;
use terminal_risk::Terminal;

#[test]
fn a_terminal_is_described_as_the_trace_expects() {
    Trace::read("trace.jsonl").unwrap().check::<Terminal>();
}
