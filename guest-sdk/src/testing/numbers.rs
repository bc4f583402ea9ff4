//! Numbers by name, as a trace line tells them: inputs, or what is expected. Gives one readable sentence per
//! difference from what was found, and the panic that ends a test.

use serde_json::{Map, Value};

/// Numbers by name; none is a missing one.
#[derive(Clone, Debug, Default)]
pub(super) struct Numbers {
    by_name: Vec<(String, Option<f64>)>,
}

impl Numbers {
    /// The numbers of a JSON object of numbers and nulls, under `key` of a line.
    pub(super) fn of(line: &Map<String, Value>, key: &str) -> Result<Numbers, String> {
        let numbers = match line.get(key) {
            None => return Ok(Numbers::default()),
            Some(Value::Object(numbers)) => numbers,
            Some(other) => {
                return Err(format!(
                    "`{key}` is {other}; write an object like {{\"name\": 1.5}}"
                ));
            }
        };
        let number = |(name, value): (&String, &Value)| match (value, value.as_f64()) {
            (Value::Null, _) => Ok((name.clone(), None)),
            (_, Some(number)) => Ok((name.clone(), Some(number))),
            _ => Err(format!(
                "`{key}.{name}` is {value}; write a number, or null for a missing one"
            )),
        };
        let by_name = numbers.iter().map(number).collect::<Result<_, _>>()?;
        Ok(Numbers { by_name })
    }

    /// The numbers, with their names.
    pub(super) fn by_name(&self) -> &[(String, Option<f64>)] {
        &self.by_name
    }

    /// Where `found`, in the order of `names`, is not what is expected: one sentence each. Numbers agree
    /// when they differ by at most a billionth, so that a trace can be written by hand.
    pub(super) fn differences(&self, names: &[&str], found: &[f64]) -> Vec<String> {
        let difference = |(name, expected): &(String, Option<f64>)| {
            let Some(index) = names.iter().position(|known| known == name) else {
                return Some(format!("there is no `{name}` among {}", names.join(", ")));
            };
            let found = Some(found[index]).filter(|found| !found.is_nan());
            let agrees = match (found, expected) {
                (Some(found), Some(expected)) => {
                    (found - expected).abs() <= 1e-9 * expected.abs().max(1.0)
                }
                (found, expected) => found.is_none() && expected.is_none(),
            };
            let shown =
                |number: Option<f64>| number.map_or("missing".to_owned(), |n| n.to_string());
            (!agrees).then(|| {
                format!(
                    "`{name}` is {}, expected {}",
                    shown(found),
                    shown(*expected)
                )
            })
        };
        self.by_name.iter().filter_map(difference).collect()
    }
}

/// Ends a test.
#[expect(
    clippy::panic,
    reason = "a failed test panics; nothing else calls this"
)]
#[track_caller]
pub(super) fn fail(message: &str) -> ! {
    panic!("{message}")
}
