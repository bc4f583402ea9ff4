//! The tokens file, as written: who there is, by name, what proves it, and what is allowed. Takes its text;
//! gives a roster, or the key at fault without what may be a secret.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use foreshore_event::{Time, nearest};
use serde::Deserialize;

use crate::access::holder;
use crate::access::identity::Identity;
use crate::access::roster::Roster;
use crate::access::scope::Scope;
use crate::access::sources::{Pattern, Sources};
use crate::access::token::{Digest, redacted};
use crate::config::{ConfigError, parse_as};

/// Longest name, in bytes.
const NAME_BYTES_MAX: usize = 64;

/// The file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    /// Who there is, by name.
    #[serde(default)]
    identities: BTreeMap<String, WrittenIdentity>,
}

/// Somebody.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenIdentity {
    /// Digests of its tokens.
    #[serde(default)]
    tokens: Vec<String>,
    /// Names of its certificates.
    #[serde(default)]
    certificates: Vec<String>,
    /// What it may do.
    scopes: Vec<Scope>,
    /// The pipelines it may do that to; without the key, all.
    pipelines: Option<Vec<String>>,
    /// The sources it speaks for; without the key, all.
    sources: Option<Vec<String>>,
    /// When it ends; without the key, never.
    expires: Option<String>,
}

/// The text of a file.
///
/// # Errors
/// When it cannot be read.
pub fn text(file: &Path) -> Result<String, ConfigError> {
    fs::read_to_string(file).map_err(|source| ConfigError::Unreadable {
        file: file.to_owned(),
        source,
    })
}

/// The roster in a file's text, for a node with these pipelines; where they are not known, any will do.
///
/// # Errors
/// When it says something that does not hold: names file, key and reason.
pub fn understand(
    file: &Path,
    text: &str,
    pipelines: Option<&[String]>,
) -> Result<Roster, ConfigError> {
    let written: Written = parse_as(file, text).map_err(without_secrets)?;
    let wrong = |key: String, reason: String| {
        let file = file.to_owned();
        without_secrets(ConfigError::Wrong { file, key, reason })
    };
    let mut roster = Roster::default();
    for (name, written) in written.identities {
        let key = format!("identities.{name}");
        check_name(&name).map_err(|reason| wrong(key.clone(), reason))?;
        let reached = check_pipelines(written.pipelines.as_deref(), pipelines);
        reached.map_err(|reason| wrong(format!("{key}.pipelines"), reason))?;
        written
            .enter(name, &mut roster)
            .map_err(|(part, reason)| wrong(format!("{key}{part}"), reason))?;
    }
    if roster.len() == 0 {
        let reason = "nobody is named, so that nobody could do anything; `foreshore token new` makes the first";
        return Err(wrong("identities".to_owned(), reason.to_owned()));
    }
    Ok(roster)
}

impl WrittenIdentity {
    /// Adds it to a roster; an error has the rest of the key at fault.
    fn enter(self, name: String, roster: &mut Roster) -> Result<(), (&'static str, String)> {
        if self.tokens.is_empty() && self.certificates.is_empty() {
            let reason =
                "nothing proves it; list a token's digest in `tokens`, or a name in `certificates`";
            return Err(("", reason.to_owned()));
        }
        if self.scopes.is_empty() {
            let reason = "it may do nothing; list some of score, ingest, read, admin";
            return Err((".scopes", reason.to_owned()));
        }
        // What stands where a digest should may be the token itself: it is not told.
        let no_digest = || {
            let reason = "write sha256: and 64 hexadecimal digits, as `foreshore token new` gives them; a token \
                          itself does not belong here";
            (".tokens", reason.to_owned())
        };
        let tokens = self.tokens.iter();
        let tokens = tokens.map(|text| Digest::read(text).ok_or_else(no_digest));
        let tokens = tokens.collect::<Result<Vec<_>, _>>()?;
        let certificates = self.certificates.iter().map(|text| {
            holder::read(text).map_err(|reason| (".certificates", format!("`{text}`: {reason}")))
        });
        let certificates = certificates.collect::<Result<Vec<_>, _>>()?;
        let expires = self.expires.map(|text| text.parse::<Time>());
        let expires = expires.transpose();
        let identity = Identity {
            name,
            scopes: self.scopes,
            pipelines: self.pipelines,
            sources: sources(self.sources)?,
            expires: expires.map_err(|error| (".expires", error.to_string()))?,
        };
        roster.add(identity, tokens, certificates).map_err(|other| {
            let reason = format!("one of its tokens or certificates is already that of `{other}`");
            ("", reason)
        })
    }
}

fn sources(written: Option<Vec<String>>) -> Result<Sources, (&'static str, String)> {
    let Some(texts) = written else {
        return Ok(Sources::Any);
    };
    let patterns = texts.iter().map(|text| Pattern::read(text));
    let patterns = patterns.collect::<Result<Vec<_>, _>>();
    let patterns = patterns.map_err(|reason| (".sources", reason))?;
    Ok(Sources::Of(patterns))
}

/// Names stand in logs and audit records, and as keys of this file: what is plain there is taken.
pub fn check_name(name: &str) -> Result<(), String> {
    let good = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let long = name.len() > NAME_BYTES_MAX;
    if name.is_empty() || long || !name.chars().all(good) {
        return Err(format!(
            "a name has 1 to {NAME_BYTES_MAX} letters, digits, - and _"
        ));
    }
    Ok(())
}

