//! Why a request is refused: whose fault it is that nobody is known, or what the one who is known may not do.
//! Names people, never secrets; how it is told to a client is not for this file.

use foreshore_event::Time;

use crate::access::scope::Scope;

/// Why a request is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Nothing was shown.
    #[error("nobody is named: there is no token, and no certificate that the tokens file knows")]
    Unnamed,
    /// What was shown is not what tokens are shown as.
    #[error("the authorization is not one bearer token")]
    Malformed,
    /// The token is nobody's.
    #[error("the token is not known here")]
    Unknown,
    /// The certificate is that of several.
    #[error("the certificate has names of several identities, so that it is nobody's")]
    Ambiguous,
    /// Its time is over.
    #[error("`{name}` has expired at {expired}")]
    Expired {
        /// Whose.
        name: String,
        /// Since when.
        expired: Time,
    },
    /// It may not do that.
    #[error("`{name}` does not have the scope `{}`", scope.name())]
    Scope {
        /// Who.
        name: String,
        /// What it would need.
        scope: Scope,
    },
    /// It may not do that there.
    #[error("`{name}` is let to some pipelines only, {}", other(pipeline.as_deref()))]
    Pipeline {
        /// Who.
        name: String,
        /// Where it wanted to; none: the node as a whole.
        pipeline: Option<String>,
    },
}

fn other(pipeline: Option<&str>) -> String {
    match pipeline {
        Some(pipeline) => format!("and `{pipeline}` is none of them"),
        None => "and this is about all of them".to_owned(),
    }
}

/// Why something is refused, in one word of a closed list: what is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// [`Refusal::Unnamed`].
    Unnamed,
    /// [`Refusal::Malformed`].
    Malformed,
    /// [`Refusal::Unknown`].
    Unknown,
    /// [`Refusal::Ambiguous`].
    Ambiguous,
    /// [`Refusal::Expired`].
    Expired,
    /// [`Refusal::Scope`].
    Scope,
    /// [`Refusal::Pipeline`].
    Pipeline,
    /// An event of a source that the caller does not speak for.
    Source,
}

impl Why {
    /// Every one.
    pub const ALL: [Why; 8] = [
        Why::Unnamed,
        Why::Malformed,
        Why::Unknown,
        Why::Ambiguous,
        Why::Expired,
        Why::Scope,
        Why::Pipeline,
        Why::Source,
    ];

    /// Its name in metrics.
    pub fn name(self) -> &'static str {
        match self {
            Why::Unnamed => "unnamed",
            Why::Malformed => "malformed",
            Why::Unknown => "unknown",
            Why::Ambiguous => "ambiguous",
            Why::Expired => "expired",
            Why::Scope => "scope",
            Why::Pipeline => "pipeline",
            Why::Source => "source",
        }
    }
}

impl Refusal {
    /// In one word.
    pub fn why(&self) -> Why {
        match self {
            Refusal::Unnamed => Why::Unnamed,
            Refusal::Malformed => Why::Malformed,
            Refusal::Unknown => Why::Unknown,
            Refusal::Ambiguous => Why::Ambiguous,
            Refusal::Expired { .. } => Why::Expired,
            Refusal::Scope { .. } => Why::Scope,
            Refusal::Pipeline { .. } => Why::Pipeline,
        }
    }

    /// Who is refused; none if nobody is known.
    pub fn name(&self) -> Option<&str> {
        match self {
            Refusal::Expired { name, .. }
            | Refusal::Scope { name, .. }
            | Refusal::Pipeline { name, .. } => Some(name),
            _ => None,
        }
    }
}
