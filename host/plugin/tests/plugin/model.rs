//! Model plugins: rows of inputs in, scores and contributions out. Must not know feature plugins.

use foreshore_plugin::{Limits, ModelPlugin};
use foreshore_timeline::Fault;

use crate::{engine, guests, patient, trap};

const SUM: &str = r#"
    (f64.store (i32.const 2048) (f64.add (f64.load (local.get $inputs)) (f64.load offset=8 (local.get $inputs))))
    (f64.store (i32.const 2056) (f64.load offset=8 (local.get $inputs)))
    (i32.store (i32.const 512) (i32.const 2048))
    (i32.store (i32.const 516) (i32.const 2))
    (i32.const 512)"#;

fn score(body: &str, inputs: &[f64]) -> Result<Vec<f64>, Fault> {
    let bytes = guests::model(body);
    let plugin = ModelPlugin::load(&engine(), &bytes, &Limits::default()).unwrap();
    plugin.sandbox(patient()).score(inputs)
}

#[test]
fn a_model_gives_a_score_and_its_reasons() {
    assert_eq!(score(SUM, &[0.25, 0.5]), Ok(vec![0.75, 0.5]));
}

#[test]
fn a_model_whose_answer_is_not_finite_or_not_whole_is_told_so() {
    let reason =
        "returned a number that is not finite at index 0, expected scores and contributions";
    assert_eq!(score(SUM, &[f64::NAN, 1.0]), Err(trap(reason)));
    let reason = "returned 2 numbers, expected 4 (per row a score and a contribution per reason)";
    assert_eq!(score(SUM, &[0.25, 0.5, 1.0, 1.0]), Err(trap(reason)));
}
