//! Escapes and queries: the two parts of a URI where anything can stand. Strict: what is not understood
//! is refused, not passed over. Must not know which paths or parameters there are.

use std::borrow::Cow;

use hyper::StatusCode;

use crate::http::problem::{Problem, choose};

/// A part of a URI without its percent escapes. `+` is a plus.
///
/// # Errors
/// When an escape is not two hexadecimal digits, or the bytes are not UTF-8.
pub(super) fn unescape<'a>(text: &'a str, place: &'static str) -> Result<Cow<'a, str>, Problem> {
    if !text.contains('%') {
        return Ok(Cow::Borrowed(text));
    }
    let bad = || {
        let what = format!("`{text}` holds a bad escape");
        let fix = "write UTF-8 bytes as %XX, a percent sign itself as %25";
        Problem::new(StatusCode::BAD_REQUEST, place, what, fix)
    };
    let mut bytes = Vec::with_capacity(text.len());
    let mut parts = text.split('%');
    bytes.extend_from_slice(parts.next().unwrap_or_default().as_bytes());
    for part in parts {
        let (digits, rest) = part.split_at_checked(2).ok_or_else(bad)?;
        // `from_str_radix` alone would take a sign.
        let plain = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        let byte = u8::from_str_radix(digits, 16).ok().filter(|_| plain);
        bytes.push(byte.ok_or_else(bad)?);
        bytes.extend_from_slice(rest.as_bytes());
    }
    String::from_utf8(bytes).map(Cow::Owned).map_err(|_| bad())
}

/// A query whose every parameter is known and given once.
#[derive(Debug, Default)]
pub(super) struct Query<'a>(Vec<(&'static str, Cow<'a, str>)>);

impl<'a> Query<'a> {
    /// Reads a query that may hold these parameters.
    ///
    /// # Errors
    /// When it holds another one, one twice, or a bad escape.
    pub(super) fn new(text: Option<&'a str>, known: &[&'static str]) -> Result<Query<'a>, Problem> {
        let mut query = Query::default();
        let pairs = text.unwrap_or_default().split('&');
        for pair in pairs.filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let name = unescape(name, "query")?;
            let Some(&known) = known.iter().find(|known| **known == name) else {
                let what = format!("`{name}` is not a parameter of this path");
                return Err(wrong(what, choose(&name, known.iter().copied())));
            };
            if query.get(known).is_some() {
                return Err(wrong(format!("`{known}` is given twice"), "keep one"));
            }
            query.0.push((known, unescape(value, "query")?));
        }
        Ok(query)
    }

    /// A parameter's value.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| value.as_ref())
    }

    /// A parameter that must be there.
    ///
    /// # Errors
    /// When it is not; says `fix`.
    pub(super) fn required(&self, name: &str, fix: &'static str) -> Result<&str, Problem> {
        let found = self.get(name);
        found.ok_or_else(|| wrong(format!("`{name}` is missing"), fix))
    }

    /// A parameter that is true or false.
    ///
    /// # Errors
    /// When it is something else.
    pub(super) fn flag(&self, name: &'static str, default: bool) -> Result<bool, Problem> {
        match self.get(name) {
            None => Ok(default),
            Some("true") => Ok(true),
            Some("false") => Ok(false),
            Some(other) => Err(wrong(
                format!("`{name}` is `{other}`"),
                "write true or false",
            )),
        }
    }

    /// A parameter of any kind that reads itself from text.
    ///
    /// # Errors
    /// When it is no such text; says `fix`.
    pub(super) fn parse<T: std::str::FromStr>(
        &self,
        name: &'static str,
        fix: &'static str,
    ) -> Result<Option<T>, Problem> {
        let Some(text) = self.get(name) else {
            return Ok(None);
        };
        let read = text.parse().map(Some);
        read.map_err(|_| wrong(format!("`{name}` is `{text}`"), fix))
    }
}

fn wrong(what: String, fix: impl Into<Cow<'static, str>>) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "query", what, fix)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::reply::text_of;

    #[test]
    fn escapes_are_read_strictly() {
        let read = |text| unescape(text, "path").map(Cow::into_owned).ok();
        for (text, read_as) in [
            ("plain", "plain"),
            ("a%2Fb", "a/b"),
            ("%C3%A9", "é"),
            ("100%25", "100%"),
            ("a+b", "a+b"),
            ("", ""),
        ] {
            assert_eq!(read(text).as_deref(), Some(read_as), "{text}");
        }
        for bad in ["%", "%4", "%zz", "%+1", "%C3", "%é1", "a%2"] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_query_gives_what_it_holds() {
        let query = Query::new(
            Some("features=true&at=2026-03-01T00:00:00%2B02:00&"),
            &["features", "store", "at"],
        );
        let query = query.unwrap();
        assert!(query.flag("features", false).unwrap());
        assert!(query.flag("store", true).unwrap());
        assert_eq!(query.get("at"), Some("2026-03-01T00:00:00+02:00"));
    }

    #[test]
    fn what_a_query_must_hold_is_asked_for_by_name() {
        let query = Query::new(Some("source=terminal%2F4"), &["source", "id"]).unwrap();
        let fix = "name the event";
        assert_eq!(query.required("source", fix).unwrap(), "terminal/4");
        let message = text_of(query.required("id", fix).unwrap_err().into_response());
        assert!(message.contains("`id` is missing"), "{message}");
        assert!(message.contains(fix), "{message}");
    }

    #[test]
    fn what_a_query_should_not_hold_is_refused_by_name() {
        let message = |text| {
            let query = Query::new(Some(text), &["features", "from"]);
            let read = query.and_then(|query| {
                query.flag("features", false)?;
                query.parse::<u64>("from", "write a log position")
            });
            text_of(read.unwrap_err().into_response())
        };
        for (text, said) in [
            ("feature=true", "`feature` is not a parameter of this path"),
            ("feature=true", "did you mean `features`?"),
            ("features=yes", "`features` is `yes`"),
            ("features", "write true or false"),
            ("features=true&features=true", "`features` is given twice"),
            ("features=%zz", "holds a bad escape"),
            ("from=-1", "write a log position"),
        ] {
            let message = message(text);
            assert!(message.contains(said), "{text}: {message}");
        }
    }
}
