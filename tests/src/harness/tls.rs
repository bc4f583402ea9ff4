//! Certificates of authorities, nodes and clients, and a client that shows them and sends what it is told over an
//! encrypted connection. Must not know what a test expects.

use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType, IsCa, KeyPair,
};
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{
    ClientConfig, ClientConnection, RootCertStore, StreamOwned, SupportedProtocolVersion,
};

use super::http::PATIENCE;
use super::place::Folder;

/// An authority.
pub struct Authority(CertifiedIssuer<'static, KeyPair>);

/// A certificate and its key, in PEM.
#[derive(Clone)]
pub struct Issued {
    /// The certificate.
    pub certificate: String,
    /// Its key.
    pub key: String,
}

impl Authority {
    /// A new one.
    pub fn new() -> Authority {
        let mut params = CertificateParams::new([]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap());
        Authority(issuer.unwrap())
    }

    /// Its own certificate.
    pub fn pem(&self) -> String {
        self.0.pem()
    }

    /// A certificate for a name of the machine itself, and as common name this.
    pub fn issue(&self, common_name: &str) -> Issued {
        self.issue_with(common_name, |_| {})
    }

    /// The same, changed before it is signed.
    pub fn issue_with(
        &self,
        common_name: &str,
        change: impl FnOnce(&mut CertificateParams),
    ) -> Issued {
        let mut params = CertificateParams::new(["localhost".to_owned()]).unwrap();
        params.distinguished_name = DistinguishedName::new();
        params
            .distinguished_name
            .push(DnType::CommonName, common_name);
        change(&mut params);
        let key = KeyPair::generate().unwrap();
        Issued {
            certificate: params.signed_by(&key, &self.0).unwrap().pem(),
            key: key.serialize_pem(),
        }
    }
}

impl Issued {
    /// As files of a folder: `NAME.pem` and `NAME.key`.
    pub fn write(&self, folder: &Folder, name: &str) {
        folder.write(&format!("{name}.pem"), &self.certificate);
        folder.write(&format!("{name}.key"), &self.key);
    }
}

/// An encrypted connection.
pub type Connection = StreamOwned<ClientConnection, TcpStream>;

/// A client over TLS.
#[derive(Clone)]
pub struct Client(Arc<ClientConfig>);

impl Client {
    /// One that trusts this authority, and shows this certificate if it is to.
    pub fn new(trusted: &Authority, shown: Option<&Issued>) -> Client {
        Client::speaking(rustls::DEFAULT_VERSIONS, trusted, shown)
    }

    /// One that speaks these versions only.
    pub fn speaking(
        versions: &[&'static SupportedProtocolVersion],
        trusted: &Authority,
        shown: Option<&Issued>,
    ) -> Client {
        let mut roots = RootCertStore::empty();
        roots.add(trusted.0.der().clone()).unwrap();
        let provider = Arc::new(ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(versions)
            .unwrap()
            .with_root_certificates(roots);
        let config = match shown {
            None => builder.with_no_client_auth(),
            Some(issued) => {
                let certificate = CertificateDer::from_pem_slice(issued.certificate.as_bytes());
                let key = PrivateKeyDer::from_pem_slice(issued.key.as_bytes());
                let chain = vec![certificate.unwrap()];
                builder.with_client_auth_cert(chain, key.unwrap()).unwrap()
            }
        };
        Client(Arc::new(config))
    }

    /// Connects to an address like `https://127.0.0.1:41234`; the handshake comes with the first bytes.
    pub fn connect(&self, address: &str) -> Connection {
        let stream = TcpStream::connect(address.strip_prefix("https://").unwrap()).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let name = ServerName::try_from("localhost").unwrap();
        let connection = ClientConnection::new(self.0.clone(), name).unwrap();
        StreamOwned::new(connection, stream)
    }

    /// Sends a request on a connection of its own, and reads the reply to its end.
    ///
    /// # Errors
    /// When the node ends the connection before it has answered.
    pub fn ask(&self, address: &str, head: &str, body: &str) -> io::Result<String> {
        let mut connection = self.connect(address);
        let length = body.len();
        let fixed = format!("host: localhost\r\nconnection: close\r\ncontent-length: {length}\r\n");
        let kind = "content-type: application/json\r\n";
        write!(connection, "{head}\r\n{fixed}{kind}\r\n{body}")?;
        let mut reply = Vec::new();
        connection.read_to_end(&mut reply)?;
        match reply.is_empty() {
            true => Err(io::ErrorKind::UnexpectedEof.into()),
            false => Ok(String::from_utf8(reply).unwrap()),
        }
    }
}
