//! How a log is kept: how large its files are, when a record counts as durable, what is left free.

/// When a record counts as durable.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// When the disk has it: outlives a power cut.
    #[default]
    Fsync,
    /// When the operating system has it: outlives the process, not a power cut.
    Os,
}

/// How a log is kept.
#[derive(Clone, Debug)]
pub struct LogSettings {
    /// Bytes of a segment.
    pub segment_bytes: u64,
    /// When a record counts as durable.
    pub durability: Durability,
    /// Bytes of the disk to be left free; `Log::room` tells when they are not.
    pub reserve_bytes: u64,
}

impl Default for LogSettings {
    /// Segments of 64 MiB, fsync, a reserve of 256 MiB.
    fn default() -> LogSettings {
        LogSettings {
            segment_bytes: 64 << 20,
            durability: Durability::Fsync,
            reserve_bytes: 256 << 20,
        }
    }
}
