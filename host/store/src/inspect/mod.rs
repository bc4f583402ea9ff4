//! A store looked at from outside, by whoever is not its node: read through for damage, shown, copied, put
//! back. Takes folders; needs no configuration, because a log names everything it says. A node may be
//! running on them.

/// Which pipelines a folder holds.
mod folders;

/// A pipeline's log, to be read record by record.
mod view;

/// What a log whose oldest part was dropped stands on.
mod footing;

/// Everything, looked through for damage.
pub mod check;

/// Records for people and for `jq`.
pub mod dump;

/// Files copied, and told how far it has come.
mod copy;

/// What a backup says of itself.
mod contents;

/// A copy of a store that a node may be writing.
pub mod backup;

/// A backup put where a node starts from it.
pub mod restore;

pub use backup::{BackupError, backup};
pub use check::{Checked, Finding, Part, Told, check};
pub use contents::{Contents, Saved};
pub use copy::Copying;
pub use dump::{Choice, Dump, DumpError, Dumped, dump};
pub use folders::{PipelineFolder, pipelines};
pub use footing::Footing;
pub use restore::{RestoreError, Restored, restore};
pub use view::View;
