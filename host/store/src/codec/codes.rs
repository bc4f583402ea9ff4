//! The byte that stands for each word of a closed list. Written out, so that no order of declarations
//! decides what a log says; a code once given is never given to another word.
//!
//! | code | disposition | outcome | reason | act |
//! | --- | --- | --- | --- | --- |
//! | 1 | admitted | approve | trap | close |
//! | 2 | late | review | timeout | deploy |
//! | 3 | future | decline | breaker-open | access |
//! | 4 | conflict | | impure | certificates |
//! | 5 | duplicate | | future | |
//! | 6 | invalid | | settled | |
//! | 7 | shed | | | |

use foreshore_core::{Act, Disposition, Outcome, Reason};

use super::error::DecodeError;
use super::reader::Reader;
use super::writer::Writer;

/// A word with a code.
pub(super) trait Coded: Copy + 'static {
    /// What its list is called.
    const LIST: &'static str;
    /// All words of the list.
    const ALL: &'static [Self];
    /// Its code.
    fn code(self) -> u8;
}

impl Coded for Disposition {
    const LIST: &'static str = "disposition";
    const ALL: &'static [Disposition] = &Disposition::ALL;

    fn code(self) -> u8 {
        match self {
            Disposition::Admitted => 1,
            Disposition::Late => 2,
            Disposition::Future => 3,
            Disposition::Conflict => 4,
            Disposition::Duplicate => 5,
            Disposition::Invalid => 6,
            Disposition::Shed => 7,
        }
    }
}

impl Coded for Outcome {
    const LIST: &'static str = "outcome";
    const ALL: &'static [Outcome] = &[Outcome::Approve, Outcome::Review, Outcome::Decline];

    fn code(self) -> u8 {
        match self {
            Outcome::Approve => 1,
            Outcome::Review => 2,
            Outcome::Decline => 3,
        }
    }
}

impl Coded for Reason {
    const LIST: &'static str = "reason";
    const ALL: &'static [Reason] = &[
        Reason::Trap,
        Reason::Timeout,
        Reason::BreakerOpen,
        Reason::Impure,
        Reason::Future,
        Reason::Settled,
    ];

    fn code(self) -> u8 {
        match self {
            Reason::Trap => 1,
            Reason::Timeout => 2,
            Reason::BreakerOpen => 3,
            Reason::Impure => 4,
            Reason::Future => 5,
            Reason::Settled => 6,
        }
    }
}

impl Coded for Act {
    const LIST: &'static str = "act";
    const ALL: &'static [Act] = &Act::ALL;

    fn code(self) -> u8 {
        match self {
            Act::Close => 1,
            Act::Deploy => 2,
            Act::Access => 3,
            Act::Certificates => 4,
        }
    }
}

impl Writer<'_> {
    /// The code of a word.
    pub(super) fn word(&mut self, word: impl Coded) {
        self.byte(word.code());
    }
}

impl Reader<'_> {
    /// The word of a code.
    pub(super) fn word<T: Coded>(&mut self) -> Result<T, DecodeError> {
        let code = self.byte()?;
        let word = T::ALL.iter().find(|word| word.code() == code);
        let unknown = || self.damaged(format!("{code} is the code of no {}", T::LIST));
        word.copied().ok_or_else(unknown)
    }
}
