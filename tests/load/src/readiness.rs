//! Waiting for many connections at once: which of them have something to read, or room to write. Takes sockets by
//! number and a time to wait, to the nanosecond; must not know what is sent.

use std::io;
use std::net::TcpStream;
use std::num::NonZero;
use std::os::fd::OwnedFd;
use std::time::Duration;

use rustix::buffer::spare_capacity;
use rustix::event::{Timespec, epoll};
use rustix::thread::set_current_timer_slack;

/// Connections told of at once.
const READY_MAX: usize = 256;

/// Sockets that are waited for.
pub(crate) struct Readiness {
    epoll: OwnedFd,
    ready: Vec<epoll::Event>,
}

impl Readiness {
    pub(crate) fn new() -> io::Result<Readiness> {
        // The system may wake a thread some tens of microseconds late, unless it asks for better.
        set_current_timer_slack(NonZero::new(1))?;
        Ok(Readiness {
            epoll: epoll::create(epoll::CreateFlags::CLOEXEC)?,
            ready: Vec::with_capacity(READY_MAX),
        })
    }

    /// Tells of this socket from now on, each time that something new has come or there is room again. Closed, it
    /// is forgotten.
    pub(crate) fn add(&self, stream: &TcpStream, number: usize) -> io::Result<()> {
        let data = epoll::EventData::new_u64(number as u64);
        let flags = epoll::EventFlags::IN | epoll::EventFlags::OUT | epoll::EventFlags::ET;
        Ok(epoll::add(&self.epoll, stream, data, flags)?)
    }

    /// Waits until there is something to do for a socket, no longer than this; gives their numbers.
    pub(crate) fn wait(&mut self, patience: Duration) -> io::Result<impl Iterator<Item = usize>> {
        let patience = Timespec {
            tv_sec: patience.as_secs() as i64,
            tv_nsec: i64::from(patience.subsec_nanos()),
        };
        self.ready.clear();
        match epoll::wait(
            &self.epoll,
            spare_capacity(&mut self.ready),
            Some(&patience),
        ) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        Ok(self.ready.drain(..).map(|event| event.data.u64() as usize))
    }
}
