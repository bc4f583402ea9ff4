//! A port's TLS in force: handshakes within their time, by certificates that can be exchanged while the port
//! listens. Gives an encrypted stream and what the client's certificate calls its holder; must not know HTTP.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::config::{ConfigError, ServerConfig, TlsConfig};
use crate::http::node::Port;
use crate::http::tls::files::{Files, Read};
use crate::http::tls::names::names;

/// How long a handshake may take: a client that is there needs two round trips.
const HANDSHAKE_TIME: Duration = Duration::from_secs(3);

/// A port's TLS.
#[derive(Debug)]
pub struct Door {
    files: Files,
    force: RwLock<Arc<Force>>,
    failed: AtomicU64,
}

/// The TLS of both ports; none where a port has none.
#[derive(Debug, Default)]
pub struct Doors {
    /// Of the data port.
    pub data: Option<Arc<Door>>,
    /// Of the admin port.
    pub admin: Option<Arc<Door>>,
}

impl Doors {
    /// Reads what a configuration says of both.
    ///
    /// # Errors
    /// As [`Door::new`].
    pub fn new(file: &Path, config: &ServerConfig) -> Result<Doors, ConfigError> {
        let door = |key, tls: &Option<TlsConfig>| {
            let door = tls.as_ref().map(|tls| Door::new(file, key, tls));
            door.transpose().map(|door| door.map(Arc::new))
        };
        Ok(Doors {
            data: door("server.data_tls", &config.data_tls)?,
            admin: door("server.admin_tls", &config.admin_tls)?,
        })
    }

    /// That of a port.
    pub fn of(&self, port: Port) -> Option<&Arc<Door>> {
        match port {
            Port::Data => self.data.as_ref(),
            Port::Admin => self.admin.as_ref(),
        }
    }
}

/// Certificates in force, until others are.
struct Force {
    acceptor: TlsAcceptor,
    told: String,
    /// True once others are.
    replaced: watch::Sender<bool>,
}

/// A client that came in.
pub(in crate::http) struct Entered {
    pub(in crate::http) stream: TlsStream<TcpStream>,
    /// What its certificate calls it; nothing without one.
    pub(in crate::http) names: Arc<[String]>,
    /// True once the certificates it came in by are not in force any more.
    pub(in crate::http) replaced: watch::Receiver<bool>,
}

impl Door {
    /// The TLS that a configuration names under a key, as `server.data_tls`.
    ///
    /// # Errors
    /// When a file is not there, is not what it should be, or does not belong to the others.
    pub fn new(config: &Path, key: &'static str, tls: &TlsConfig) -> Result<Door, ConfigError> {
        let files = Files::new(config, key, tls);
        let force = RwLock::new(Arc::new(Force::of(files.read()?)));
        Ok(Door {
            files,
            force,
            failed: AtomicU64::new(0),
        })
    }

    /// The files behind it.
    pub fn files(&self) -> Vec<PathBuf> {
        self.files.all()
    }

    /// Takes the files as they are now; tells what they came to, unless it is what it was. Connections that came
    /// in by the old ones end after the request they are at.
    ///
    /// # Errors
    /// As [`Door::new`]; then what was in force stays so.
    pub fn renew(&self) -> Result<Option<String>, ConfigError> {
        let read = self.files.read()?;
        let old = self.force();
        if read.told == old.told {
            return Ok(None);
        }
        let told = read.told.clone();
        let new = Arc::new(Force::of(read));
        *self.force.write().unwrap_or_else(PoisonError::into_inner) = new;
        old.replaced.send_replace(true);
        Ok(Some(told))
    }

    /// Has a client come in.
    ///
    /// # Errors
    /// When it does not within its time, speaks no TLS that is taken, or shows no certificate where it has to.
    pub(in crate::http) async fn enter(&self, stream: TcpStream) -> io::Result<Entered> {
        let entered = self.shake(stream).await;
        entered.inspect_err(|_| {
            self.failed.fetch_add(1, Ordering::Relaxed);
        })
    }

    /// Handshakes that came to nothing, since the start.
    pub fn failed(&self) -> u64 {
        self.failed.load(Ordering::Relaxed)
    }

    async fn shake(&self, stream: TcpStream) -> io::Result<Entered> {
        let force = self.force();
        let replaced = force.replaced.subscribe();
        let shaken = tokio::time::timeout(HANDSHAKE_TIME, force.acceptor.accept(stream)).await;
        let late = |_| io::Error::new(io::ErrorKind::TimedOut, "no handshake within its time");
        let stream = shaken.map_err(late)??;
        let shown = stream.get_ref().1.peer_certificates();
        let names = shown.and_then(<[_]>::first).map(names).transpose()?;
        Ok(Entered {
            names: names.unwrap_or_default().into(),
            stream,
            replaced,
        })
    }

    fn force(&self) -> Arc<Force> {
        // Only ever exchanged as a whole: a panicking writer leaves nothing half done.
        let force = self.force.read().unwrap_or_else(PoisonError::into_inner);
        force.clone()
    }
}

impl Force {
    fn of(read: Read) -> Force {
        Force {
            acceptor: TlsAcceptor::from(read.server),
            told: read.told,
            replaced: watch::Sender::new(false),
        }
    }
}

impl std::fmt::Debug for Force {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.told)
    }
}
