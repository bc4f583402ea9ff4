//! Tells a service manager how the node is, by systemd's protocol: a line in a datagram, to the socket that
//! `NOTIFY_SOCKET` names. Without one nobody is told; a socket that takes nothing is not worth failing for.

use std::env;
use std::ffi::OsStr;
use std::io;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};

/// Requests are answered from now on.
pub fn ready() {
    tell("READY=1\nSTATUS=serving");
}

/// No new requests are taken; those in flight finish.
pub fn stopping() {
    tell("STOPPING=1\nSTATUS=stopping: requests in flight finish first");
}

/// How far a start has come, for `systemctl status`.
pub fn starting(progress: &str) {
    tell(&format!("STATUS=starting: {progress}"));
}

fn tell(state: &str) {
    let Some(name) = env::var_os("NOTIFY_SOCKET") else {
        return;
    };
    if let Err(error) = send(&name, state) {
        tracing::warn!(%error, "the service manager was not told: {state}");
    }
}

/// A name that begins with `@` is in the abstract namespace, any other is a path.
fn send(name: &OsStr, state: &str) -> io::Result<()> {
    let address = match name.as_bytes().strip_prefix(b"@") {
        Some(name) => SocketAddr::from_abstract_name(name)?,
        None => SocketAddr::from_pathname(name)?,
    };
    let socket = UnixDatagram::unbound()?;
    // A manager that does not read must not hold the node up.
    socket.set_nonblocking(true)?;
    socket.send_to_addr(state.as_bytes(), &address).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a manager that listens there is told.
    fn told(address: &SocketAddr, name: &[u8]) -> String {
        let manager = UnixDatagram::bind_addr(address).unwrap();
        send(OsStr::from_bytes(name), "READY=1").unwrap();
        let mut bytes = [0; 64];
        let count = manager.recv(&mut bytes).unwrap();
        String::from_utf8(bytes[..count].to_vec()).unwrap()
    }

    #[test]
    fn a_manager_is_told_by_path_and_by_abstract_name() {
        let path = env::temp_dir().join(format!("foreshore-notify-{}", std::process::id()));
        let address = SocketAddr::from_pathname(&path).unwrap();
        assert_eq!(told(&address, path.as_os_str().as_bytes()), "READY=1");
        std::fs::remove_file(&path).unwrap();
        let name = format!("foreshore-notify-{}", std::process::id());
        let address = SocketAddr::from_abstract_name(&name).unwrap();
        assert_eq!(told(&address, format!("@{name}").as_bytes()), "READY=1");
    }

    #[test]
    fn a_manager_that_is_gone_is_an_error_and_not_the_end() {
        assert!(send(OsStr::new("/nowhere/notify"), "READY=1").is_err());
    }
}
