//! Events of other sources: whoever is bound to some speaks for no others, and every event is still accounted for.

use serde_json::json;

use super::{guarded, refusals, showing};
use crate::harness::paid;
use crate::harness::tokens::Tokens;

#[test]
fn an_event_of_another_source_is_invalid_and_names_who_sent_it() {
    let tokens = Tokens::new();
    let all = tokens.give("all", "--scope read --scope score");
    let till = tokens.give(
        "till",
        "--scope score --scope ingest --source till-7 --source shop/*",
    );
    let node = guarded(&tokens).start().bearing(&all);
    let shown = showing(&till);
    let shown = |kind| [("authorization", shown.as_str()), ("content-type", kind)];
    let score = |query: &str, source: &str| {
        let event = paid("1").told_by(source).to_string();
        node.send(
            "POST",
            &format!("score{query}"),
            &shown("application/json"),
            event,
        )
    };
    for source in ["till-7", "shop/1", "shop/"] {
        score("", source).good();
    }
    for source in [
        "till-70",
        "till-8",
        "TILL-7",
        "shop",
        "shopping/1",
        " till-7",
    ] {
        let told = score("", source).json(403);
        assert_eq!(told["disposition"], "invalid", "{told}");
        assert_eq!(told["error"]["where"], "source");
        assert_eq!(
            told["error"]["what"],
            format!("`till` does not speak for `{source}`")
        );
    }
    // A what-if is no event: refused, and counted nowhere.
    score("?store=false", "till-8").json(403);
    assert_eq!((node.count("invalid"), node.count("admitted")), (6, 3));
    let lines: Vec<String> = ["till-7", "till-8", "shop/2", "other"]
        .iter()
        .enumerate()
        .map(|(id, source)| paid(&format!("n{id}")).told_by(source).to_string())
        .collect();
    let told = node
        .send(
            "POST",
            "events",
            &shown("application/x-ndjson"),
            lines.join("\n"),
        )
        .good();
    assert_eq!(
        told["rejected"],
        json!([
            {"line": 2, "disposition": "invalid", "field": "source", "reason": "`till` does not speak for `till-8`"},
            {"line": 4, "disposition": "invalid", "field": "source", "reason": "`till` does not speak for `other`"},
        ])
    );
    assert_eq!((node.count("invalid"), node.count("admitted")), (8, 5));
    assert_eq!(refusals(&node, "source"), 9);
    // One that is bound to nothing speaks for all.
    node.score(&paid("2").told_by("other")).good();
}

#[test]
fn a_forged_event_leaves_no_trace() {
    let tokens = Tokens::new();
    let all = tokens.give("all", "--scope read --scope score");
    let till = tokens.give("till", "--scope score --source till-7");
    let node = guarded(&tokens).start().bearing(&all);
    node.score(&paid("1").told_by("till-8").of(100)).good();
    let before = node.timeline("card", "a");
    let headers = [
        ("authorization", &*showing(&till)),
        ("content-type", "application/json"),
    ];
    // Neither a new event nor one that contradicts or repeats another's.
    for event in [paid("2"), paid("1"), paid("1").of(100)] {
        let event = event.told_by("till-8").to_string();
        assert_eq!(node.send("POST", "score", &headers, event).status, 403);
    }
    assert_eq!(node.timeline("card", "a"), before);
    assert_eq!((node.count("duplicate"), node.count("conflict")), (0, 0));
}
