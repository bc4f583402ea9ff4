//! Whom the system runs first when not all threads can: threads of plugins stand back behind those that speak HTTP
//! and write the log, which have little to do and are waited for by everyone.

/// How far the thread of a pipeline with neighbours stands back: a third of the weight.
pub const BESIDE_OTHERS: i32 = 5;

/// How far a thread stands back that nobody waits for.
pub const BACKGROUND: i32 = 10;

/// Has the calling thread stand back for as long as it runs.
pub fn stand_back(by: i32) {
    // Everyone may stand back. Where it is not to be had, the thread runs as before.
    if let Err(error) = rustix::process::nice(by) {
        tracing::debug!(%error, "a thread cannot be given a lower priority");
    }
}
