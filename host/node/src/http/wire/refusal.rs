//! Why a connection's bytes do not pass, and what its client is told: one list, so that every refusal has one
//! status and one sentence.

use std::error::Error;
use std::io;
use std::time::Duration;

use hyper::StatusCode;
use hyper::header::{CONNECTION, HeaderValue, RETRY_AFTER};

use crate::http::problem::Problem;

/// How long a client should stay away that found no place.
const RETRY_AFTER_SECONDS: u64 = 1;

/// Why bytes do not pass. Whatever it is, the connection is closed: where the next message begins is no longer
/// certain.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(in crate::http) enum Refusal {
    /// The bytes are no request.
    #[error("this is not an HTTP request")]
    NotHttp,
    /// The request's line is not a method, a target and a version.
    #[error("the request line is not METHOD TARGET HTTP/1.1")]
    RequestLine,
    /// A version this port does not speak.
    #[error("this port speaks HTTP/1.1 only")]
    Version,
    /// A target that is not a path.
    #[error("the target is not a path, and this is no proxy")]
    Target,
    /// A target longer than the limit.
    #[error("the target is longer than {0} bytes")]
    TargetTooLong(usize),
    /// A head longer than the limit.
    #[error("the head is longer than {0} bytes")]
    HeadTooLong(usize),
    /// More headers than the limit.
    #[error("there are more than {0} headers")]
    TooManyHeaders(usize),
    /// A line that ends in a line feed alone, or a carriage return within a line.
    #[error("a line of the head does not end in CRLF")]
    LineEnd,
    /// A header over several lines.
    #[error("a header is folded over several lines")]
    Folded,
    /// A line that is not `name: value`.
    #[error("a line of the head is not `name: value`")]
    HeaderLine,
    /// No host, or several.
    #[error("there is not exactly one host")]
    Host,
    /// An expectation that is not met.
    #[error("the only expectation met is 100-continue")]
    Expectation,
    /// Two content-lengths, even equal ones.
    #[error("content-length is given more than once")]
    TwoLengths,
    /// A content-length that is not a number.
    #[error("content-length is not a number of bytes")]
    Length,
    /// A body framed in two ways.
    #[error("content-length and transfer-encoding are both given")]
    LengthAndEncoding,
    /// A transfer-encoding that is not `chunked`, once.
    #[error("the only transfer-encoding taken is `chunked`, once")]
    Encoding,
    /// A chunk's line that is not its size alone.
    #[error(
        "a chunk begins with its size in hexadecimal and nothing else: no extensions, at most 8 digits"
    )]
    ChunkSize,
    /// A chunk that does not end where its size says.
    #[error("a chunk does not end where its size says")]
    ChunkEnd,
    /// Headers behind a body.
    #[error("trailers are not taken")]
    Trailers,
    /// A head that did not come in its time.
    #[error("the head was not there within {0:?}")]
    HeadTime(Duration),
    /// All places of the port are taken.
    #[error("the node has as many connections as it takes")]
    PortFull,
    /// All places of the client's address are taken.
    #[error("the node has as many connections from this address as it takes")]
    AddressFull,
}

impl Refusal {
    /// What the client is told.
    pub(in crate::http) fn problem(&self) -> Problem {
        let problem = Problem::new(self.status(), self.place(), self.to_string(), self.fix());
        let problem = problem.with((CONNECTION, HeaderValue::from_static("close")));
        match self {
            Refusal::PortFull | Refusal::AddressFull => {
                problem.with((RETRY_AFTER, RETRY_AFTER_SECONDS.into()))
            }
            _ => problem,
        }
    }

    /// The refusal that an error of a body stems from.
    pub(in crate::http) fn behind<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a Refusal> {
        let mut error = Some(error);
        while let Some(found) = error {
            let inner = found
                .downcast_ref::<io::Error>()
                .and_then(io::Error::get_ref);
            if let Some(refusal) = inner.and_then(|inner| inner.downcast_ref()) {
                return Some(refusal);
            }
            error = found.source();
        }
        None
    }

