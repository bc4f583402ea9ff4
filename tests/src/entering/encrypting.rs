//! TLS: what a client of it gets, and what becomes of everything else that is sent to its port. Whatever comes, the
//! next client is served.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use foreshore_proof::Proof;

use super::{guarded, number, watched};
use crate::harness::http::{begin, rest, send_unfinished};
use crate::harness::node::until;
use crate::harness::place::Folder;
use crate::harness::tls::{Authority, Client};
use crate::harness::tokens::Tokens;
use crate::harness::{Config, Node, paid};

const PATH: &str = "POST /v1/pipelines/cards/score HTTP/1.1";

/// A node whose data port is encrypted, with what stands behind that.
struct Encrypted {
    folder: Folder,
    authority: Authority,
    node: Node,
}

impl Encrypted {
    fn start(config: &Config) -> Encrypted {
        let (folder, authority) = (Folder::new(), Authority::new());
        authority.issue("node").write(&folder, "node");
        let file = |name: &str| folder.join(name).to_str().unwrap().to_owned();
        let config = config
            .clone()
            .with("server.data_tls.certificate", file("node.pem"))
            .with("server.data_tls.key", file("node.key"));
        let node = config.start();
        Encrypted {
            folder,
            authority,
            node,
        }
    }

    /// The port's address for a bare connection.
    fn address(&self) -> &str {
        self.node.data.strip_prefix("https://").unwrap()
    }

    #[track_caller]
    fn serves(&self) {
        let client = Client::new(&self.authority, None);
        let reply = client
            .ask(&self.node.data, PATH, &paid("1").to_string())
            .unwrap();
        assert!(reply.starts_with("HTTP/1.1 200 "), "{reply}");
    }
}

#[test]
fn a_token_and_an_event_go_over_tls_of_either_version() {
    let tokens = Tokens::new();
    let till = tokens.give("till", "--scope score");
    let encrypted = Encrypted::start(&guarded(&tokens));
    let head = format!("{PATH}\r\nauthorization: Bearer {till}");
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let client = Client::speaking(&[version], &encrypted.authority, None);
        let ask = |head: &str| {
            client
                .ask(&encrypted.node.data, head, &paid("1").to_string())
                .unwrap()
        };
        assert!(ask(&head).starts_with("HTTP/1.1 200 "), "{version:?}");
        assert!(ask(PATH).starts_with("HTTP/1.1 401 "), "{version:?}");
    }
}

#[test]
fn the_newer_version_is_preferred_and_no_session_is_resumed() {
    let encrypted = Encrypted::start(&Config::cards());
    let client = Client::new(&encrypted.authority, None);
    for _ in 0..3 {
        let mut connection = client.connect(&encrypted.node.data);
        let body = paid("1").to_string();
        let length = body.len();
        let fixed = "host: x\r\ncontent-type: application/json";
        write!(
            connection,
            "{PATH}\r\n{fixed}\r\ncontent-length: {length}\r\n\r\n{body}"
        )
        .unwrap();
        let mut start = [0; 12];
        connection.read_exact(&mut start).unwrap();
        assert_eq!(&start, b"HTTP/1.1 200");
        assert_eq!(
            connection.conn.protocol_version(),
            Some(rustls::ProtocolVersion::TLSv1_3)
        );
        assert_eq!(
            connection.conn.handshake_kind(),
            Some(rustls::HandshakeKind::Full)
        );
        assert!(!connection.conn.is_early_data_accepted());
    }
}

#[test]
fn what_is_no_tls_is_turned_away_and_the_next_client_is_served() {
    let encrypted = Encrypted::start(&Config::cards());
    let failed = || {
        number(
            &encrypted.node,
            "foreshore_tls_handshakes_failed_total{port=\"data\"}",
        )
    };
    let before = failed();
    let mut hello = vec![0x16, 3, 1, 0x40, 0];
    hello.resize(5 + 0x4000, 0xff);
    let bad: [&[u8]; 8] = [
        b"POST /v1/pipelines/cards/score HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n",
        b"",
        b"\0",
        &[0x16, 3, 1, 0xff, 0xff, 1],
        &[0x15, 3, 3, 0, 2, 2, 40],
        // SSL 2, and records of a kind there is not.
        &[0x80, 0x2e, 1, 0, 2, 0, 0x15, 0, 0, 0, 0x10],
        &[0x17, 3, 3, 0, 1, 0],
        &hello,
    ];
    for bytes in bad {
        let stream = begin(encrypted.address(), bytes);
        // It may have been turned away already.
        drop(stream.shutdown(std::net::Shutdown::Write));
        let reply = bytes_of(stream);
        assert!(!reply.starts_with(b"HTTP/"), "{reply:?}");
        encrypted.serves();
    }
    until("each is counted", || failed() == before + bad.len() as u64);
}

#[test]
fn a_handshake_bent_at_random_never_keeps_the_next_client_out() {
    let name = "a_handshake_bent_at_random_never_keeps_the_next_client_out";
    let mut proof = Proof::new("clients", "-p foreshore-tests --lib", name);
    let encrypted = Encrypted::start(&Config::cards());
    let client = Client::new(&encrypted.authority, None);
    proof.seeds(100, |proof, seed| {
        let mut hello = Vec::new();
        let mut connection = client.connect(&encrypted.node.data);
        connection.conn.write_tls(&mut hello).unwrap();
        let mut random = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        for _ in 0..=seed % 4 {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            let at = random as usize % hello.len();
            hello[at] ^= (random >> 32) as u8 | 1;
        }
        drop(connection);
        let stream = begin(encrypted.address(), &hello);
        // It may have been turned away already.
        drop(stream.shutdown(std::net::Shutdown::Write));
        let reply = bytes_of(stream);
        assert!(!reply.starts_with(b"HTTP/"), "{reply:?}");
        proof.count("turned away without a word", u64::from(reply.is_empty()));
        if seed % 10 == 0 {
            encrypted.serves();
        }
    });
    encrypted.serves();
}

