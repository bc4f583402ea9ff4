//! All that is wrong with something, told at once, but never without end: whoever wrote it chose how much there is
//! to tell. Takes sentences, gives a list; must not know what is wrong.

/// Sentences told; the others are counted.
const TOLD_MAX: usize = 32;

/// Letters of a name that are shown.
const SHOWN_MAX: usize = 40;

/// What is wrong so far.
#[derive(Default)]
pub(crate) struct Faults {
    told: Vec<String>,
    more: usize,
}

impl Faults {
    /// Adds what is wrong; it is put into words only if it is told.
    pub(crate) fn add(&mut self, words: impl FnOnce() -> String) {
        match self.told.len() < TOLD_MAX {
            true => self.told.push(words()),
            false => self.more += 1,
        }
    }

    /// The sentences, the last of them about those that are not told.
    ///
    /// # Errors
    /// When there is any; else gives back what nothing is wrong with.
    pub(crate) fn none<T>(mut self, sound: T) -> Result<T, Vec<String>> {
        if self.told.is_empty() {
            return Ok(sound);
        }
        if self.more > 0 {
            self.told.push(format!("and {} more", self.more));
        }
        Err(self.told)
    }
}

/// A name as it is shown: quoted, escaped, its beginning where it is long.
pub(crate) fn shown(name: &str) -> String {
    match name.char_indices().nth(SHOWN_MAX) {
        Some((end, _)) => format!("{:?}...", &name[..end]),
        None => format!("{name:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_are_told_and_the_others_counted() {
        let mut faults = Faults::default();
        (0..TOLD_MAX + 3).for_each(|nth| faults.add(|| format!("fault {nth}")));
        let told = faults.none(()).unwrap_err();
        assert_eq!(told.len(), TOLD_MAX + 1);
        assert_eq!((&*told[0], &*told[TOLD_MAX]), ("fault 0", "and 3 more"));
        assert_eq!(Faults::default().none(7), Ok(7));
    }

    #[test]
    fn a_long_name_is_shown_by_its_beginning() {
        assert_eq!(shown("a\n"), r#""a\n""#);
        assert_eq!(shown(&"é".repeat(40)), format!("{:?}", "é".repeat(40)));
        assert_eq!(shown(&"é".repeat(41)), format!("{:?}...", "é".repeat(40)));
    }
}
