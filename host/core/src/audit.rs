//! What operators do to a pipeline, as its log keeps it: who, what, and what came of it. It changes nothing of
//! what is said about events, so a restart and a replay pass over it. Must not know how anybody proved to be who.

use std::sync::Arc;

/// Longest text of an audit record, in bytes; what is longer is cut.
const TEXT_BYTES_MAX: usize = 1_024;

/// Something an operator does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Everything before a time is made final.
    Close,
    /// Another pipeline goes on in place of the one that ran.
    Deploy,
    /// Who may do what is said anew.
    Access,
    /// The node shows another certificate, or trusts another authority.
    Certificates,
}

impl Act {
    /// Every act.
    pub const ALL: [Act; 4] = [Act::Close, Act::Deploy, Act::Access, Act::Certificates];

    /// Its name, as it is written everywhere.
    pub fn name(self) -> &'static str {
        match self {
            Act::Close => "close",
            Act::Deploy => "deploy",
            Act::Access => "access",
            Act::Certificates => "certificates",
        }
    }
}

/// An act, whose it was, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audit {
    /// Whose act: the name of an identity, or where it came from.
    pub who: Arc<str>,
    /// What was done.
    pub act: Act,
    /// To what: a time, a revision, a file.
    pub subject: Arc<str>,
    /// What came of it.
    pub outcome: Arc<str>,
}

impl Audit {
    /// An act and what came of it; texts longer than a log should keep are cut.
    pub fn new(who: &str, act: Act, subject: &str, outcome: &str) -> Audit {
        Audit {
            who: cut(who).into(),
            act,
            subject: cut(subject).into(),
            outcome: cut(outcome).into(),
        }
    }
}

fn cut(text: &str) -> &str {
    &text[..text.floor_char_boundary(TEXT_BYTES_MAX)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_cut_between_two_characters() {
        let long = format!("a{}", "é".repeat(TEXT_BYTES_MAX));
        let audit = Audit::new("ops", Act::Deploy, "r1", &long);
        assert_eq!(audit.outcome.len(), TEXT_BYTES_MAX - 1);
        assert!(long.starts_with(&*audit.outcome));
        assert_eq!(&*audit.who, "ops");
    }
}
