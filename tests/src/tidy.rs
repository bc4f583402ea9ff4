//! The house rules, checked: style is a test here, not a remark in a review.
//! Takes the files of the repository, names every offender at once and what to do about it; must not know
//! what the code is for.

/// The files of the repository and what counts as code in them.
mod files;

/// Which crate may know which, and where the heavy dependencies and the clock may appear.
mod layers;

/// Queues and their maximum, and who may call plugins.
mod bounds;

/// How long files and functions may be.
mod sizes;

/// How a file opens, what it must not contain, and what `lib.rs` and `mod.rs` are for.
mod words;

/// What the documents promise: every module named, every link good.
mod documents;

/// Fails with all offenders, unless there are none.
#[track_caller]
fn none(offenders: &[String], rule: &str) {
    assert!(
        offenders.is_empty(),
        "{rule}; {} offend:\n  {}\n",
        offenders.len(),
        offenders.join("\n  ")
    );
}
