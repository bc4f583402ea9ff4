//! The numbers a model sees, each by name: the event's own (`event.amount`), then every instance's
//! features (`customer.spent_1h`). Resolves names once, at load; knows no values.

use foreshore_event::{Event, Schema, Slot, schema::nearest};

/// Where each number of a pipeline's vector stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Layout {
    names: Vec<String>,
    /// Where each instance's features begin; then the vector's width.
    starts: Vec<usize>,
}

/// An input no number answers to.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnknownInput {
    /// Nothing of this name.
    #[error("input `{input}` is nothing this pipeline has{}; it has {}", hint(near), have.join(", "))]
    Nothing {
        /// The name asked for.
        input: String,
        /// The most similar names.
        near: Vec<String>,
        /// Every name there is.
        have: Vec<String>,
    },
    /// A short name that several numbers share.
    #[error("input `{input}` could be {}; write it in full", choices.join(" or "))]
    Ambiguous {
        /// The name asked for.
        input: String,
        /// What it could be.
        choices: Vec<String>,
    },
}

fn hint(near: &[String]) -> String {
    match near {
        [] => String::new(),
        near => format!(" (did you mean {}?)", near.join(" or ")),
    }
}

impl Layout {
    /// The layout of a schema's numbers, then of these instances' features.
    pub fn new<'a>(
        schema: &Schema,
        instances: impl IntoIterator<Item = (&'a str, &'a [String])>,
    ) -> Layout {
        let mut names = vec![String::new(); schema.numbers()];
        for field in schema.fields() {
            if let Slot::Number(at) = field.slot {
                names[at] = format!("event.{}", field.name);
            }
        }
        let mut starts = Vec::new();
        for (instance, features) in instances {
            starts.push(names.len());
            names.extend(
                features
                    .iter()
                    .map(|feature| format!("{instance}.{feature}")),
            );
        }
        starts.push(names.len());
        Layout { names, starts }
    }

    /// The name of every number, in vector order.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// How many numbers a vector holds.
    pub fn width(&self) -> usize {
        self.names.len()
    }

    /// The vector of an event before any feature is known.
    pub fn vector(&self, event: &Event) -> Box<[f64]> {
        let mut vector = vec![f64::NAN; self.width()];
        vector[..event.numbers().len()].copy_from_slice(event.numbers());
        vector.into_boxed_slice()
    }

    /// Where an instance's features stand.
    pub fn features(&self, instance: usize) -> std::ops::Range<usize> {
        self.starts[instance]..self.starts[instance + 1]
    }

    /// Where the number of this name stands; a short name will do where only one number has it.
    ///
    /// # Errors
    /// When no number, or more than one, answers to the name.
    pub fn resolve(&self, input: &str) -> Result<usize, UnknownInput> {
        if let Some(at) = self.names.iter().position(|name| name == input) {
            return Ok(at);
        }
        let short = |name: &str| {
            name.split_once('.')
                .is_some_and(|(_, short)| short == input)
        };
        let matches: Vec<usize> = (0..self.width())
            .filter(|&at| short(&self.names[at]))
            .collect();
        match matches[..] {
            [at] => Ok(at),
            [] => Err(UnknownInput::Nothing {
                input: input.to_owned(),
                near: self.near(input),
                have: self.names.clone(),
            }),
            _ => Err(UnknownInput::Ambiguous {
                input: input.to_owned(),
                choices: matches
                    .into_iter()
                    .map(|at| self.names[at].clone())
                    .collect(),
            }),
        }
    }

    fn near(&self, input: &str) -> Vec<String> {
        let full = nearest(input, self.names.iter().map(String::as_str));
        let tail = input.rsplit('.').next().unwrap_or(input);
        let shorts = self
            .names
            .iter()
            .filter_map(|name| name.split_once('.').map(|(_, short)| short));
        let by_short = nearest(tail, shorts).and_then(|short| {
            self.names
                .iter()
                .find(|name| name.ends_with(&format!(".{short}")))
        });
        let mut near: Vec<String> = full
            .map(str::to_owned)
            .into_iter()
            .chain(by_short.cloned())
            .collect();
        near.dedup();
        near
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use foreshore_event::{Field, Kind, Unknown};

    fn layout() -> Layout {
        let fields = vec![
            Field::new("card", Kind::Text),
            Field::new("amount", Kind::Number),
        ];
        let schema = Schema::new(vec![], fields, Unknown::Reject).unwrap();
        let customer = ["spent_1h".to_owned(), "count".to_owned()];
        let terminal = ["risk".to_owned(), "count".to_owned()];
        Layout::new(
            &schema,
            [("customer", &customer[..]), ("terminal", &terminal[..])],
        )
    }

    #[test]
    fn names_resolve_in_full_or_short_where_unique() {
        let layout = layout();
        assert_eq!(layout.resolve("event.amount"), Ok(0));
        assert_eq!(layout.resolve("terminal.count"), Ok(4));
        assert_eq!(layout.resolve("risk"), Ok(3));
        assert_eq!(layout.features(1), 3..5);
    }

    #[test]
    fn what_does_not_resolve_is_told_with_what_there_is() {
        let message = |input: &str| layout().resolve(input).unwrap_err().to_string();
        assert_eq!(
            message("count"),
            "input `count` could be customer.count or terminal.count; write it in full"
        );
        assert_eq!(
            message("customer.spend_1h"),
            "input `customer.spend_1h` is nothing this pipeline has (did you mean customer.spent_1h?); \
             it has event.amount, customer.spent_1h, customer.count, terminal.risk, terminal.count"
        );
    }
}