#[test]
fn a_handshake_in_small_pieces_is_taken() {
    let encrypted = Encrypted::start(&Config::cards());
    let client = Client::new(&encrypted.authority, None);
    let mut connection = client.connect(&encrypted.node.data);
    let mut hello = Vec::new();
    connection.conn.write_tls(&mut hello).unwrap();
    for byte in hello {
        connection.sock.write_all(&[byte]).unwrap();
    }
    write!(
        connection,
        "GET /v1/pipelines/cards/timelines/card/a HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
    )
    .unwrap();
    let mut reply = String::new();
    connection.read_to_string(&mut reply).unwrap();
    assert!(reply.starts_with("HTTP/1.1 404 "), "{reply}");
}

#[test]
fn a_handshake_that_stalls_gives_its_place_back() {
    let config = Config::cards().with("server.connections_max", 2);
    let encrypted = Encrypted::start(&config);
    let started = Instant::now();
    // All places, held by clients that begin and say no more.
    let stalled: Vec<TcpStream> = [&[][..], &[0x16, 3, 1]]
        .map(|bytes| begin(encrypted.address(), bytes))
        .into();
    let client = Client::new(&encrypted.authority, None);
    let event = paid("1").to_string();
    until("a place is free again", || {
        let reply = client.ask(&encrypted.node.data, PATH, &event);
        reply.is_ok_and(|reply| reply.starts_with("HTTP/1.1 200 "))
    });
    let waited = started.elapsed();
    println!("served after {waited:?}");
    assert!(waited < Duration::from_secs(20), "{waited:?}");
    for stream in stalled {
        assert!(bytes_of(stream).is_empty());
    }
}

#[test]
fn tls_to_a_plain_port_is_an_odd_request_and_no_more() {
    let node = Config::cards().start();
    let client = Client::new(&Authority::new(), None);
    let address = node.data.replace("http://", "https://");
    assert!(client.ask(&address, PATH, "{}").is_err());
    let host = node.data.strip_prefix("http://").unwrap();
    let reply = send_unfinished(
        host,
        "GET /nothing HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
    );
    assert!(reply.starts_with("HTTP/1.1 404 "), "{reply}");
}

#[test]
fn a_renewed_certificate_is_shown_and_a_broken_one_is_not() {
    let encrypted = Encrypted::start(&Config::cards());
    encrypted.serves();
    let mut kept = Client::new(&encrypted.authority, None).connect(&encrypted.node.data);
    let ask = b"GET /v1/pipelines/cards/timelines/card/b HTTP/1.1\r\nhost: x\r\n\r\n";
    kept.write_all(ask).unwrap();
    kept.read_exact(&mut [0; 12]).unwrap();
    watched(&encrypted.node);
    let stale = "foreshore_access_files_stale{files=\"data_tls\"}";
    encrypted.folder.write("node.pem", "no certificate");
    until("the node says that it is broken", || {
        number(&encrypted.node, stale) == 1
    });
    encrypted.serves();
    let other = Authority::new();
    other.issue("node").write(&encrypted.folder, "node");
    let renewed = Client::new(&other, None);
    let path = "GET /v1/pipelines/cards/timelines/card/a HTTP/1.1";
    until("the new one is shown", || {
        renewed.ask(&encrypted.node.data, path, "").is_ok()
    });
    // Told behind its being in force.
    until("the node says that it is good", || {
        number(&encrypted.node, stale) == 0
    });
    assert!(
        Client::new(&encrypted.authority, None)
            .ask(&encrypted.node.data, path, "")
            .is_err()
    );
    // What came in by the old one has ended.
    let mut more = Vec::new();
    drop(kept.read_to_end(&mut more));
    assert!(
        !String::from_utf8_lossy(&more).contains("HTTP/1.1"),
        "{more:?}"
    );
}

#[test]
fn a_key_of_another_certificate_is_refused_at_the_start() {
    let (folder, authority) = (Folder::new(), Authority::new());
    authority.issue("node").write(&folder, "node");
    authority.issue("other").write(&folder, "other");
    let config = Config::cards()
        .with("server.data_tls.certificate", "node.pem")
        .with("server.data_tls.key", "other.key");
    let file = folder.write("node.toml", config.text());
    let run = crate::harness::program::foreshore(["serve", "--config", file.to_str().unwrap()]);
    let run = run.fails(
        64,
        &["server.data_tls.key: ", "other.key does not belong to "],
    );
    assert!(!run.stderr.contains("PRIVATE"), "{}", run.stderr);
}

/// All bytes that come until the end.
fn bytes_of(mut stream: TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    drop(stream.read_to_end(&mut bytes));
    bytes
}

#[test]
fn a_stopping_node_ends_what_has_not_come_in() {
    let encrypted = Encrypted::start(&Config::cards());
    let stalled = begin(encrypted.address(), [0x16, 3, 1]);
    encrypted.node.stop();
    assert_eq!(rest(stalled), "");
}
