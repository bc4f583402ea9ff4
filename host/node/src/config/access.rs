//! `[access]` and the TLS of a port: who may do what, and what proves it. As written; files are read where they
//! are used.

use std::path::PathBuf;

use serde::Deserialize;

/// Who may do what. Without this table, whoever reaches a port may do all it serves.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccessConfig {
    /// The tokens file, relative to this one.
    pub tokens: PathBuf,
}

/// How a port is encrypted, and which certificates it takes. Files are relative to this one, in PEM.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TlsConfig {
    /// The port's certificate, and those between it and its root.
    pub certificate: PathBuf,
    /// The key of the first of these.
    pub key: PathBuf,
    /// Certificates of authorities: who has none of theirs is turned away. None: clients need no certificate.
    pub client_authority: Option<PathBuf>,
}
