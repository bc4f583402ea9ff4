//! Writes a trained model as `weights.rs` of the example's fraud model. Knows the file's form; the model
//! knows what the numbers mean.

use super::Model;

/// The file's first lines.
const HEAD: &str = "\
//! The weights of the model: written by `card-traffic train`, not by hand. One line per input; what the
//! columns mean is told at `Input`, where the score is made of them.

use crate::Input;
";

/// The file's text. Numbers are rounded to six decimals, which no decision feels.
pub fn render(model: &Model) -> String {
    let width = model
        .terms
        .iter()
        .map(|term| term.name.len())
        .max()
        .unwrap_or(0)
        + 3;
    let rows: String = (model.terms.iter())
        .map(|term| {
            let name = format!("{:?},", term.name);
            let log1p = format!("{},", term.scaling.log1p);
            let (mean, scale) = (term.scaling.mean, term.scaling.scale);
            format!(
                "    Input {{ name: {name:width$} log1p: {log1p:6} mean: {mean:13.6}, scale: {scale:13.6}, weight: {:9.6} }},\n",
                term.weight
            )
        })
        .collect();
    format!(
        "{HEAD}
/// Log-odds of fraud where every input is at its mean.
pub const INTERCEPT: f64 = {:.6};

/// The inputs, in the order in which the model takes them.
#[rustfmt::skip] // a table reads by columns
pub const INPUTS: [Input; {}] = [
{rows}];
",
        model.intercept,
        model.terms.len()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::Term;
    use crate::train::scaling::Scaling;

    #[test]
    fn a_model_is_a_table_of_its_terms() {
        let term = |name: &str, log1p, weight| Term {
            name: name.to_owned(),
            scaling: Scaling {
                log1p,
                mean: 1234.5,
                scale: 0.25,
            },
            weight,
        };
        let model = Model {
            intercept: -4.0,
            terms: vec![
                term("event.amount", true, -0.123_456_7),
                term("terminal.frauds_28d", false, 1.0),
            ],
        };
        let text = render(&model);
        let table = "pub const INPUTS: [Input; 2] = [
    Input { name: \"event.amount\",        log1p: true,  mean:   1234.500000, scale:      0.250000, weight: -0.123457 },
    Input { name: \"terminal.frauds_28d\", log1p: false, mean:   1234.500000, scale:      0.250000, weight:  1.000000 },
];\n";
        assert!(text.ends_with(table), "{text}");
        assert!(
            text.contains("pub const INTERCEPT: f64 = -4.000000;"),
            "{text}"
        );
    }
}
