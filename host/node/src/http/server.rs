//! Ports and their connections: takes a listener and serves what comes in on it, HTTP/1.1, within the port's
//! places; told to stop, lets requests in flight finish. Must not know what is asked.

use std::convert::Infallible;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use rustix::net::sockopt::{set_socket_recv_buffer_size, set_socket_send_buffer_size};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};

use crate::http::dispatch;
use crate::http::node::{Node, Port};
use crate::http::peer::{self, Connected, Peer};
use crate::http::places::Places;
use crate::http::stopping::Stopping;
use crate::http::wire::{Refusal, Wire};

/// How long to wait when the system gives no more connections: others may end meanwhile.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Connections without a place that are told so at once; others are dropped without a word.
const TURNED_AWAY_MAX: usize = 64;

/// What the system keeps of a connection on its way in and on its way out, in bytes. Left alone it would take
/// several MiB for a client that does not read.
const SOCKET_BYTES: usize = 128 << 10;

/// What the protocol layer keeps of a connection beyond its head, in bytes.
const BUFFER_BYTES: usize = 48 << 10;

/// Serves a port of the node until told to stop; returns once its last connection is done.
pub async fn serve(
    listener: TcpListener,
    node: Arc<Node>,
    port: Port,
    stopping: watch::Receiver<bool>,
) {
    bound_buffers(&listener);
    let mut stopping = Stopping::new(stopping);
    let limits = &node.limits;
    let places = Places::new(limits.connections_max, limits.connections_per_address_max);
    let places = Arc::new(places);
    let turned_away = Arc::new(Semaphore::new(TURNED_AWAY_MAX));
    loop {
        let arrived = tokio::select! {
            arrived = listener.accept() => arrived,
            () = stopping.wait() => break,
        };
        let (stream, address) = match arrived {
            Ok(arrived) => arrived,
            Err(error) => {
                tracing::warn!(%error, ?port, "accept a connection");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let meters = node.port(port).meters.clone();
        let (node, stopping) = (node.clone(), stopping.clone());
        match places.take(address.ip()) {
            Ok(place) => {
                let counted = meters.connected();
                drop(tokio::spawn(async move {
                    connect(stream, &node, port, stopping, None).await;
                    drop((counted, place));
                }));
            }
            Err(refusal) => {
                meters.turn_away();
                if let Ok(turn) = turned_away.clone().try_acquire_owned() {
                    drop(tokio::spawn(async move {
                        connect(stream, &node, port, stopping, Some(refusal)).await;
                        drop(turn);
                    }));
                }
            }
        }
    }
    drop(listener);
    places.emptied().await;
}

/// Bounds what the system keeps of each connection of a listener; they have it from there.
fn bound_buffers(listener: &TcpListener) {
    let bounded = set_socket_recv_buffer_size(listener, SOCKET_BYTES)
        .and_then(|()| set_socket_send_buffer_size(listener, SOCKET_BYTES));
    if let Err(error) = bounded {
        tracing::warn!(%error, "bound the buffers of connections");
    }
}

/// Serves one connection to its end; one that is turned away is told why.
async fn connect(
    stream: TcpStream,
    node: &Node,
    port: Port,
    stopping: Stopping,
    turned_away: Option<Refusal>,
) {
    let connected = match peer::connect(stream, node, port, stopping).await {
        Ok(connected) => connected,
        // A client that does not come in is its own affair.
        Err(error) => return tracing::debug!(%error, ?port, "let a client in"),
    };
    let Connected {
        stream,
        peer,
        stopping,
    } = connected;
    let wire = Wire::new(stream, node.limits.head, node.limits.times);
    let wire = match turned_away {
        None => wire,
        Some(refusal) => wire.turned_away(refusal),
    };
    speak(wire, node, port, &peer, stopping).await;
}

/// Speaks HTTP over a connection's wire.
async fn speak<S>(wire: Wire<S>, node: &Node, port: Port, peer: &Peer, mut stopping: Stopping)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let pace = wire.pace();
    let until = stopping.clone();
    let service = service_fn(|request| {
        let (answering, until) = (pace.begin(), until.clone());
        async move {
            let response = match answering.refusal() {
                None => dispatch::answer(node, port, peer, until, request).await,
                Some(refusal) => {
                    node.port(port).meters.refuse();
                    refusal.problem().into_response()
                }
            };
            Ok::<_, Infallible>(response.map(|body| answering.by(body)))
        }
    });
    // Times are the wire's: the protocol layer has one for a head that has begun and for none, and none for
    // answers.
    let mut protocol = http1::Builder::new();
    protocol.max_buf_size(BUFFER_BYTES + node.limits.head.bytes_max);
    let mut connection = pin!(protocol.serve_connection(TokioIo::new(wire), service));
    let served = tokio::select! {
        served = connection.as_mut() => served,
        () = stopping.wait() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = served {
        // A client that hangs up or babbles is its own affair.
        tracing::debug!(%error, ?port, "serve a connection");
    }
}
