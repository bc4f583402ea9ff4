//! A bare connection to a node, and replies as they come over it: for bytes no client library would send.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::os::fd::AsFd as _;

use rustix::net::{AddressFamily, SocketFlags, SocketType, bind, connect, socket_with};
use serde_json::Value;

use crate::harness::http::PATIENCE;
use crate::harness::{Event, Node};

/// A bare connection.
pub struct Raw {
    stream: TcpStream,
    ahead: Vec<u8>,
}

/// A reply.
#[derive(Debug)]
pub struct RawReply {
    pub status: u16,
    pub head: String,
    pub body: String,
}

/// The address of a node's data port.
pub fn host(node: &Node) -> &str {
    node.data.strip_prefix("http://").unwrap()
}

/// A request that asks for the score of an event.
pub fn scoring(event: &Event) -> String {
    let body = event.to_string();
    format!("{}content-length: {}\r\n\r\n{body}", post(""), body.len())
}

/// The head of a request that asks for a score, without its end.
pub fn post(headers: &str) -> String {
    format!(
        "POST /v1/pipelines/cards/score HTTP/1.1\r\nhost: node\r\ncontent-type: application/json\r\n{headers}"
    )
}

impl Raw {
    /// A connection to a node's data port.
    pub fn to(node: &Node) -> Raw {
        Raw::over(TcpStream::connect(host(node)).unwrap())
    }

    /// The same, from another of this machine's own addresses.
    pub fn from(address: &str, node: &Node) -> Raw {
        let own: SocketAddr = format!("{address}:0").parse().unwrap();
        let there: SocketAddr = host(node).parse().unwrap();
        // Closed in the nodes that other tests start meanwhile: it would outlive us there.
        let flags = SocketFlags::CLOEXEC;
        let socket = socket_with(AddressFamily::INET, SocketType::STREAM, flags, None).unwrap();
        bind(socket.as_fd(), &own).unwrap();
        connect(socket.as_fd(), &there).unwrap();
        Raw::over(socket.into())
    }

    fn over(stream: TcpStream) -> Raw {
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_nodelay(true).unwrap();
        Raw {
            stream,
            ahead: Vec::new(),
        }
    }

    /// The connection itself.
    pub fn into_stream(self) -> TcpStream {
        self.stream
    }

    /// Sends bytes as they are; false when the node no longer hears.
    pub fn send(&mut self, bytes: impl AsRef<[u8]>) -> bool {
        self.stream.write_all(bytes.as_ref()).is_ok()
    }

    /// Says that no more bytes come.
    pub fn hang_up(&mut self) {
        self.stream.shutdown(Shutdown::Write).unwrap();
    }

    /// The next reply; none at the end of the connection.
    #[track_caller]
    pub fn reply(&mut self) -> Option<RawReply> {
        let end = loop {
            if let Some(at) = self.ahead.windows(4).position(|four| four == b"\r\n\r\n") {
                break at + 4;
            }
            if !self.more() {
                assert!(self.ahead.is_empty(), "half a reply: {:?}", self.ahead);
                return None;
            }
        };
        let head = String::from_utf8(self.ahead.drain(..end).collect()).unwrap();
        let status = head[9..12].parse().unwrap();
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "));
        let length = length.map_or(0, |length| length.parse().unwrap());
        while self.ahead.len() < length {
            assert!(self.more(), "a reply breaks off: {head}");
        }
        let body = String::from_utf8(self.ahead.drain(..length).collect()).unwrap();
        Some(RawReply { status, head, body })
    }

    /// Whether the node ends the connection, without another word.
    pub fn is_closed(&mut self) -> bool {
        self.ahead.is_empty() && !self.more()
    }

    /// Reads on; false at the end, however rough.
    fn more(&mut self) -> bool {
        let mut bytes = [0; 16 << 10];
        match self.stream.read(&mut bytes) {
            Ok(0) => false,
            Ok(read) => {
                self.ahead.extend_from_slice(&bytes[..read]);
                true
            }
            Err(error) => {
                let kind = error.kind();
                assert_eq!(kind, std::io::ErrorKind::ConnectionReset, "{error}");
                false
            }
        }
    }
}

impl RawReply {
    /// The error in a reply that must have this status.
    #[track_caller]
    pub fn error(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{self:?}");
        let body: Value = serde_json::from_str(&self.body).unwrap();
        body["error"].clone()
    }
}

/// That these bytes are refused with this status, place and reason, and that the connection ends with that.
#[track_caller]
pub fn refused(node: &Node, bytes: impl AsRef<[u8]>, status: u16, place: &str, what: &str) {
    let bytes = bytes.as_ref();
    let shown = String::from_utf8_lossy(&bytes[..bytes.len().min(200)]).into_owned();
    let mut raw = Raw::to(node);
    raw.send(bytes);
    let reply = raw
        .reply()
        .unwrap_or_else(|| panic!("no reply to {shown:?}"));
    let error = reply.error(status);
    assert_eq!(error["where"], place, "{shown:?}: {error}");
    let found = error["what"].as_str().unwrap();
    assert!(found.contains(what), "{shown:?}: {error}");
    assert!(error["fix"].as_str().is_some_and(|fix| !fix.is_empty()));
    assert!(
        reply.head.contains("connection: close\r\n"),
        "{shown:?}: {reply:?}"
    );
    assert!(raw.is_closed(), "{shown:?}: the connection goes on");
}
