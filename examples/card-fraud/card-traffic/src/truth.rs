//! The truth about every attempt as a CSV file, written beside the events and read again for training.
//! Knows the file's form only.

use std::collections::HashMap;

use crate::event::Kind;
use crate::payment::Fraud;
use crate::traffic::Traffic;

/// The file's first line; `fraud` is the kind of fraud, or empty.
const HEADER: &str = "source,id,payment,fraud";

/// Whether attempts were fraud, by the identity of their event.
#[derive(Clone, Debug, Default)]
pub struct Truth(HashMap<(String, String), bool>);

/// A text that is not a truth file.
#[derive(Debug, thiserror::Error)]
pub enum TruthError {
    /// The first line is another one.
    #[error("line 1: found `{0}`, expected `{HEADER}`; write the file with `card-traffic truth`")]
    Header(String),
    /// A line that cannot be read.
    #[error("line {line}: found `{text}`, expected four values: {HEADER}")]
    Line {
        /// Counted from 1.
        line: usize,
        /// What stands there.
        text: String,
    },
}

impl Truth {
    /// The file's text for this traffic, attempts in their total order.
    pub fn write(traffic: &Traffic) -> String {
        let mut text = format!("{HEADER}\n");
        for event in traffic.sorted() {
            let payment = &event.data.payment;
            if let (Kind::Attempted, Some(fraud)) =
                (event.kind, traffic.ground_truth().get(payment))
            {
                let fraud = fraud.map_or("", Fraud::name);
                text += &format!("{},{},{payment},{fraud}\n", event.source, event.id);
            }
        }
        text
    }

    /// Reads the file's text.
    ///
    /// # Errors
    /// When the header or a line is not as [`Truth::write`] writes it.
    pub fn read(text: &str) -> Result<Truth, TruthError> {
        let mut lines = text.lines();
        let header = lines.next().unwrap_or_default();
        if header != HEADER {
            return Err(TruthError::Header(header.to_owned()));
        }
        let mut frauds = HashMap::new();
        for (index, line) in lines.enumerate() {
            let values: Vec<&str> = line.split(',').collect();
            let [source, id, _, fraud] = values[..] else {
                return Err(TruthError::Line {
                    line: index + 2,
                    text: line.to_owned(),
                });
            };
            frauds.insert((source.to_owned(), id.to_owned()), !fraud.is_empty());
        }
        Ok(Truth(frauds))
    }

    /// Whether the attempt was fraud; none if the file does not tell of it.
    pub fn fraud(&self, source: &str, id: &str) -> Option<bool> {
        self.0.get(&(source.to_owned(), id.to_owned())).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Settings;

    #[test]
    fn what_is_written_reads_back() {
        let traffic = Traffic::generate(&Settings::small());
        let truth = Truth::read(&Truth::write(&traffic)).unwrap();
        assert_eq!(truth.0.len(), traffic.ground_truth().len());
        for event in traffic
            .sorted()
            .into_iter()
            .filter(|event| event.kind == Kind::Attempted)
        {
            let fraud = traffic.ground_truth()[&event.data.payment].is_some();
            assert_eq!(truth.fraud(&event.source, &event.id), Some(fraud));
        }
    }

    #[test]
    fn faults_name_their_line() {
        let error = |text| Truth::read(text).unwrap_err().to_string();
        assert!(error("id,fraud\n").starts_with("line 1: found `id,fraud`, expected `source,id"));
        let short = format!("{HEADER}\na,b,c,\na,b\n");
        assert!(error(&short).starts_with("line 3: found `a,b`, expected four values"));
    }
}