    fn status(&self) -> StatusCode {
        match self {
            Refusal::Version => StatusCode::HTTP_VERSION_NOT_SUPPORTED,
            Refusal::TargetTooLong(_) => StatusCode::URI_TOO_LONG,
            Refusal::HeadTooLong(_) | Refusal::TooManyHeaders(_) => {
                StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE
            }
            Refusal::Expectation => StatusCode::EXPECTATION_FAILED,
            Refusal::HeadTime(_) => StatusCode::REQUEST_TIMEOUT,
            Refusal::PortFull | Refusal::AddressFull => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::BAD_REQUEST,
        }
    }

    fn place(&self) -> &'static str {
        match self {
            Refusal::NotHttp | Refusal::PortFull | Refusal::AddressFull => "connection",
            Refusal::RequestLine | Refusal::Version => "request line",
            Refusal::Target | Refusal::TargetTooLong(_) => "path",
            Refusal::Host => "header host",
            Refusal::Expectation => "header expect",
            Refusal::TwoLengths | Refusal::Length => "header content-length",
            Refusal::LengthAndEncoding | Refusal::Encoding => "header transfer-encoding",
            Refusal::ChunkSize | Refusal::ChunkEnd | Refusal::Trailers => "body",
            _ => "head",
        }
    }

    fn fix(&self) -> &'static str {
        match self {
            Refusal::Target => "ask for a path of this node, as in /v1/pipelines/NAME/score",
            Refusal::TargetTooLong(_) => {
                "ask for less at once; the limit is `server.target_bytes_max` of the node's configuration"
            }
            Refusal::HeadTooLong(_) => {
                "send less in the head; the limit is `server.header_bytes_max` of the node's configuration"
            }
            Refusal::TooManyHeaders(_) => {
                "send fewer headers; the limit is `server.headers_max` of the node's configuration"
            }
            Refusal::HeadTime(_) => {
                "send it again, on a new connection; the limit is `server.header_time` of the node's \
                 configuration"
            }
            Refusal::PortFull => {
                "try again in a moment, or another node; the limit is `server.connections_max` of the node's \
                 configuration"
            }
            Refusal::AddressFull => {
                "share fewer connections among more requests; the limit is \
                 `server.connections_per_address_max` of the node's configuration"
            }
            Refusal::LengthAndEncoding | Refusal::TwoLengths | Refusal::Length => {
                "send one content-length, or `transfer-encoding: chunked`, never both"
            }
            Refusal::Encoding => "send the body as it is, with its content-length",
            Refusal::ChunkSize | Refusal::ChunkEnd | Refusal::Trailers => {
                "send chunks as `SIZE CRLF BYTES CRLF`, the last one empty; or send a content-length"
            }
            Refusal::Version => "speak HTTP/1.1, from the first byte on",
            Refusal::Expectation => "leave the header out",
            _ => "send an HTTP/1.1 request as RFC 9112 writes it",
        }
    }
}

/// On the way through the protocol layer, which knows only this kind.
impl From<Refusal> for io::Error {
    fn from(refusal: Refusal) -> io::Error {
        io::Error::new(io::ErrorKind::InvalidData, refusal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::reply::text_of;

    #[test]
    fn a_refusal_is_a_problem_that_ends_the_connection() {
        let response = Refusal::HeadTooLong(16384).problem().into_response();
        assert_eq!(response.status(), 431);
        assert_eq!(response.headers()["connection"], "close");
        let message = text_of(response);
        assert!(message.contains("longer than 16384 bytes"), "{message}");
        assert!(message.contains("server.header_bytes_max"), "{message}");
    }

    #[test]
    fn who_found_no_place_is_told_when_to_come_back() {
        let response = Refusal::PortFull.problem().into_response();
        assert_eq!(response.status(), 503);
        assert_eq!(response.headers()["retry-after"], "1");
        assert_eq!(response.headers()["connection"], "close");
    }

    #[test]
    fn a_refusal_is_found_behind_the_errors_around_it() {
        #[derive(Debug, thiserror::Error)]
        #[error("read a body")]
        struct Around(#[source] io::Error);
        let around = Around(Refusal::ChunkEnd.into());
        assert_eq!(Refusal::behind(&around), Some(&Refusal::ChunkEnd));
        assert_eq!(Refusal::behind(&Around(io::ErrorKind::Other.into())), None);
    }
}
