//! A bare HTTP server on one thread: hyper, a connection a task. Takes who answers a body; gives the address on
//! standard output, then serves until it is killed. Must not know what is asked.

use std::convert::Infallible;
use std::future::Future;
use std::net::Ipv4Addr;
use std::rc::Rc;

use anyhow::Context as _;
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{LocalSet, spawn_local};

/// Who answers: path and body in, body out.
pub trait Answers: 'static {
    /// Answers one request.
    fn answer(&self, path: &str, body: Bytes) -> impl Future<Output = Bytes>;
}

/// Serves on a free port of this machine alone.
pub fn serve(answers: impl Answers) -> anyhow::Result<()> {
    // As the node: nobody is to wait while a huge page is cleared.
    rustix::thread::disable_transparent_huge_pages(true)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build()?;
    LocalSet::new().block_on(&runtime, accept(Rc::new(answers)))
}

async fn accept(answers: Rc<impl Answers>) -> anyhow::Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .await
        .context("listen")?;
    println!("data http://{}", listener.local_addr()?);
    loop {
        let (stream, _) = listener.accept().await.context("accept a connection")?;
        drop(spawn_local(connect(stream, answers.clone())));
    }
}

async fn connect(stream: TcpStream, answers: Rc<impl Answers>) {
    drop(stream.set_nodelay(true));
    let service = service_fn(|request| respond(&*answers, request));
    let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    // A client that hangs up is its own affair.
    drop(connection.await);
}

async fn respond(
    answers: &impl Answers,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let body = body
        .collect()
        .await
        .map(|body| body.to_bytes())
        .unwrap_or_default();
    let answer = answers.answer(head.uri.path(), body).await;
    let mut response = Response::new(Full::new(answer));
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, json);
    Ok(response)
}
