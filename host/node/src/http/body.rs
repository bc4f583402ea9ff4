//! A request's body, within bounds: of a kind we take, not larger than the limit, there in time, with room for
//! it. Gives the bytes; must not know what they say.

use std::error::Error;
use std::time::Duration;

use http_body_util::BodyExt as _;
use hyper::body::{Body, Bytes};
use hyper::header::{CONNECTION, CONTENT_ENCODING, CONTENT_TYPE, HeaderName, HeaderValue};
use hyper::{HeaderMap, StatusCode};

use crate::http::limits::Limits;
use crate::http::problem::Problem;
use crate::http::room::{InFlight, OWN_BYTES, Room, Share};
use crate::http::wire::Refusal;

/// A body as the protocol layer gives it.
pub(super) trait Arriving:
    Body<Data = Bytes, Error: Into<Box<dyn Error + Send + Sync>>> + Unpin
{
}

impl<B> Arriving for B where B: Body<Data = Bytes, Error: Into<Box<dyn Error + Send + Sync>>> + Unpin
{}

/// A body that has not been read yet, and what was said of it.
pub(super) struct Unread<'a, B> {
    pub(super) headers: &'a HeaderMap,
    pub(super) body: B,
    pub(super) limits: &'a Limits,
    pub(super) room: &'a Room,
}

/// A body that is there as a whole. To be kept until its request is answered: it has its room so long.
#[derive(Debug)]
pub(super) struct Whole {
    /// Which of the media types taken it is.
    pub(super) media: &'static str,
    pub(super) bytes: Vec<u8>,
    _share: Share,
    _in_flight: InFlight,
}

impl<B: Arriving> Unread<'_, B> {
    /// The body, if it is of one of the media types taken.
    ///
    /// # Errors
    /// When it is of another type or compressed, too large, too slow, ends before its end, or there is no room.
    pub(super) async fn read(self, taken: &[&'static str]) -> Result<Whole, Problem> {
        let media = media_type(self.headers, taken)?;
        identity(self.headers)?;
        let limits = self.limits;
        let mut share = self.room.share();
        let bytes = collect(self.body, limits.body_bytes_max, &mut share);
        let bytes = match tokio::time::timeout(limits.body_time, bytes).await {
            Ok(bytes) => bytes?,
            Err(_) => return Err(too_slow(limits.body_time)),
        };
        // Only now: a body that comes slowly keeps nobody from being answered.
        let _in_flight = self.room.enter()?;
        Ok(Whole {
            media,
            bytes,
            _share: share,
            _in_flight,
        })
    }
}

/// Which of the media types taken a request names. Parameters aside: all of ours are UTF-8.
fn media_type(headers: &HeaderMap, taken: &[&'static str]) -> Result<&'static str, Problem> {
    let named = text(headers, CONTENT_TYPE);
    let essence = named.split(';').next().unwrap_or_default().trim();
    let found = taken
        .iter()
        .find(|media| media.eq_ignore_ascii_case(essence));
    found.copied().ok_or_else(|| {
        let what = match essence {
            "" => "the body's type is not named".to_owned(),
            other => format!("`{other}` is not taken here"),
        };
        let fix = format!("send {}", taken.join(" or "));
        unsupported("header content-type", what, fix)
    })
}

fn identity(headers: &HeaderMap) -> Result<(), Problem> {
    match text(headers, CONTENT_ENCODING) {
        "" | "identity" => Ok(()),
        other => Err(unsupported(
            "header content-encoding",
            format!("`{other}` is not taken"),
            "send the body as it is".to_owned(),
        )),
    }
}

fn text(headers: &HeaderMap, name: HeaderName) -> &str {
    let value = headers.get(name);
    value.map_or("", |value| value.to_str().unwrap_or("(not a text)"))
}

async fn collect<B: Arriving>(
    mut body: B,
    bytes_max: usize,
    share: &mut Share,
) -> Result<Vec<u8>, Problem> {
    let announced = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    // A client that is still sending does not look for an answer: what is not far too large is heard out.
    let patience = bytes_max.saturating_mul(2);
    // What is only announced takes no room.
    let mut bytes = Vec::with_capacity(announced.min(bytes_max).min(OWN_BYTES));
    let mut length = announced;
    let mut arrived = 0_usize;
    while length <= patience
        && let Some(frame) = body.frame().await
    {
        let frame = frame.map_err(|error| broken(&*error.into()))?;
        // Trailers are the only other kind of frame, and say nothing to us.
        let data = frame.into_data().unwrap_or_default();
        arrived = arrived.saturating_add(data.len());
        length = announced.max(arrived);
        if length <= bytes_max {
            share.grow(bytes.len() + data.len())?;
            bytes.extend_from_slice(&data);
        }
    }
    if length > bytes_max {
        return Err(too_large(bytes_max));
    }
    Ok(bytes)
}

fn unsupported(place: &'static str, what: String, fix: String) -> Problem {
    Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, place, what, fix)
}

fn too_large(bytes_max: usize) -> Problem {
    Problem::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        "body",
        format!("larger than {bytes_max} bytes"),
        "send fewer events at once; the limit is `server.body_bytes_max` of the node's configuration",
    )
    .with(close())
}

