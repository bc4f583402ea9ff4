//! Requests and replies: a client for what any client sends, and a bare connection for what none should.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;
use ureq::config::ConfigBuilder;
use ureq::http::header::AUTHORIZATION;
use ureq::http::{HeaderValue, Request};
use ureq::middleware::MiddlewareNext;
use ureq::typestate::AgentScope;
use ureq::{Agent, SendBody};

/// A reply that takes longer is a failed test.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A status, headers and a body.
#[derive(Debug)]
pub struct Reply {
    /// The status code.
    pub status: u16,
    headers: Vec<(String, String)>,
    /// The body.
    pub text: String,
}

impl Reply {
    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The body of a reply that must have this status, as JSON.
    #[track_caller]
    pub fn json(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        assert_eq!(self.header("content-type"), Some("application/json"));
        serde_json::from_str(&self.text).unwrap()
    }

    /// The body of a good reply, as JSON.
    #[track_caller]
    pub fn good(&self) -> Value {
        self.json(200)
    }
}

/// A client that takes every status as it comes.
pub fn agent() -> Agent {
    patient().build().into()
}

/// The same, with a token in every request that shows none.
pub fn bearing(token: &str) -> Agent {
    let shown = HeaderValue::from_str(&format!("Bearer {token}")).unwrap();
    let show = move |mut request: Request<SendBody>, next: MiddlewareNext| {
        let headers = request.headers_mut();
        headers.entry(AUTHORIZATION).or_insert(shown.clone());
        next.handle(request)
    };
    patient().middleware(show).build().into()
}

fn patient() -> ConfigBuilder<AgentScope> {
    Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(PATIENCE))
        // A kept connection may be closed by the node just when it is used again.
        .max_idle_connections(0)
}

/// Sends a request with headers and a body.
pub fn send(
    agent: &Agent,
    method: &str,
    url: &str,
    headers: &[(&str, &str)],
    body: impl AsRef<[u8]>,
) -> Reply {
    try_send(agent, method, url, headers, body).unwrap()
}

/// The same; an error when the node goes before it has answered.
pub fn try_send(
    agent: &Agent,
    method: &str,
    url: &str,
    headers: &[(&str, &str)],
    body: impl AsRef<[u8]>,
) -> Result<Reply, ureq::Error> {
    let mut request = Request::builder().method(method).uri(url);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(body.as_ref()).unwrap();
    let request = agent
        .configure_request(request)
        .allow_non_standard_methods(true)
        .build();
    let mut response = agent.run(request)?;
    let text = |value: &HeaderValue| value.to_str().unwrap().to_owned();
    let headers = response.headers().iter();
    Ok(Reply {
        status: response.status().as_u16(),
        headers: headers
            .map(|(name, value)| (name.to_string(), text(value)))
            .collect(),
        text: response.body_mut().read_to_string()?,
    })
}

/// Sends bytes as they are, as if more were to come, and reads until the end.
///
/// A client that says no more come may be taken for one that is gone, before it has its answer.
pub fn send_unfinished(address: &str, bytes: impl AsRef<[u8]>) -> String {
    rest(begin(address, bytes))
}

/// A connection with these bytes sent.
pub fn begin(address: &str, bytes: impl AsRef<[u8]>) -> TcpStream {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.write_all(bytes.as_ref()).unwrap();
    stream
}

/// All that comes over a connection until its end.
pub fn rest(mut stream: TcpStream) -> String {
    let mut reply = Vec::new();
    // A node that turns a client away need not read what the client still sends: the end may be rough.
    drop(stream.read_to_end(&mut reply));
    String::from_utf8(reply).unwrap()
}