fn check_pipelines(written: Option<&[String]>, known: Option<&[String]>) -> Result<(), String> {
    let (Some(written), Some(known)) = (written, known) else {
        return Ok(());
    };
    let Some(unknown) = written.iter().find(|name| !known.contains(name)) else {
        return Ok(());
    };
    let near = nearest(unknown, known.iter().map(String::as_str));
    let near = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
    Err(format!("there is no pipeline `{unknown}` here{near}"))
}

fn without_secrets(mut error: ConfigError) -> ConfigError {
    if let ConfigError::Wrong { key, reason, .. } = &mut error {
        (*key, *reason) = (redacted(key), redacted(reason));
    }
    if let ConfigError::Malformed { reason, .. } = &mut error {
        *reason = redacted(reason);
    }
    error
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::proof::Proof;

    const DIGEST: &str = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    fn good() -> String {
        format!(
            "[identities.till-7]\ntokens = [\"{DIGEST}\"]\ncertificates = [\"cn:till-7\"]\nscopes = [\"score\"]\n\
             pipelines = [\"cards\"]\nsources = [\"till-7\"]\nexpires = \"2027-01-01T00:00:00Z\"\n"
        )
    }

    fn understood(text: &str) -> Result<Roster, String> {
        let pipelines = ["cards".to_owned()];
        let read = understand(Path::new("tokens.toml"), text, Some(&pipelines));
        read.map_err(|error| error.to_string())
    }

    #[test]
    fn somebody_is_read_with_all_that_is_said_of_them() {
        let roster = understood(&good()).unwrap();
        let token = Some(Digest::of(b"abc"));
        let names = [].into();
        let found = roster.find(&Proof { token, names }).unwrap();
        assert_eq!(found.name, "till-7");
        assert_eq!(found.scopes, [Scope::Score]);
        assert_eq!(found.pipelines.as_deref(), Some(&["cards".to_owned()][..]));
        assert!(found.sources.hold("till-7") && !found.sources.hold("till-8"));
        assert_eq!(found.expires, "2027-01-01T00:00:00Z".parse().ok());
    }

    #[test]
    fn what_does_not_hold_is_named_with_its_key() {
        for (found, instead, said) in [
            (
                "tokens = ",
                "token = ",
                "unknown key `token`, expected one of",
            ),
            ("\"score\"", "\"scores\"", "did you mean `score`?"),
            (
                "[\"score\"]",
                "[]",
                "identities.till-7.scopes: it may do nothing",
            ),
            (
                "\"cards\"",
                "\"card\"",
                "no pipeline `card` here; did you mean `cards`?",
            ),
            (
                "[\"till-7\"]",
                "[\"a*b\"]",
                "identities.till-7.sources: `a*b`: a * stands at the end",
            ),
            ("2027-01", "2027-13", "identities.till-7.expires: "),
            (
                "cn:till-7",
                "till-7",
                "identities.till-7.certificates: `till-7`: write dns:, uri: or cn:",
            ),
            (
                "sha256:ba78",
                "sha256:zz78",
                "identities.till-7.tokens: write sha256: and 64",
            ),
            (
                "[identities.till-7]",
                "[identities.\"a b\"]",
                "identities.a b: a name has 1 to 64",
            ),
            ("[identities.till-7]", "[identities]", "tokens.toml:3: "),
        ] {
            let text = good().replace(found, instead);
            let error = understood(&text).map(|_| ()).unwrap_err();
            assert!(
                error.starts_with("tokens.toml:") && error.contains(said),
                "{instead}: {error}"
            );
        }
        let unproven = "[identities.a]\nscopes = [\"read\"]";
        assert!(understood(unproven).is_err_and(|error| error.contains("nothing proves it")));
        for empty in ["", "[identities]"] {
            assert!(understood(empty).is_err_and(|error| error.contains("nobody is named")));
        }
        let twice = format!(
            "{}[identities.b]\ntokens = [\"{DIGEST}\"]\nscopes = [\"read\"]",
            good()
        );
        assert!(understood(&twice).is_err_and(|error| error.contains("already that of `")));
    }

    #[test]
    fn a_token_written_where_it_does_not_belong_is_not_told() {
        let secret = "foreshore_5ec7e7";
        for (found, instead) in [
            (format!("\"{DIGEST}\""), format!("\"{secret}\"")),
            (format!("[\"{DIGEST}\"]"), format!("\"{secret}\"")),
            ("tokens = ".to_owned(), format!("{secret} = ")),
            ("till-7]".to_owned(), format!("{secret}.b]")),
            ("\"score\"".to_owned(), format!("\"{secret}\"")),
            ("cn:till-7".to_owned(), secret.to_owned()),
            ("2027-01-01T00:00:00Z".to_owned(), secret.to_owned()),
            ("\"cards\"".to_owned(), format!("\"{secret}\"")),
        ] {
            let error = understood(&good().replace(&found, &instead))
                .map(|_| ())
                .unwrap_err();
            assert!(!error.contains("5ec7e7"), "{error}");
        }
    }
}
