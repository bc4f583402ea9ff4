//! A checkpoint: all timelines as of a log position, in one flat file that never changes. Takes them in
//! order of their keys, gives them back or says where the file is damaged; must not know what a timeline is.
//!
//! It stands for all of the log up to its position: retention may drop that, backup copies it, and a damaged
//! record of cold state is rebuilt from it. It has its name only once all of it was read back.

/// The file, byte by byte.
mod layout;

/// What is wrong, and where.
mod error;

/// What a checkpoint file is called, and which there are.
mod name;

/// Reading a file from front to back.
mod source;

/// Writing one.
mod writer;

/// Reading one.
mod reader;

pub use error::{CheckpointError, Fault};
pub use layout::Head;
pub use name::{list, path, sweep};
pub use reader::Reader;
pub use writer::Writer;
