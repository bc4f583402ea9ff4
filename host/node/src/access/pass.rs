//! Someone let in, for as long as that holds: what takes hours asks here when it has to end. Must not know what
//! that is.

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use foreshore_event::Time;

use crate::access::gate::Gate;
use crate::access::proof::Proof;
use crate::access::scope::Scope;
use crate::clock;

/// Longest wait before the clock is looked at again: it may be set.
const LOOK_EVERY: Duration = Duration::from_secs(60);

/// Someone let in.
#[derive(Clone, Debug)]
pub struct Pass {
    gate: Arc<Gate>,
    proof: Proof,
    scope: Scope,
    pipeline: Option<String>,
}

impl Pass {
    /// Of one whom a gate has let in to do this.
    pub fn new(gate: Arc<Gate>, proof: Proof, scope: Scope, pipeline: Option<String>) -> Pass {
        Pass {
            gate,
            proof,
            scope,
            pipeline,
        }
    }

    /// Waits until the gate would not let it in any more: its time is over, or the tokens file says so.
    pub async fn lost(&self) {
        let Some(mut news) = self.gate.news() else {
            return pending().await;
        };
        loop {
            // Heard before looking, so that what rings meanwhile rings again.
            news.borrow_and_update();
            let (pipeline, now) = (self.pipeline.as_deref(), clock::now());
            let held = self.gate.check(&self.proof, self.scope, pipeline, now);
            let Ok(identity) = held else { return };
            let expires = identity.and_then(|identity| identity.expires);
            let wait = expires.map_or(LOOK_EVERY, |expires| until(expires, now));
            // The gate keeps the bell: it rings or is quiet, but is never gone.
            drop(tokio::time::timeout(wait, news.changed()).await);
        }
    }
}

fn until(time: Time, now: Time) -> Duration {
    let micros = u64::try_from(time.since(now).0).unwrap_or(0);
    Duration::from_micros(micros).min(LOOK_EVERY)
}
