//! What the demo shows, one section per file, in the order of the story. Each takes what was collected and
//! prints as lines; none asks the node anything.

/// What is played.
pub mod traffic;

/// Every event and what became of it.
pub mod dispositions;

/// What was answered at once, and how fast.
pub mod answers;

/// The kills, and that nothing was lost.
pub mod restarts;

/// What late events changed.
pub mod corrections;

/// One correction, told in sentences.
pub mod story;

/// The frauds, and who was looked at.
pub mod frauds;

/// The proof.
pub mod proof;

/// What is on the disk.
pub mod kept;
