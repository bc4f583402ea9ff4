//! Where log records go. Every reply waits until the records it rests on are through here; a durable log
//! takes this place without the worker noticing.

use foreshore_core::Record;

/// A log: takes records in order of their positions.
pub trait Log: Send {
    /// Takes these records; when it returns, they are as safe as this log makes them.
    fn append(&mut self, records: &[Record]);
}

/// A log that keeps nothing: the node's memory is all there is. What is acknowledged is lost with the
/// process.
#[derive(Debug, Default)]
pub struct Volatile;

impl Log for Volatile {
    fn append(&mut self, _records: &[Record]) {}
}
