//! Which ports may be reached from where. Takes addresses, and what guards them; gives what has to be refused,
//! and what an operator should at least be told. Must not open a port.

use std::net::SocketAddr;

use crate::config::{Config, ConfigError};

/// Checks that no port is open to more than it should be; gives what is allowed, but needs a word.
///
/// # Errors
/// When the admin port could be reached by others without a name.
pub fn check(file: &std::path::Path, config: &Config) -> Result<Vec<String>, ConfigError> {
    let server = &config.server;
    let guarded = config.access.is_some();
    if !guarded && reaches_out(server.admin) {
        return Err(ConfigError::Wrong {
            file: file.to_owned(),
            key: "server.admin".to_owned(),
            reason: format!(
                "{} can be reached from other machines, and whoever reaches it may close and deploy; say who may \
                 in `[access]` (docs/ACCESS.md), or listen on 127.0.0.1",
                server.admin
            ),
        });
    }
    let mut warnings = Vec::new();
    if !guarded && reaches_out(server.data) {
        warnings.push(format!(
            "{} (server.data) can be reached from other machines, and whoever reaches it may score, ingest and \
             read; say who may in `[access]`, unless a proxy does",
            server.data
        ));
    }
    let ports = [
        ("server.data", server.data, server.data_tls.is_some()),
        ("server.admin", server.admin, server.admin_tls.is_some()),
    ];
    for (key, address, encrypted) in ports {
        if guarded && !encrypted && reaches_out(address) {
            warnings.push(format!(
                "tokens sent to {address} ({key}) cross the network in the clear; set {key}_tls, unless a proxy \
                 encrypts"
            ));
        }
    }
    Ok(warnings)
}

/// Whether other machines can reach an address.
fn reaches_out(address: SocketAddr) -> bool {
    !address.ip().to_canonical().is_loopback()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_the_machine_itself_stay_within_it() {
        for (address, out) in [
            ("127.0.0.1:1", false),
            ("127.3.2.1:1", false),
            ("[::1]:1", false),
            ("[::ffff:127.0.0.1]:1", false),
            ("0.0.0.0:1", true),
            ("[::]:1", true),
            ("[::ffff:0.0.0.0]:1", true),
            ("10.0.0.1:1", true),
            ("[fe80::1]:1", true),
        ] {
            assert_eq!(reaches_out(address.parse().unwrap()), out, "{address}");
        }
    }
}
