//! The other end of a connection: plain or encrypted bytes, where they come from, and what a certificate calls
//! whoever sends them. Must not know what is asked.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

use crate::http::node::{Node, Port};
use crate::http::stopping::Stopping;

/// Bytes to and from a client.
pub(super) trait Bytes: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Bytes for T {}

/// A client that is connected.
pub(super) struct Connected {
    pub(super) stream: Box<dyn Bytes>,
    pub(super) peer: Peer,
    /// When to end: the node stops, or the certificates it came in by are not in force any more.
    pub(super) stopping: Stopping,
}

/// Who is at the other end, as far as the connection tells.
#[derive(Clone, Debug)]
pub(super) struct Peer {
    /// Where it is.
    pub(super) address: Option<SocketAddr>,
    /// What its certificate calls it; nothing without one.
    pub(super) names: Arc<[String]>,
}

/// Has a client come in to a port: through its TLS, if it has any.
///
/// # Errors
/// When the client does not come in: an affair of its own.
pub(super) async fn connect(
    stream: TcpStream,
    node: &Node,
    port: Port,
    mut stopping: Stopping,
) -> io::Result<Connected> {
    // Answers are small and awaited: a delay to fill packets would be all that is felt.
    drop(stream.set_nodelay(true));
    let address = stream.peer_addr().ok();
    let Some(door) = node.guards.doors.of(port) else {
        let peer = Peer {
            address,
            names: [].into(),
        };
        let stream = Box::new(stream);
        return Ok(Connected {
            stream,
            peer,
            stopping,
        });
    };
    let entered = tokio::select! {
        entered = door.enter(stream) => entered?,
        () = stopping.wait() => return Err(io::Error::other("the node stops")),
    };
    let names = entered.names;
    Ok(Connected {
        stream: Box::new(entered.stream),
        peer: Peer { address, names },
        stopping: stopping.or(entered.replaced),
    })
}
