//! Mutual TLS: a client's certificate lets it in to the port, and its names say who it is.

use std::io::Error;

use rcgen::{CertificateParams, SanType, date_time_ymd};
use serde_json::json;

use super::of_kind;
use crate::harness::node::until;
use crate::harness::place::Folder;
use crate::harness::tls::{Authority, Client, Issued};
use crate::harness::{Config, Node, Stored, paid, time};

const SCORE: &str = "POST /v1/pipelines/cards/score HTTP/1.1";
const READ: &str = "GET /v1/pipelines/cards/timelines/card/a HTTP/1.1";
const CLOSE: &str = "POST /v1/pipelines/cards/close HTTP/1.1";

/// A folder with a node's certificate, and the authority whose clients it takes.
struct Mutual {
    folder: Folder,
    /// Of the node.
    authority: Authority,
    /// Of its clients.
    clients: Authority,
}

impl Mutual {
    fn new(tokens: &str) -> Mutual {
        let mutual = Mutual {
            folder: Folder::new(),
            authority: Authority::new(),
            clients: Authority::new(),
        };
        mutual.authority.issue("node").write(&mutual.folder, "node");
        mutual.folder.write("clients.pem", mutual.clients.pem());
        mutual.folder.write("tokens.toml", tokens);
        mutual
    }

    /// A configuration with this port so guarded.
    fn guard(&self, port: &str, config: Config) -> Config {
        let file = |name: &str| self.folder.join(name).to_str().unwrap().to_owned();
        config
            .with("access.tokens", file("tokens.toml"))
            .with(&format!("server.{port}_tls.certificate"), file("node.pem"))
            .with(&format!("server.{port}_tls.key"), file("node.key"))
            .with(
                &format!("server.{port}_tls.client_authority"),
                file("clients.pem"),
            )
    }

    fn start(&self) -> Node {
        self.guard("data", Config::cards()).start()
    }

    /// The status that somebody who shows this gets; an error if they do not come in at all.
    fn status(&self, address: &str, head: &str, shown: Option<&Issued>) -> Result<String, Error> {
        let client = Client::new(&self.authority, shown);
        let reply = client.ask(address, head, &paid("1").told_by("till-7").to_string())?;
        Ok(reply[9..12].to_owned())
    }
}

#[test]
fn a_certificate_is_whoever_the_file_says_by_each_of_its_names() {
    let till = |name: &str, proof: &str| {
        format!(
            "[identities.{name}]\ncertificates = [\"{proof}\"]\nscopes = [\"score\"]\nsources = [\"till-7\"]\n"
        )
    };
    let text =
        till("a", "cn:till 7") + &till("b", "dns:Till-8.example") + &till("c", "uri:urn:till:9");
    let mutual = Mutual::new(&text);
    let by = |change: &dyn Fn(&mut CertificateParams)| mutual.clients.issue_with("x", change);
    let dns = by(&|params| {
        params
            .subject_alt_names
            .push(SanType::DnsName("till-8.example".try_into().unwrap()))
    });
    let uri = by(&|params| {
        params
            .subject_alt_names
            .push(SanType::URI("urn:till:9".try_into().unwrap()))
    });
    let printed = mutual.clients.issue("y");
    let node = mutual.start();
    let status = |head, shown: &Issued| mutual.status(&node.data, head, Some(shown)).unwrap();
    for shown in [&mutual.clients.issue("till 7"), &dns, &uri] {
        assert_eq!(
            (status(SCORE, shown).as_str(), status(READ, shown).as_str()),
            ("200", "403")
        );
    }
    // Good certificates of nobody.
    for name in ["till 8", "Till 7", "dns:Till-8.example", "urn:till:9", "a"] {
        assert_eq!(status(SCORE, &mutual.clients.issue(name)), "401", "{name}");
    }
    assert_eq!(status(SCORE, &printed), "401");
    let both = mutual.clients.issue_with("till 7", |params| {
        params
            .subject_alt_names
            .push(SanType::URI("urn:till:9".try_into().unwrap()));
    });
    assert_eq!(status(SCORE, &both), "401");
    let fingerprint = openssl_fingerprint(&mutual.folder, &printed);
    mutual
        .folder
        .write("tokens.toml", text + &till("d", &fingerprint));
    until("its fingerprint is known", || {
        status(SCORE, &printed) == "200"
    });
}

