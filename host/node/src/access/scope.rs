//! What one may be allowed to do. None holds another: who is to have two is given both.

use serde::Deserialize;

/// Something one may be allowed to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// Have events scored.
    Score,
    /// Send events nobody waits for.
    Ingest,
    /// Look at timelines, decisions, amendments, pipelines and numbers.
    Read,
    /// Close and deploy.
    Admin,
}

impl Scope {
    /// Its name, as it is written everywhere.
    pub fn name(self) -> &'static str {
        match self {
            Scope::Score => "score",
            Scope::Ingest => "ingest",
            Scope::Read => "read",
            Scope::Admin => "admin",
        }
    }
}
