//! The sources one speaks for: names, and beginnings of names that end in `*`. Must not know what is done with
//! an event of another one.

/// The sources one speaks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sources {
    /// Every one.
    Any,
    /// Those that one of these fits.
    Of(Vec<Pattern>),
}

/// A source, or how sources begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pattern {
    /// This one.
    Is(String),
    /// All that begin so.
    Begins(String),
}

impl Pattern {
    /// As it is written: `till-7`, or `shop-3/*`.
    ///
    /// # Errors
    /// When it is empty, or has a `*` elsewhere.
    pub fn read(text: &str) -> Result<Pattern, String> {
        let (name, begins) = match text.strip_suffix('*') {
            Some(beginning) => (beginning, true),
            None => (text, false),
        };
        if name.contains('*') {
            return Err(format!("`{text}`: a * stands at the end, for any rest"));
        }
        match (name.is_empty(), begins) {
            (true, _) => Err(format!(
                "`{text}`: name a source, or how sources begin; leave the key out for all of them"
            )),
            (false, true) => Ok(Pattern::Begins(name.to_owned())),
            (false, false) => Ok(Pattern::Is(name.to_owned())),
        }
    }

    fn fits(&self, source: &str) -> bool {
        match self {
            Pattern::Is(name) => source == name,
            Pattern::Begins(name) => source.starts_with(name.as_str()),
        }
    }
}

impl Sources {
    /// Whether this source is one of them.
    pub fn hold(&self, source: &str) -> bool {
        match self {
            Sources::Any => true,
            Sources::Of(patterns) => patterns.iter().any(|pattern| pattern.fits(source)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(texts: &[&str]) -> Sources {
        let patterns = texts.iter().map(|text| Pattern::read(text).unwrap());
        Sources::Of(patterns.collect())
    }

    #[test]
    fn a_name_is_itself_and_a_beginning_is_all_that_begin_so() {
        let sources = of(&["till-7", "shop-3/*"]);
        for (source, held) in [
            ("till-7", true),
            ("till-70", false),
            ("till-", false),
            ("TILL-7", false),
            ("till-7 ", false),
            ("shop-3/till-1", true),
            ("shop-3/", true),
            ("shop-3", false),
            ("shop-30/till-1", false),
            ("", false),
        ] {
            assert_eq!(sources.hold(source), held, "{source}");
            assert!(Sources::Any.hold(source));
        }
        assert!(!of(&[]).hold("till-7"));
    }

    #[test]
    fn a_star_elsewhere_and_a_pattern_of_nothing_are_refused() {
        for (text, said) in [
            ("a*b", "at the end"),
            ("**", "at the end"),
            ("", "name a source"),
            ("*", "leave the key out"),
        ] {
            let error = Pattern::read(text).unwrap_err();
            assert!(error.contains(said), "{text}: {error}");
        }
    }
}
