//! Who looks after the node: kills it where it is to be killed, and starts it again at the same place. Told
//! of every answer; must not know what any of them says.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::client::Client;
use crate::kills::Kill;
use crate::node::Node;
use crate::program::Program;

/// A node and what is to happen to it.
pub struct Operator<'a> {
    program: &'a Program,
    client: &'a Client,
    kills: &'a [Kill],
    answers: AtomicUsize,
    care: Mutex<Care>,
}

/// The node, and how long each start after a kill took, from the kill until it was ready again.
struct Care {
    node: Node,
    restarts: Vec<Duration>,
}

impl<'a> Operator<'a> {
    /// Takes over a running node.
    pub fn new(
        program: &'a Program,
        node: Node,
        client: &'a Client,
        kills: &'a [Kill],
    ) -> Operator<'a> {
        let restarts = Vec::new();
        Operator {
            program,
            client,
            kills,
            answers: AtomicUsize::new(0),
            care: Mutex::new(Care { node, restarts }),
        }
    }

    /// Notes an answer. Where a kill is due, whoever brings it waits until the node is ready again; the
    /// others find out for themselves.
    ///
    /// # Errors
    /// When the node does not come back.
    pub fn note_answer(&self) -> anyhow::Result<()> {
        let answers = self.answers.fetch_add(1, Ordering::Relaxed) + 1;
        match self.kills.iter().any(|kill| kill.after == answers) {
            true => self.kill(),
            false => Ok(()),
        }
    }

    /// Gives the node back, and how long each restart took.
    pub fn retire(self) -> (Node, Vec<Duration>) {
        let care = self.care.into_inner();
        let Care { node, restarts } = care.unwrap_or_else(PoisonError::into_inner);
        (node, restarts)
    }

    fn kill(&self) -> anyhow::Result<()> {
        let mut care = self.care();
        let killed = Instant::now();
        care.node.kill()?;
        care.node = Node::start_at(self.program, &care.node.addresses)?;
        self.client.wait_until_ready()?;
        care.restarts.push(killed.elapsed());
        Ok(())
    }

    fn care(&self) -> MutexGuard<'_, Care> {
        // Of a panic the other threads tell; here it leaves nothing half done.
        self.care.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