/// The fingerprint as people get it from their tools.
fn openssl_fingerprint(folder: &Folder, issued: &Issued) -> String {
    use rustls::pki_types::CertificateDer;
    use rustls::pki_types::pem::PemObject as _;
    let der = CertificateDer::from_pem_slice(issued.certificate.as_bytes()).unwrap();
    let file = folder.write("shown.der", &der);
    let told = std::process::Command::new("sha256sum")
        .arg(file)
        .output()
        .unwrap();
    let told = String::from_utf8(told.stdout).unwrap();
    format!("sha256:{}", told.split_whitespace().next().unwrap())
}

#[test]
fn who_shows_no_good_certificate_does_not_come_in() {
    let text = "[identities.till]\ncertificates = [\"cn:till\"]\nscopes = [\"score\"]\n";
    let mutual = Mutual::new(text);
    let node = mutual.start();
    let ask = |shown: Option<&Issued>| mutual.status(&node.data, SCORE, shown);
    let expired = mutual.clients.issue_with("till", |params| {
        params.not_after = date_time_ymd(2024, 1, 1)
    });
    let coming = mutual.clients.issue_with("till", |params| {
        params.not_before = date_time_ymd(3000, 1, 1)
    });
    let wrong = Authority::new().issue("till");
    let of_the_node = mutual.authority.issue("till");
    let serving = mutual.clients.issue_with("till", |params| {
        params.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ServerAuth];
    });
    for (what, shown) in [
        ("none", None),
        ("expired", Some(&expired)),
        ("not valid yet", Some(&coming)),
        ("of another authority", Some(&wrong)),
        ("of the node's own authority", Some(&of_the_node)),
        ("for servers", Some(&serving)),
    ] {
        assert!(ask(shown).is_err(), "{what}");
    }
    assert_eq!(ask(Some(&mutual.clients.issue("till"))).unwrap(), "200");
}

#[test]
fn an_authority_taken_back_takes_its_clients_with_it() {
    let text = "[identities.till]\ncertificates = [\"cn:till\"]\nscopes = [\"score\"]\n";
    let mutual = Mutual::new(text);
    let node = mutual.start();
    let (till, other) = (mutual.clients.issue("till"), Authority::new());
    let ask = |shown| mutual.status(&node.data, SCORE, Some(shown));
    assert_eq!(ask(&till).unwrap(), "200");
    mutual.folder.write("clients.pem", other.pem());
    until("the old authority's clients stay out", || {
        ask(&till).is_err()
    });
    assert_eq!(ask(&other.issue("till")).unwrap(), "200");
}

#[test]
fn an_operator_is_known_by_certificate_at_the_admin_port_and_in_the_log() {
    let text = "[identities.ops]\ncertificates = [\"cn:ops\"]\nscopes = [\"admin\"]\n\
                [identities.till]\ncertificates = [\"cn:till\"]\nscopes = [\"score\"]\n";
    let mutual = Mutual::new(text);
    let stored = Stored::of(&mutual.guard("admin", Config::cards()));
    let node = stored.start();
    let close = |name: &str| {
        let client = Client::new(&mutual.authority, Some(&mutual.clients.issue(name)));
        let body = json!({ "time": time(10) }).to_string();
        client.ask(&node.admin, CLOSE, &body).unwrap()[9..12].to_owned()
    };
    until("the node serves", || close("ops") != "503");
    assert_eq!(close("ops"), "200");
    assert_eq!(close("till"), "403");
    let log = node.stop();
    assert!(
        log.contains("`till` does not have the scope `admin`"),
        "{log}"
    );
    let audits = of_kind(&stored.run(&["store", "dump"]).good().stdout, "audit");
    assert!(
        audits
            .iter()
            .all(|audit| audit["who"] == "ops" && audit["act"] == "close")
    );
}
