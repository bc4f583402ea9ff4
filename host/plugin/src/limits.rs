//! What a plugin may use: memory, time, bytes. Set per pipeline; the defaults suit a fraud check that must
//! answer within some tens of milliseconds. Must not know how a limit is enforced.

use std::time::Duration;

/// Most memory a plugin can be given, however its limit is set.
pub const MEMORY_BYTES_MAX: usize = 256 << 20;

/// Most entries of a plugin's function table: more than any compiler's output for a component this size.
pub(crate) const TABLE_ELEMENTS_MAX: usize = 20_000;

/// Time for `describe`, a fixed cost at load.
pub(crate) const DESCRIBE_TIME: Duration = Duration::from_secs(1);

/// Bytes `describe` may return.
pub(crate) const DESCRIBE_BYTES: usize = 1 << 20;

/// What one instance of a plugin may use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Linear memory, in bytes; above [`MEMORY_BYTES_MAX`] counts as that. The default, 64 MiB, holds 256
    /// states of the default size twice over, and the growth of the buffers they are built in.
    pub memory_bytes: usize,
    /// Time of a call, whatever its rows; the default is 20 ms: far above any honest call, so that a thread the
    /// system keeps waiting is not taken for a loop. Looked at every millisecond.
    pub call_time: Duration,
    /// Time added for each row; the default is 20 us, so that 256 rows have 5 ms more.
    pub row_time: Duration,
    /// Bytes of one encoded state; the default is 64 KiB.
    pub state_bytes: usize,
    /// Bytes of the component itself; the default is 4 MiB.
    pub component_bytes: usize,
    /// Processor time of compiling it, in whole seconds, begun ones counted; the default is 10 s.
    pub compile_time: Duration,
    /// Memory of compiling it, in bytes of address space; the default is 512 MiB.
    pub compile_memory_bytes: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            memory_bytes: 64 << 20,
            call_time: Duration::from_millis(20),
            row_time: Duration::from_micros(20),
            state_bytes: 64 << 10,
            component_bytes: 4 << 20,
            compile_time: Duration::from_secs(10),
            compile_memory_bytes: 512 << 20,
        }
    }
}

impl Limits {
    /// Time for a call of so many rows.
    pub fn time(&self, rows: usize) -> Duration {
        let rows = u32::try_from(rows).unwrap_or(u32::MAX);
        self.call_time
            .saturating_add(self.row_time.saturating_mul(rows))
    }
}
