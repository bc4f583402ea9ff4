//! Writes a trained model as `weights.rs` of the example's fraud model. Knows the file's form; the model
//! knows what the numbers mean.

use std::fmt::Write as _;

use super::Model;

const HEAD: &str = "\
//! The weights of the model: written by `card-traffic train`, not by hand. One line per input; what the
//! numbers mean is told in `lib.rs`.

use crate::Input;

";

/// The file's text.
pub fn render(model: &Model) -> String {
    let mut text = HEAD.to_owned();
    let mut write = |line: std::fmt::Arguments<'_>| {
        // Writing to a string cannot fail.
        let _ = text.write_fmt(line);
    };
    write(format_args!(
        "/// Log-odds where every input is at its mean.\npub const INTERCEPT: f64 = {:?};\n\n",
        model.intercept
    ));
    write(format_args!(
        "/// The inputs, in the order in which the model takes them.\npub const INPUTS: [Input; {}] = [\n",
        model.terms.len()
    ));
    for term in &model.terms {
        write(format_args!(
            "    Input {{ name: {:?}, log1p: {}, mean: {:?}, scale: {:?}, weight: {:?} }},\n",
            term.name, term.scaling.log1p, term.scaling.mean, term.scaling.scale, term.weight
        ));
    }
    write(format_args!("];\n"));
    text
}
