//! Answers as responses: JSON, plain text, a stream. Takes what is to be said and gives how it is sent; must not know
//! what it says.

use http_body_util::channel::{Channel, Sender};
use http_body_util::{Either, Full};
use hyper::StatusCode;
use hyper::body::Bytes;
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use serde::Serialize;

/// Bytes that most answers of JSON fit in.
const JSON_BYTES: usize = 1024;

/// A response of ours.
pub(super) type Response = hyper::Response<Body>;

/// Bytes that are there, or that come as they come.
pub(super) type Body = Either<Full<Bytes>, Channel<Bytes>>;

/// Frames a stream holds for its reader; beyond them its writer waits.
const FRAMES_MAX: usize = 16;

/// A response of JSON.
pub(super) fn json(status: StatusCode, said: &impl Serialize) -> Response {
    let mut bytes = Vec::with_capacity(JSON_BYTES);
    // What we serialise are structs with text keys, into memory: neither can fail.
    drop(serde_json::to_writer(&mut bytes, said));
    whole(status, "application/json", bytes.into())
}

/// A good response of text.
pub(super) fn text(media: &'static str, text: String) -> Response {
    whole(StatusCode::OK, media, text.into())
}

/// A good response whose bytes come later, through the sender.
pub(super) fn stream(media: &'static str) -> (Sender<Bytes>, Response) {
    let (sender, channel) = Channel::new(FRAMES_MAX);
    let mut response = respond(StatusCode::OK, media, Either::Right(channel));
    let caching = HeaderValue::from_static("no-cache");
    response.headers_mut().insert(CACHE_CONTROL, caching);
    (sender, response)
}

fn whole(status: StatusCode, media: &'static str, bytes: Bytes) -> Response {
    respond(status, media, Either::Left(Full::new(bytes)))
}

fn respond(status: StatusCode, media: &'static str, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let media = HeaderValue::from_static(media);
    response.headers_mut().insert(CONTENT_TYPE, media);
    response
}

/// The text of a response that is there as a whole.
#[cfg(test)]
pub(super) fn text_of(response: Response) -> String {
    use http_body_util::BodyExt as _;
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let collected = runtime.unwrap().block_on(response.into_body().collect());
    String::from_utf8(collected.unwrap().to_bytes().into()).unwrap()
}
