//! The one place where callers are told from strangers. Takes what a client shows and what it wants; gives a
//! caller, or why not; counts who was refused. The roster behind it can be exchanged while it stands.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use foreshore_event::Time;
use tokio::sync::watch;

use crate::access::caller::Caller;
use crate::access::file;
use crate::access::identity::Identity;
use crate::access::proof::Proof;
use crate::access::refusal::{Refusal, Why};
use crate::access::roster::Roster;
use crate::access::scope::Scope;
use crate::access::token::Digest;
use crate::config::ConfigError;

/// Where callers are told from strangers.
#[derive(Debug)]
pub struct Gate {
    /// None: everybody is let in.
    guarded: Option<Guarded>,
    refused: [AtomicU64; Why::ALL.len()],
}

#[derive(Debug)]
struct Guarded {
    file: PathBuf,
    /// Pipelines that the file may name.
    pipelines: Vec<String>,
    inside: RwLock<Inside>,
    /// Rings when the roster was exchanged.
    exchanged: watch::Sender<()>,
}

/// What is in force.
#[derive(Debug)]
struct Inside {
    roster: Roster,
    /// Of the file's text.
    digest: Digest,
}

impl Gate {
    /// One that lets everybody in: a node without `[access]`.
    pub fn open() -> Gate {
        Gate {
            guarded: None,
            refused: Default::default(),
        }
    }

    /// One for those whom a file names, in a node with these pipelines.
    ///
    /// # Errors
    /// When the file does not hold.
    pub fn of(file: PathBuf, pipelines: Vec<String>) -> Result<Gate, ConfigError> {
        let inside = Inside::read(&file, &pipelines)?;
        let guarded = Guarded {
            file,
            pipelines,
            inside: RwLock::new(inside),
            exchanged: watch::Sender::new(()),
        };
        Ok(Gate {
            guarded: Some(guarded),
            ..Gate::open()
        })
    }

    /// Whether everybody is let in.
    pub fn is_open(&self) -> bool {
        self.guarded.is_none()
    }

    /// The file behind it; none if everybody is let in.
    pub fn file(&self) -> Option<&PathBuf> {
        self.guarded.as_ref().map(|guarded| &guarded.file)
    }

    /// Takes the file as it is now; tells what it came to, unless it says what it said.
    ///
    /// # Errors
    /// When it does not hold: then what was in force stays so.
    pub fn renew(&self) -> Result<Option<String>, ConfigError> {
        let Some(guarded) = &self.guarded else {
            return Ok(None);
        };
        let new = Inside::read(&guarded.file, &guarded.pipelines)?;
        if new.digest.is(&guarded.inside().digest) {
            return Ok(None);
        }
        let told = format!("{} identities, {}", new.roster.len(), new.digest);
        *guarded
            .inside
            .write()
            .unwrap_or_else(PoisonError::into_inner) = new;
        guarded.exchanged.send_replace(());
        Ok(Some(told))
    }

    /// Lets somebody in to do something to a pipeline, or to the node as a whole.
    ///
    /// # Errors
    /// When they are nobody, or may not do that; it is counted.
    pub fn enter(
        &self,
        proof: &Proof,
        scope: Scope,
        pipeline: Option<&str>,
        now: Time,
    ) -> Result<Caller, Refusal> {
        let entered = self.check(proof, scope, pipeline, now);
        let entered = entered.inspect_err(|refusal| self.count(refusal.why()))?;
        Ok(entered.map_or_else(Caller::anybody, Caller::known))
    }

    /// The same, uncounted; none where everybody is let in.
    pub(super) fn check(
        &self,
        proof: &Proof,
        scope: Scope,
        pipeline: Option<&str>,
        now: Time,
    ) -> Result<Option<Arc<Identity>>, Refusal> {
        let Some(guarded) = &self.guarded else {
            return Ok(None);
        };
        let inside = guarded.inside();
        let identity = inside.roster.find(proof)?;
        identity.check(scope, pipeline, now)?;
        Ok(Some(identity.clone()))
    }

    /// Rings when the roster was exchanged; none where there is none.
    pub(super) fn news(&self) -> Option<watch::Receiver<()>> {
        let guarded = self.guarded.as_ref()?;
        Some(guarded.exchanged.subscribe())
    }

    /// Counts something refused.
    pub fn count(&self, why: Why) {
        self.refused[why as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// What was refused, and how often.
    pub fn refused(&self) -> impl Iterator<Item = (Why, u64)> {
        let counts = self
            .refused
            .iter()
            .map(|count| count.load(Ordering::Relaxed));
        Why::ALL.into_iter().zip(counts)
    }

    /// How many are known; none if everybody is let in.
    pub fn known(&self) -> Option<usize> {
        let guarded = self.guarded.as_ref()?;
        Some(guarded.inside().roster.len())
    }
}

impl Guarded {
    fn inside(&self) -> RwLockReadGuard<'_, Inside> {
        // Only ever exchanged as a whole: a panicking writer leaves nothing half done.
        self.inside.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inside {
    fn read(file: &Path, pipelines: &[String]) -> Result<Inside, ConfigError> {
        let text = file::text(file)?;
        Ok(Inside {
            roster: file::understand(file, &text, Some(pipelines))?,
            digest: Digest::of(text.as_bytes()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_is_counted_under_its_own_name() {
        for (at, why) in Why::ALL.into_iter().enumerate() {
            assert_eq!(why as usize, at);
        }
        let gate = Gate::open();
        gate.count(Why::Source);
        let counted: Vec<_> = gate.refused().filter(|(_, count)| *count > 0).collect();
        assert_eq!(counted, [(Why::Source, 1)]);
    }

    #[test]
    fn an_open_gate_lets_everybody_in() {
        let stranger = Proof {
            token: None,
            names: [].into(),
        };
        let entered = Gate::open().enter(&stranger, Scope::Admin, None, Time(0));
        assert_eq!(entered.unwrap().name(), "loopback");
    }
}
