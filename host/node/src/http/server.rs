//! Ports and their connections: takes a listener and serves what comes in on it, HTTP/1.1, up to a number
//! of connections at once; told to stop, lets requests in flight finish. Must not know what is asked.

use std::convert::Infallible;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use crate::http::dispatch;
use crate::http::node::{Node, Port};
use crate::http::stopping::Stopping;

/// How long to wait when the system gives no more connections: others may end meanwhile.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Serves a port of the node until told to stop; returns once its last connection is done.
pub async fn serve(
    listener: TcpListener,
    node: Arc<Node>,
    port: Port,
    stopping: watch::Receiver<bool>,
) {
    let mut stopping = Stopping::new(stopping);
    let connections_max = node.limits.connections_max.clamp(1, Semaphore::MAX_PERMITS);
    let places = Arc::new(Semaphore::new(connections_max));
    loop {
        let arrived = tokio::select! {
            arrived = arrive(&listener, &places) => arrived,
            () = stopping.wait() => break,
        };
        match arrived {
            Ok((stream, place)) => {
                let connection = connect(stream, node.clone(), port, stopping.clone(), place);
                drop(tokio::spawn(connection));
            }
            Err(error) => {
                tracing::warn!(%error, ?port, "accept a connection");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    drop(listener);
    // Every connection holds a place: to have them all is to be alone. The places are never closed.
    let all = u32::try_from(connections_max).unwrap_or(u32::MAX);
    drop(places.acquire_many(all).await);
}

/// The next connection, once there is a place for it.
async fn arrive(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> io::Result<(TcpStream, OwnedSemaphorePermit)> {
    let place = places.clone().acquire_owned();
    let place = place.await.map_err(io::Error::other)?;
    let (stream, _) = listener.accept().await?;
    Ok((stream, place))
}

/// Serves one connection to its end.
async fn connect(
    stream: TcpStream,
    node: Arc<Node>,
    port: Port,
    mut stopping: Stopping,
    place: OwnedSemaphorePermit,
) {
    // Answers are small and awaited: a delay to fill packets would be all that is felt.
    drop(stream.set_nodelay(true));
    let header_time = node.limits.header_time;
    let until = stopping.clone();
    let service = service_fn(|request| {
        let (node, until) = (node.clone(), until.clone());
        async move { Ok::<_, Infallible>(dispatch::answer(&node, port, until, request).await) }
    });
    let mut protocol = http1::Builder::new();
    protocol
        .timer(TokioTimer::new())
        .header_read_timeout(header_time);
    let mut connection = pin!(protocol.serve_connection(TokioIo::new(stream), service));
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
    drop(place);
}
