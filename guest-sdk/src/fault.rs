//! The one way this crate gives up: a panic, which is a trap in a component. The host then leaves the
//! state as it was.

/// Ends the call: what the host handed in does not have the layout that was agreed.
#[expect(
    clippy::panic,
    reason = "a trap is the contract's only way to refuse a call"
)]
#[cold]
pub(crate) fn malformed(what: &str, how: &str) -> ! {
    panic!("malformed {what}: {how}")
}
