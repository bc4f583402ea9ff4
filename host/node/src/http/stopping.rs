//! The sign that a connection has to end, as every connection and every stream holds it: the node is told to
//! stop, or what the client came in by is not in force any more.

use std::future::pending;

use tokio::sync::watch;

/// The sign.
#[derive(Clone, Debug)]
pub(super) struct Stopping {
    node: watch::Receiver<bool>,
    door: Option<watch::Receiver<bool>>,
}

impl Stopping {
    /// The sign this channel gives, by true or by its end.
    pub(super) fn new(sign: watch::Receiver<bool>) -> Stopping {
        Stopping {
            node: sign,
            door: None,
        }
    }

    /// The same, also given by another channel.
    pub(super) fn or(self, sign: watch::Receiver<bool>) -> Stopping {
        Stopping {
            door: Some(sign),
            ..self
        }
    }

    /// Waits for the sign; returns at once when it was given.
    pub(super) async fn wait(&mut self) {
        let door = async {
            match &mut self.door {
                Some(sign) => drop(sign.wait_for(|replaced| *replaced).await),
                None => pending().await,
            }
        };
        tokio::select! {
            _ = self.node.wait_for(|stopping| *stopping) => {}
            () = door => {}
        }
    }
}
