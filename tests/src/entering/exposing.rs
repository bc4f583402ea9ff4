//! Ports that other machines can reach: the admin port only with names, the data port with a warning.

use crate::harness::Config;
use crate::harness::place::Folder;
use crate::harness::program::{Run, foreshore};
use crate::harness::tokens::Tokens;

fn check(config: &Config, ports: &[&str]) -> Run {
    let folder = Folder::new();
    let file = folder.write("node.toml", config.text());
    let fixed = ["serve", "--check", "--config", file.to_str().unwrap()];
    foreshore(fixed.iter().chain(ports))
}

#[test]
fn the_admin_port_is_not_opened_to_others_without_names() {
    let refused = [
        "can be reached from other machines",
        "say who may in `[access]`",
    ];
    for address in ["0.0.0.0:9090", "[::]:9090", "192.0.2.1:9090"] {
        let written = Config::cards().with("server.admin", address);
        check(&written, &[])
            .fails(64, &refused)
            .fails(64, &["server.admin"]);
        check(&Config::cards(), &["--admin", address]).fails(64, &refused);
    }
    for address in ["127.0.0.1:9090", "127.0.0.2:9090", "[::1]:9090"] {
        let checked = check(&Config::cards(), &["--admin", address]).good();
        assert_eq!(checked.stderr, "");
    }
}

#[test]
fn with_names_the_admin_port_may_be_reached_and_what_is_not_encrypted_is_said() {
    let tokens = Tokens::new();
    tokens.give("ops", "--scope admin");
    let config = Config::cards().with("access.tokens", tokens.path());
    let checked = check(&config, &["--admin", "0.0.0.0:9090"]).good();
    assert!(
        checked
            .stderr
            .contains("cross the network in the clear; set server.admin_tls"),
        "{}",
        checked.stderr
    );
    assert_eq!(check(&config, &[]).good().stderr, "");
}

#[test]
fn a_data_port_open_to_others_without_names_is_said() {
    let checked = check(&Config::cards(), &["--data", "0.0.0.0:8080"]).good();
    assert!(
        checked
            .stderr
            .contains("whoever reaches it may score, ingest and read"),
        "{}",
        checked.stderr
    );
}

#[test]
fn what_a_file_of_names_or_certificates_should_not_say_is_named() {
    let tokens = Tokens::new();
    tokens.give("ops", "--scope admin --pipeline card");
    let config = Config::cards().with("access.tokens", tokens.path());
    check(&config, &[]).fails(
        64,
        &["identities.ops.pipelines: there is no pipeline `card` here; did you mean `cards`?"],
    );
    check(&Config::cards().with("access.tokens", "nowhere.toml"), &[])
        .fails(64, &["nowhere.toml: "]);
    check(&Config::cards().with("access.token", "x"), &[])
        .fails(64, &["unknown key `token`", "did you mean `tokens`?"]);
    let tls = Config::cards().with("server.data_tls.certificate", "x.pem");
    check(&tls, &[]).fails(64, &["missing field `key`"]);
    let tls = tls.with("server.data_tls.key", "x.key");
    check(&tls, &[]).fails(
        64,
        &[
            "server.data_tls.certificate: read a certificate in PEM from ",
            "x.pem",
        ],
    );
    let tls = tls.with("server.data_tls.client_autority", "x");
    check(&tls, &[]).fails(
        64,
        &[
            "unknown key `client_autority`",
            "did you mean `client_authority`?",
        ],
    );
}
