//! Tokens, and the digests that are all a node keeps of them. A token is 32 random bytes, so that one SHA-256
//! is enough: slow hashes make guessing dear where secrets can be guessed. Must not know whose a token is.

use std::fmt::{self, Display, Formatter};

use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// How every token of ours begins: so that people and scanners know one where it should not be.
pub const PREFIX: &str = "foreshore_";

/// How a digest is written before its hexadecimal digits.
const KIND: &str = "sha256:";

/// A token: shown once, when it is made. Says nothing of itself in logs.
pub struct Token(String);

impl Token {
    /// A new one.
    ///
    /// # Errors
    /// When the system has no randomness to give.
    pub fn random() -> Result<Token, getrandom::Error> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes)?;
        Ok(Token(format!("{PREFIX}{}", Hex(&bytes))))
    }

    /// As its holder sends it.
    pub fn text(&self) -> &str {
        &self.0
    }
}

/// The SHA-256 of a secret.
#[derive(Clone, Copy, Debug)]
pub struct Digest([u8; 32]);

impl Digest {
    /// Of these bytes.
    pub fn of(bytes: &[u8]) -> Digest {
        Digest(Sha256::digest(bytes).into())
    }

    /// As it is written: `sha256:` and 64 hexadecimal digits. None for anything else.
    pub fn read(text: &str) -> Option<Digest> {
        let digits = text.strip_prefix(KIND)?.as_bytes();
        let mut bytes = [0; 32];
        if digits.len() != 2 * bytes.len() {
            return None;
        }
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            let (high, low) = (hexadecimal(pair[0])?, hexadecimal(pair[1])?);
            *byte = high << 4 | low;
        }
        Some(Digest(bytes))
    }

    /// Whether it is this one; takes the same time wherever they differ.
    pub fn is(&self, other: &Digest) -> bool {
        self.0.ct_eq(&other.0).into()
    }

    /// A few of its bits, to look for it by. They may be told from the time it takes: they are bits of a digest,
    /// and lead to no secret.
    pub fn bits(&self) -> u64 {
        let [a, b, c, d, e, f, g, h, ..] = self.0;
        u64::from_be_bytes([a, b, c, d, e, f, g, h])
    }
}

impl Display for Digest {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{KIND}{}", Hex(&self.0))
    }
}

fn hexadecimal(digit: u8) -> Option<u8> {
    let value = char::from(digit).to_digit(16)?;
    u8::try_from(value).ok()
}

struct Hex<'a>(&'a [u8]);

impl Display for Hex<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// A text with every token in it cut to its beginning: what people write where a digest belongs must not stand
/// in a log.
pub fn redacted(text: &str) -> String {
    let mut parts = text.split(PREFIX);
    let mut told = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let rest = part.trim_start_matches(|c: char| c.is_ascii_alphanumeric());
        told = format!("{told}{PREFIX}(cut){rest}");
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_long_and_never_the_same() {
        let (one, other) = (Token::random().unwrap(), Token::random().unwrap());
        assert_eq!(one.text().len(), PREFIX.len() + 64);
        assert!(one.text().starts_with(PREFIX));
        assert_ne!(one.text(), other.text());
    }

    #[test]
    fn a_digest_is_read_as_it_is_written() {
        let digest = Digest::of(b"abc");
        let written = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(digest.to_string(), written);
        assert!(Digest::read(written).is_some_and(|read| read.is(&digest)));
        assert!(!Digest::of(b"abd").is(&digest));
    }

    #[test]
    fn what_is_no_digest_is_not_read_as_one() {
        let digits = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        for text in [
            "",
            "sha256:",
            digits,
            &format!("sha512:{digits}"),
            &format!("sha256:{digits}00"),
            &format!("sha256:{}", &digits[2..]),
            &format!("sha256:+{}", &digits[1..]),
            &format!("sha256:é{}", &digits[2..]),
        ] {
            assert!(Digest::read(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_token_in_a_message_is_cut() {
        let message =
            "invalid type: string \"foreshore_abc123\", expected a sequence; foreshore_9f";
        assert_eq!(
            redacted(message),
            "invalid type: string \"foreshore_(cut)\", expected a sequence; foreshore_(cut)"
        );
        assert_eq!(redacted("nothing to hide"), "nothing to hide");
    }
}
