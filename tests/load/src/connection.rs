//! One connection to a server: a request out, its answer in, and the next on the same connection while the server
//! keeps it. Takes bodies and what its socket is ready for; gives answers when they are whole.

use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

use crate::answer::Answer;
use crate::readiness::Readiness;
use crate::report::PATIENCE;

/// Read at once; an answer is seldom longer.
const READ_BYTES: usize = 16 << 10;

pub(crate) struct Connection {
    number: usize,
    address: SocketAddr,
    head: String,
    stream: Option<TcpStream>,
    /// The request that goes out, and how much of it is out.
    request: Vec<u8>,
    sent: usize,
    /// What has come of the answer.
    answer: Vec<u8>,
}

impl Connection {
    pub(crate) fn new(number: usize, address: SocketAddr, path: &str, media: &str) -> Connection {
        Connection {
            number,
            address,
            head: format!(
                "POST {path} HTTP/1.1\r\nhost: {address}\r\ncontent-type: {media}\r\ncontent-length: "
            ),
            stream: None,
            request: Vec::new(),
            sent: 0,
            answer: Vec::new(),
        }
    }

    /// Connects, unless it is connected.
    pub(crate) fn connect(&mut self, readiness: &Readiness) -> io::Result<()> {
        if self.stream.is_none() {
            let stream = TcpStream::connect_timeout(&self.address, PATIENCE)?;
            stream.set_nodelay(true)?;
            stream.set_nonblocking(true)?;
            readiness.add(&stream, self.number)?;
            self.stream = Some(stream);
        }
        Ok(())
    }

    /// Sends a body, as much of it as there is room for; the rest goes out with [`proceed`](Connection::proceed).
    ///
    /// # Errors
    /// When the connection cannot be made or breaks; the next request makes another.
    pub(crate) fn send(&mut self, body: &[u8], readiness: &Readiness) -> io::Result<()> {
        self.request.clear();
        self.sent = 0;
        self.answer.clear();
        write!(self.request, "{}{}\r\n\r\n", self.head, body.len())?;
        self.request.extend_from_slice(body);
        self.connect(readiness)?;
        self.flush().inspect_err(|_| self.hang_up())
    }

    /// Goes on where its socket was not ready before; gives the answer once it is whole.
    ///
    /// # Errors
    /// When the connection breaks.
    pub(crate) fn proceed(&mut self) -> io::Result<Option<Answer>> {
        let proceeded = self.flush().and_then(|()| self.receive());
        match &proceeded {
            Ok(None) => {}
            Ok(Some(answer)) if answer.keeps => {}
            Ok(Some(_)) | Err(_) => self.hang_up(),
        }
        proceeded
    }

    /// Gives the connection up.
    pub(crate) fn hang_up(&mut self) {
        self.stream = None;
    }

    fn flush(&mut self) -> io::Result<()> {
        let Some(stream) = &mut self.stream else {
            return Ok(());
        };
        while self.sent < self.request.len() {
            match stream.write(&self.request[self.sent..]) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(written) => self.sent += written,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Reads what there is. Less than asked for is all there is: what comes later is told of anew.
    fn receive(&mut self) -> io::Result<Option<Answer>> {
        let Some(stream) = &mut self.stream else {
            return Ok(None);
        };
        loop {
            let before = self.answer.len();
            self.answer.resize(before + READ_BYTES, 0);
            let read = stream.read(&mut self.answer[before..]);
            self.answer.truncate(before + *read.as_ref().unwrap_or(&0));
            match read {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(READ_BYTES) => {}
                Ok(_) => break,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(Answer::read(&self.answer)?.map(|(answer, _)| answer))
    }
}
