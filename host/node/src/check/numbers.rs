//! Numbers by name, as a trace tells them: inputs, or what is expected. Gives one readable sentence per
//! difference; by the same rule as the SDK's native tests.

use serde_json::{Map, Value};

/// How far a number may be from what is expected, as a part of it: traces are written by hand.
const TOLERANCE: f64 = 1e-9;

/// Numbers by name; none is a missing one.
#[derive(Clone, Debug, Default)]
pub struct Numbers(Vec<(String, Option<f64>)>);

impl Numbers {
    /// The numbers of the object under `key` of a line.
    ///
    /// # Errors
    /// When it is not an object of numbers and nulls.
    pub fn of(line: &Map<String, Value>, key: &str) -> Result<Numbers, String> {
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
        numbers
            .iter()
            .map(number)
            .collect::<Result<_, _>>()
            .map(Numbers)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The numbers in the order of `names`; those that are not told are missing (NaN).
    ///
    /// # Errors
    /// When one is told that has no name there.
    pub fn in_order(&self, names: &[String]) -> Result<Vec<f64>, String> {
        let mut ordered = vec![f64::NAN; names.len()];
        for (name, number) in &self.0 {
            match names.iter().position(|known| known == name) {
                Some(at) => ordered[at] = number.unwrap_or(f64::NAN),
                None => return Err(format!("there is no `{name}` among {}", names.join(", "))),
            }
        }
        Ok(ordered)
    }

    /// Where `found`, in the order of `names`, is not what is expected here: one sentence each.
    pub fn differences(&self, names: &[String], found: &[f64]) -> Vec<String> {
        let difference = |(name, expected): &(String, Option<f64>)| {
            let Some(at) = names.iter().position(|known| known == name) else {
                return Some(format!("there is no `{name}` among {}", names.join(", ")));
            };
            let found = found.get(at).copied().filter(|found| !found.is_nan());
            let agrees = match (found, expected) {
                (Some(found), Some(expected)) => {
                    (found - expected).abs() <= TOLERANCE * expected.abs().max(1.0)
                }
                (found, expected) => found.is_none() && expected.is_none(),
            };
            (!agrees).then(|| {
                format!(
                    "`{name}` is {}, expected {}",
                    shown(found),
                    shown(*expected)
                )
            })
        };
        self.0.iter().filter_map(difference).collect()
    }
}

/// The first of the named numbers that is not the same as before, bit for bit.
pub fn change(names: &[String], before: &[f64], now: &[f64]) -> Option<String> {
    let mut pairs = names.iter().zip(before.iter().zip(now));
    let (name, (before, now)) =
        pairs.find(|(_, (before, now))| before.to_bits() != now.to_bits())?;
    let number = |number: f64| shown(Some(number).filter(|number| !number.is_nan()));
    Some(format!(
        "`{name}` is {}, was {}",
        number(*now),
        number(*before)
    ))
}

fn shown(number: Option<f64>) -> String {
    number.map_or("missing".to_owned(), |number| number.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Vec<String> {
        vec!["count".into(), "mean".into()]
    }

    fn numbers(json: &str) -> Result<Numbers, String> {
        Numbers::of(&serde_json::from_str(json).unwrap(), "expect")
    }

    #[test]
    fn what_is_not_expected_is_told_by_name() {
        let expected = numbers(r#"{"expect": {"count": 2, "mean": null, "median": 1}}"#).unwrap();
        assert_eq!(
            expected.differences(&names(), &[3.0, 1.5]),
            [
                "`count` is 3, expected 2",
                "`mean` is 1.5, expected missing",
                "there is no `median` among count, mean"
            ]
        );
        let near = numbers(r#"{"expect": {"count": 2.0000000001, "mean": null}}"#).unwrap();
        assert!(near.differences(&names(), &[2.0, f64::NAN]).is_empty());
        assert_eq!(
            near.in_order(&names()[..1]).unwrap_err(),
            "there is no `mean` among count"
        );
    }

    #[test]
    fn what_is_not_a_number_is_refused() {
        assert_eq!(
            numbers(r#"{"expect": {"count": "2"}}"#).unwrap_err(),
            "`expect.count` is \"2\"; write a number, or null for a missing one"
        );
        assert_eq!(
            numbers(r#"{"expect": 2}"#).unwrap_err(),
            "`expect` is 2; write an object like {\"name\": 1.5}"
        );
    }

    #[test]
    fn a_change_of_one_bit_is_a_change() {
        assert_eq!(change(&names(), &[1.0, f64::NAN], &[1.0, f64::NAN]), None);
        assert_eq!(
            change(&names(), &[0.0, 1.0], &[-0.0, 1.0]).unwrap(),
            "`count` is -0, was 0"
        );
    }
}