fn too_slow(time: Duration) -> Problem {
    Problem::new(
        StatusCode::REQUEST_TIMEOUT,
        "body",
        format!("not there within {time:?}"),
        "send it again; the limit is `server.body_time` of the node's configuration",
    )
    .with(close())
}

/// What follows on this connection would be the rest of the body.
fn close() -> (HeaderName, HeaderValue) {
    (CONNECTION, HeaderValue::from_static("close"))
}

/// What is wrong with a body that did not come to its end.
fn broken(error: &(dyn Error + 'static)) -> Problem {
    if let Some(refusal) = Refusal::behind(error) {
        return refusal.problem();
    }
    Problem::new(
        StatusCode::BAD_REQUEST,
        "body",
        format!("ended before its end: {error}"),
        "send it again, as long as its content-length says",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::ServerConfig;
    use crate::config::values::{self as config, Length};
    use crate::http::reply::text_of;
    use foreshore_event::Span;
    use http_body_util::Full;

    const JSON: &str = "application/json";
    const EVENT: &str = "application/cloudevents+json";

    fn headers(pairs: &[(HeaderName, &str)]) -> HeaderMap {
        let pairs = pairs.iter();
        pairs
            .map(|(name, value)| (name.clone(), HeaderValue::from_str(value).unwrap()))
            .collect()
    }

    fn read<B: Arriving>(
        headers: &HeaderMap,
        body: B,
    ) -> Result<(&'static str, Vec<u8>), (u16, String)> {
        let config = ServerConfig {
            body_bytes_max: config::Bytes(8),
            body_time: Length(Span(1000)),
            ..ServerConfig::default()
        };
        let unread = Unread {
            headers,
            body,
            limits: &Limits::new(&config),
            room: &Room::new(1, 0, 0),
        };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build();
        let read = runtime.unwrap().block_on(unread.read(&[EVENT, JSON]));
        let read = read.map(|whole| (whole.media, whole.bytes));
        read.map_err(|problem| {
            let response = problem.into_response();
            (response.status().as_u16(), text_of(response))
        })
    }

    #[test]
    fn a_body_of_a_type_taken_is_read() {
        for (named, media) in [
            ("application/json", JSON),
            ("Application/JSON; charset=utf-8", JSON),
            ("application/cloudevents+json", EVENT),
        ] {
            let headers = headers(&[(CONTENT_TYPE, named), (CONTENT_ENCODING, "identity")]);
            let body = Full::new(Bytes::from_static(b"12345678"));
            assert_eq!(read(&headers, body), Ok((media, b"12345678".to_vec())));
        }
    }

    #[test]
    fn a_body_of_another_type_is_told_which_are_taken() {
        for (pairs, said) in [
            (vec![], "the body's type is not named"),
            (
                vec![(CONTENT_TYPE, "application/cloudevents-batch+json")],
                "`application/cloudevents-batch+json` is not taken here",
            ),
            (
                vec![(CONTENT_TYPE, "text/json")],
                "send application/cloudevents+json or application/json",
            ),
            (
                vec![(CONTENT_TYPE, JSON), (CONTENT_ENCODING, "gzip")],
                "`gzip` is not taken",
            ),
        ] {
            let body = Full::new(Bytes::from_static(b"{}"));
            let (status, message) = read(&headers(&pairs), body).unwrap_err();
            assert_eq!(status, 415);
            assert!(message.contains(said), "{message}");
        }
    }

    #[test]
    fn a_body_over_the_limit_is_refused_whether_announced_or_not() {
        let json = headers(&[(CONTENT_TYPE, JSON)]);
        let announced = Full::new(Bytes::from_static(b"123456789"));
        let (status, message) = read(&json, announced).unwrap_err();
        assert_eq!(status, 413);
        assert!(
            message.contains("larger than 8 bytes") && message.contains("server.body_bytes_max")
        );

        let (mut sender, streamed) = http_body_util::channel::Channel::<Bytes>::new(4);
        for _ in 0..4 {
            let frame = hyper::body::Frame::data(Bytes::from_static(b"12345"));
            sender.try_send(frame).unwrap();
        }
        assert_eq!(read(&json, streamed).unwrap_err().0, 413);
    }

    #[test]
    fn a_body_that_does_not_come_or_breaks_off_is_told_apart() {
        let json = headers(&[(CONTENT_TYPE, JSON)]);
        let (_sender, waiting) = http_body_util::channel::Channel::<Bytes>::new(1);
        let (status, message) = read(&json, waiting).unwrap_err();
        assert_eq!(status, 408);
        assert!(message.contains("not there within 1ms"), "{message}");

        let (sender, refused) = http_body_util::channel::Channel::<Bytes, std::io::Error>::new(1);
        sender.abort(Refusal::ChunkEnd.into());
        let (status, message) = read(&json, refused).unwrap_err();
        assert_eq!(status, 400);
        assert!(
            message.contains("does not end where its size says"),
            "{message}"
        );

        let (sender, broken) = http_body_util::channel::Channel::<Bytes, String>::new(1);
        sender.abort("connection lost".to_owned());
        let (status, message) = read(&json, broken).unwrap_err();
        assert_eq!(status, 400);
        assert!(
            message.contains("ended before its end: connection lost"),
            "{message}"
        );
    }
}
