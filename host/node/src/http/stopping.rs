//! The sign that the node is told to stop, as every connection and every stream holds it.

use tokio::sync::watch;

/// The sign.
#[derive(Clone, Debug)]
pub(super) struct Stopping(watch::Receiver<bool>);

impl Stopping {
    /// The sign this channel gives, by true or by its end.
    pub(super) fn new(sign: watch::Receiver<bool>) -> Stopping {
        Stopping(sign)
    }

    /// Waits for the sign; returns at once when it was given.
    pub(super) async fn wait(&mut self) {
        drop(self.0.wait_for(|stopping| *stopping).await);
    }
}
