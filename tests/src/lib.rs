//! Integration tests: the real binary, real plugins, real HTTP; and the tidy test, which holds the source to
//! the house rules. Must not reach into a crate's inside: what is tested here is what users meet.

/// What the tests stand on.
#[cfg(test)]
mod harness;

/// Score requests.
#[cfg(test)]
mod scoring;

/// Events nobody waits for.
#[cfg(test)]
mod ingesting;

/// Amendments.
#[cfg(test)]
mod amending;

/// Timelines, decisions, what runs.
#[cfg(test)]
mod reading;

/// Arrival orders, duplicates, replay.
#[cfg(test)]
mod order;

/// Plugins that loop, trap, hoard, remember.
#[cfg(test)]
mod misbehaving;

/// More than the node can take, and the end of its work.
#[cfg(test)]
mod overload;

/// Another pipeline in place of the one that runs.
#[cfg(test)]
mod deploying;

/// Components that are hard to compile.
#[cfg(test)]
mod compiling;

/// The oldest log, given up.
#[cfg(test)]
mod retaining;

/// Kills, stops and pauses.
#[cfg(test)]
mod surviving;

/// Stores that are damaged, taken, forbidden, full.
#[cfg(test)]
mod faults;

/// Who may do what, and who is kept out.
#[cfg(test)]
mod entering;

/// Events that are none, or do not hold.
#[cfg(test)]
mod bad_events;

/// Requests no client should send.
#[cfg(test)]
mod bad_requests;

/// What hostile clients send.
#[cfg(test)]
mod hostile;

/// Good and bad configurations.
#[cfg(test)]
mod configuring;

/// From an empty folder to a first score, and what `check` finds.
#[cfg(test)]
mod authoring;

/// Archives that are not as they should be.
#[cfg(test)]
mod replaying;

/// What a node keeps, from outside.
#[cfg(test)]
mod keeping;

/// The example's traffic.
#[cfg(test)]
mod example;

/// The house rules.
#[cfg(test)]
mod tidy;
