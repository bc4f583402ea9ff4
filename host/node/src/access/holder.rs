//! What a client's certificate calls its holder, in the words of the tokens file: `dns:`, `uri:`, `cn:` and
//! `sha256:` before each name, so that a name of one kind never passes for one of another. Must not know
//! certificates' bytes.

use crate::access::token::Digest;

/// Kinds of names that are matched to the letter.
const TO_THE_LETTER: [&str; 2] = ["uri:", "cn:"];

/// The kind of names without large and small letters.
const HOST: &str = "dns:";

/// A name as the tokens file has it, in the one form it is compared in.
///
/// # Errors
/// When it is of no kind there is, or names nothing.
pub fn read(text: &str) -> Result<String, String> {
    if let Some(digest) = Digest::read(text) {
        return Ok(digest.to_string());
    }
    if let Some(host) = text.strip_prefix(HOST).filter(|host| !host.is_empty()) {
        return Ok(host_name(host));
    }
    let exact = TO_THE_LETTER
        .iter()
        .find_map(|kind| text.strip_prefix(kind));
    match exact {
        Some(name) if !name.is_empty() => Ok(text.to_owned()),
        _ => Err(
            "write dns:, uri: or cn: and the name the certificate has, or sha256: and the 64 hexadecimal \
             digits of its fingerprint"
                .to_owned(),
        ),
    }
}

/// A host's name.
pub fn host_name(name: &str) -> String {
    format!("{HOST}{}", name.to_ascii_lowercase())
}

/// A URI.
pub fn uri(name: &str) -> String {
    format!("uri:{name}")
}

/// A common name.
pub fn common_name(name: &str) -> String {
    format!("cn:{name}")
}

/// The fingerprint of a certificate with these bytes.
pub fn fingerprint(certificate: &[u8]) -> String {
    Digest::of(certificate).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_compared_in_one_form() {
        let upper = fingerprint(b"x").replace("sha256:", "").to_uppercase();
        for (written, form) in [
            ("dns:Till-7.Example", host_name("till-7.example")),
            ("uri:urn:Till:7", uri("urn:Till:7")),
            ("cn:Till 7", common_name("Till 7")),
            (&format!("sha256:{upper}"), fingerprint(b"x")),
        ] {
            assert_eq!(read(written), Ok(form));
        }
    }

    #[test]
    fn a_name_without_a_kind_is_refused() {
        for text in [
            "",
            "till-7",
            "dns:",
            "uri:",
            "cn:",
            "sha256:12",
            "email:a@b.example",
            "DNS:a",
        ] {
            assert!(
                read(text).is_err_and(|error| error.contains("write dns:")),
                "{text}"
            );
        }
    }
}
