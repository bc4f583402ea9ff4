//! The model's trace, natively: what it says is the training's business, that it can say it is tested here.
//! `foreshore check` runs the same file on the component.

use foreshore_guest::testing::ModelTrace;
use fraud_model::FraudModel;

#[test]
fn a_quiet_payment_scores_below_a_wild_one() {
    let scores = ModelTrace::read("trace.jsonl").unwrap().run::<FraudModel>();
    assert!(scores[0][0] < 0.1 && scores[1][0] > 0.5, "{scores:?}");
}
