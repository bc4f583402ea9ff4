//! `foreshore token new`: what it shows, what it writes, and what it does not overwrite.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use crate::harness::place::Folder;
use crate::harness::program::foreshore;
use crate::harness::tokens::{Tokens, new};

#[test]
fn a_token_is_shown_once_and_only_its_digest_is_written() {
    let folder = Folder::new();
    let file = folder.join("tokens.toml");
    let made = new(
        &file,
        "till-7",
        "--scope score --source till-7 --expires 2027-01-01T00:00:00Z",
    )
    .good();
    let token = made.stdout.trim_end();
    assert!(
        token.starts_with("foreshore_") && token.len() == 74,
        "{token}"
    );
    assert!(made.stderr.contains("`till-7` stands in ") && !made.stderr.contains(token));
    let text = fs::read_to_string(&file).unwrap();
    assert!(!text.contains(token));
    for line in [
        "[identities.till-7]",
        "scopes = [\"score\"]",
        "sources = [\"till-7\"]",
        "expires = \"2027-01-01T00:00:00.000000Z\"",
    ] {
        assert!(
            text.lines().any(|found| found == line),
            "{line} is not in\n{text}"
        );
    }
    let mode = fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    // What people wrote in between stays, and so does who may read it.
    fs::write(&file, format!("# ours\n{}", text.trim_end())).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
    new(
        &file,
        "till-8",
        "--scope ingest --scope read --pipeline cards",
    )
    .good();
    let both = fs::read_to_string(&file).unwrap();
    assert!(
        both.starts_with("# ours\n[identities.till-7]") && both.contains("[identities.till-8]")
    );
    assert_eq!(
        fs::metadata(&file).unwrap().permissions().mode() & 0o777,
        0o640
    );
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn without_a_file_the_entry_is_shown_and_can_be_pasted() {
    let made = foreshore(["token", "new", "--name", "ops", "--scope", "admin"]).good();
    let (token, entry) = made.stdout.split_once("\n\n").unwrap();
    assert!(token.starts_with("foreshore_") && !entry.contains(token));
    let tokens = Tokens::new();
    tokens.say(entry);
    tokens.give("other", "--scope read");
    assert!(tokens.text().starts_with(entry));
}

#[test]
fn what_would_not_hold_is_not_written() {
    let tokens = Tokens::new();
    tokens.give("till", "--scope score");
    let before = tokens.text();
    let file = tokens.file();
    new(&file, "till", "--scope score").fails(64, &["duplicate key"]);
    new(&file, "a.b", "--scope score").fails(64, &["identities.a.b: a name has 1 to 64 letters"]);
    new(&file, "c", "--scope score --source a*b").fails(64, &["a * stands at the end"]);
    new(&file, "c", "--scope all").fails(
        2,
        &[
            "invalid value 'all'",
            "possible values: score, ingest, read, admin",
        ],
    );
    new(&file, "c", "--scope score --expires tomorrow").fails(2, &["not an RFC 3339 time"]);
    new(&file, "c", "").fails(2, &["--scope"]);
    assert_eq!(tokens.text(), before);
    tokens.say("identities = 3");
    new(&file, "c", "--scope score").fails(64, &["tokens.toml:1: "]);
    assert_eq!(tokens.text(), "identities = 3");
    let beside = file.with_extension("toml.new");
    tokens.say(&before);
    fs::write(&beside, "").unwrap();
    new(&file, "c", "--scope score").fails(1, &["is there already: another run is at work"]);
    assert!(beside.exists() && tokens.text() == before);
}
