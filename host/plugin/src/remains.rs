//! What is left of instances that failed, or that a call was repeated on. Takes them from whoever made the call, and
//! drops them on a thread of its own: the system takes back page by page what a guest has written to, and who waits
//! for an answer must not wait for that too. Must not know what an instance is.

use std::io;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;

/// Most that are being dropped at once, each in its slot of the pool.
pub(crate) const BEING_DROPPED: u32 = 1;

/// Where they go. Handles share one thread; it ends with the last.
#[derive(Clone)]
pub(crate) struct Remains(SyncSender<Box<dyn Send>>);

impl Remains {
    /// Starts the thread.
    pub(crate) fn start() -> io::Result<Remains> {
        // Nothing waits in between: it would keep its slot.
        let (sender, receiver) = sync_channel::<Box<dyn Send>>(0);
        thread::Builder::new()
            .name("plugin-remains".to_owned())
            .spawn(move || receiver.into_iter().for_each(drop))?;
        Ok(Remains(sender))
    }

    /// Drops something on the thread; here and now, if that is still busy with another.
    pub(crate) fn take(&self, left: impl Send + 'static) {
        drop(self.0.try_send(Box::new(left)));
    }
}
