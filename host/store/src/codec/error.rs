//! Why bytes make no record. Says what was being read and where in it; the log knows which record it was.

/// Bytes that make no record for this reader.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// Of a format this build does not know.
    #[error(
        "{what} was written by a newer foreshore (format {found}, this one knows up to {known}); \
         open the store with that version or a later one"
    )]
    Newer {
        /// What was being read.
        what: &'static str,
        /// Its format.
        found: u8,
        /// The newest format known.
        known: u8,
    },
    /// Of a kind this build does not know.
    #[error(
        "record of kind {0}: this foreshore knows kinds 1 to 6; open the store with the version that \
         wrote it or a later one"
    )]
    Kind(u8),
    /// Not what was written.
    #[error(
        "{what} is damaged at byte {at}: {found}; `foreshore store check` shows what else is, restore \
         the store from a backup"
    )]
    Damaged {
        /// What was being read.
        what: &'static str,
        /// How far in, in bytes.
        at: usize,
        /// What was found there, and what was expected.
        found: String,
    },
    /// An event of a type the pipeline no longer has: to be passed over.
    #[error("an event of type `{0}`, which this pipeline no longer takes")]
    Gone(String),
    /// A manifest that names no pipeline this build could read records of.
    #[error(
        "manifest of pipeline `{pipeline}`: {found}; open the store with the version that wrote it or a later one"
    )]
    Manifest {
        /// The pipeline.
        pipeline: String,
        /// What is wrong with it.
        found: String,
    },
}
