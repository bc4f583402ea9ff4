//! Certificates, keys and authorities, from their files. Takes what the configuration names; gives what a
//! handshake needs, or the file at fault. Nothing of a key is ever told.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::{self, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::danger::ClientCertVerifier;
use rustls::server::{NoServerSessionStorage, WebPkiClientVerifier};
use rustls::{RootCertStore, ServerConfig};

use crate::access::holder::fingerprint;
use crate::config::{ConfigError, TlsConfig};

/// The files of a port's TLS.
#[derive(Debug)]
pub(super) struct Files {
    /// The configuration that names them, for messages.
    config: PathBuf,
    /// Its key, as `server.data_tls`.
    key: &'static str,
    certificate: PathBuf,
    private: PathBuf,
    authority: Option<PathBuf>,
}

/// What the files came to.
pub(super) struct Read {
    pub(super) server: Arc<ServerConfig>,
    /// What tells it from any other: the fingerprints of what is shown and of what is trusted.
    pub(super) told: String,
}

impl Files {
    /// Those that a configuration names under a key.
    pub(super) fn new(config: &Path, key: &'static str, tls: &TlsConfig) -> Files {
        let folder = config.parent().unwrap_or(Path::new(""));
        Files {
            config: config.to_owned(),
            key,
            certificate: folder.join(&tls.certificate),
            private: folder.join(&tls.key),
            authority: tls.client_authority.as_ref().map(|file| folder.join(file)),
        }
    }

    /// All of them.
    pub(super) fn all(&self) -> Vec<PathBuf> {
        let files = [
            Some(&self.certificate),
            Some(&self.private),
            self.authority.as_ref(),
        ];
        files.into_iter().flatten().cloned().collect()
    }

    /// Reads them.
    ///
    /// # Errors
    /// The first that is not there, is not what it should be, or does not belong to the others.
    pub(super) fn read(&self) -> Result<Read, ConfigError> {
        let provider = Arc::new(ring::default_provider());
        let shown = self.certificates("certificate", &self.certificate)?;
        let private = PrivateKeyDer::from_pem_file(&self.private)
            .map_err(|error| self.unreadable("key", &self.private, "a private key", &error))?;
        let trusted = self.authority.as_ref();
        let trusted = trusted.map(|file| self.certificates("client_authority", file));
        let trusted = trusted.transpose()?;
        let told = tell(&shown, trusted.as_deref());
        let builder = ServerConfig::builder_with_provider(provider.clone());
        // TLS 1.2 and 1.3; there is no older one in rustls.
        let builder = builder.with_safe_default_protocol_versions();
        let builder = builder.map_err(|error| self.wrong("certificate", error.to_string()))?;
        let builder = match trusted {
            None => builder.with_no_client_auth(),
            Some(trusted) => builder.with_client_cert_verifier(self.verifier(trusted, provider)?),
        };
        let mut server = builder.with_single_cert(shown, private).map_err(|error| {
            let (certificate, private) = (self.certificate.display(), self.private.display());
            self.wrong(
                "key",
                format!("{private} does not belong to {certificate}: {error}"),
            )
        })?;
        // Who comes again is looked at again: a resumed session would pass over what has expired or is not
        // trusted any more. Nothing is taken before the handshake is done.
        server.session_storage = Arc::new(NoServerSessionStorage {});
        server.send_tls13_tickets = 0;
        server.max_early_data_size = 0;
        server.alpn_protocols = vec![b"http/1.1".to_vec()];
        let server = Arc::new(server);
        Ok(Read { server, told })
    }

    fn verifier(
        &self,
        trusted: Vec<CertificateDer<'static>>,
        provider: Arc<CryptoProvider>,
    ) -> Result<Arc<dyn ClientCertVerifier>, ConfigError> {
        let wrong = |error: String| self.wrong("client_authority", error);
        let mut roots = RootCertStore::empty();
        for certificate in trusted {
            let added = roots.add(certificate);
            added.map_err(|error| wrong(format!("not an authority's certificate: {error}")))?;
        }
        let verifier = WebPkiClientVerifier::builder_with_provider(roots.into(), provider).build();
        verifier.map_err(|error| wrong(error.to_string()))
    }

    fn certificates(
        &self,
        part: &str,
        file: &Path,
    ) -> Result<Vec<CertificateDer<'static>>, ConfigError> {
        let read = CertificateDer::pem_file_iter(file).and_then(Iterator::collect);
        let unreadable = |error| self.unreadable(part, file, "a certificate", &error);
        let certificates: Vec<_> = read.map_err(unreadable)?;
        match certificates.is_empty() {
            true => Err(unreadable(pem::Error::NoItemsFound)),
            false => Ok(certificates),
        }
    }

    fn unreadable(&self, part: &str, file: &Path, what: &str, error: &pem::Error) -> ConfigError {
        let file = file.display();
        self.wrong(part, format!("read {what} in PEM from {file}: {error}"))
    }

    fn wrong(&self, part: &str, reason: String) -> ConfigError {
        ConfigError::Wrong {
            file: self.config.clone(),
            key: format!("{}.{part}", self.key),
            reason,
        }
    }
}

fn tell(shown: &[CertificateDer<'_>], trusted: Option<&[CertificateDer<'_>]>) -> String {
    let prints = |certificates: &[CertificateDer<'_>]| {
        let prints = certificates
            .iter()
            .map(|certificate| fingerprint(certificate));
        prints.collect::<Vec<_>>().join(", ")
    };
    let shown = format!("shows {}", prints(shown));
    match trusted {
        None => shown,
        Some(trusted) => format!("{shown}; trusts {}", prints(trusted)),
    }
}
