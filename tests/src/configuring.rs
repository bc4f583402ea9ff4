//! Configurations: what a good one resolves to, and what is said of every bad one.

use crate::harness::Config;
use crate::harness::place::Folder;
use crate::harness::plugins::component;
use crate::harness::program::{Run, foreshore};

/// What `serve --check` says of a configuration.
fn serve_check(text: &str) -> Run {
    let folder = Folder::new();
    let file = folder.write("node.toml", text);
    foreshore(["serve", "--check", "--config", file.to_str().unwrap()])
}

/// A bad configuration is refused with these words, and with the exit code that says whose fault it is.
#[track_caller]
fn refused(text: &str, words: &[&str]) {
    let checked = serve_check(text).fails(64, words);
    assert_eq!(checked.stdout, "");
    assert!(checked.stderr.starts_with("error: "), "{}", checked.stderr);
}

#[test]
fn the_example_resolves_to_what_its_file_says() {
    let checked = serve_check(&Config::card_fraud().text()).good();
    for line in [
        "  event   payment.attempted  scored\n",
        "  event   fraud.reported  ingested\n",
        "  field   amount  number EUR, required for 2 types, min 0.01, max 100000\n",
        "  field   country  text, required for 2 types, one of ES FR IT AT HU\n",
        "keyed by customer, lateness 1d, 19 features, sha256 ",
        "  model   logistic  ",
        "    input event.amount = event.amount\n",
        "fallback review, deadline 30s\n",
    ] {
        assert!(
            checked.stdout.contains(line),
            "`{line}` is not in\n{}",
            checked.stdout
        );
    }
}

/// A line of the example that shows a default, as it would stand if it were written out.
fn default(line: &str) -> Option<&str> {
    let shown = line.strip_prefix("# ")?;
    let (name, _) = shown.split_once(" = ")?;
    let is_name = |byte: u8| byte == b'_' || byte.is_ascii_lowercase();
    // What is off by default has no value to show for it.
    let is_off = [
        "close_after",
        "log_retention",
        "log_bytes",
        "data_tls",
        "admin_tls",
        "tokens",
    ]
    .contains(&name);
    (name.bytes().all(is_name) && !is_off).then_some(shown)
}

#[test]
fn what_the_example_shows_as_a_default_is_the_default() {
    let text = Config::card_fraud_text();
    assert!(text.lines().filter_map(default).count() >= 20);
    let written_out: Vec<&str> = text
        .lines()
        .map(|line| default(line).unwrap_or(line))
        .collect();
    let check = |text: &str| serve_check(&Config::example(text).text()).good().stdout;
    // With the pipeline's revision, a digest of all that a decision can depend on.
    assert_eq!(check(&written_out.join("\n")), check(&text));
}

#[test]
fn what_is_not_toml_is_named_with_its_line() {
    refused("[server\n", &["node.toml:1: "]);
    refused("[server]\n[server]\n", &["node.toml:2: ", "duplicate key"]);
}

#[test]
fn a_file_that_is_not_there_is_named() {
    foreshore(["serve", "--check", "--config", "/nowhere/node.toml"])
        .fails(64, &["read the configuration /nowhere/node.toml: "]);
}

#[test]
fn a_key_that_is_none_is_named_with_the_nearest_one() {
    for (key, named, nearest) in [
        (
            "sever.data",
            "unknown key `sever`",
            "did you mean `server`?",
        ),
        ("server.dat", "unknown key `dat`", "did you mean `data`?"),
        (
            "pipelines.cards.limits.queue",
            "unknown key `queue`",
            "did you mean `queue_max`?",
        ),
        (
            "pipelines.cards.fields.amount.units",
            "unknown key `units`",
            "did you mean `unit`?",
        ),
        (
            "pipelines.cards.features.card.latenes",
            "unknown key `latenes`",
            "did you mean `lateness`?",
        ),
        (
            "pipelines.cards.decide.revew",
            "unknown key `revew`",
            "did you mean `review`?",
        ),
    ] {
        refused(&Config::cards().with(key, "x").text(), &[named, nearest]);
    }
}

#[test]
fn a_number_that_nothing_can_be_held_against_is_refused() {
    for (key, value, said) in [
        (
            "decide.review",
            f64::NAN,
            "decide.review: NaN is reached by no score",
        ),
        (
            "decide.decline",
            f64::INFINITY,
            "decide.decline: inf is reached by no score",
        ),
        (
            "fields.amount.min",
            f64::NAN,
            "fields.amount: NaN bounds nothing",
        ),
        (
            "fields.amount.max",
            f64::INFINITY,
            "fields.amount: inf bounds nothing",
        ),
        (
            "amend.score-delta",
            f64::NAN,
            "amend.score-delta: NaN is no distance",
        ),
        (
            "amend.score-delta",
            -0.5,
            "amend.score-delta: -0.5 is no distance",
        ),
    ] {
        let config = Config::cards().with(&format!("pipelines.cards.{key}"), value);
        refused(
            &config.text(),
            &[&format!("pipelines.cards.{said}"), "give a finite number"],
        );
    }
}

#[test]
fn a_value_that_does_not_hold_is_named_with_what_would() {
    for (key, value, words) in [
        (
            "server.data",
            "localhost".into(),
            ["invalid socket address", ""],
        ),
        (
            "pipelines.cards.features.card.lateness",
            "1 hour".into(),
            ["not a duration: `1 hour`", ""],
        ),
        (
            "pipelines.cards.limits.memory",
            "64MB".into(),
            ["not a number of bytes: `64MB`", "\"64MiB\""],
        ),
        (
            "pipelines.cards.limits.compile_time",
            "999ms".into(),
            [
                "pipelines.cards.limits.compile_time: 999ms compiles nothing",
                "give at least 1s",
            ],
        ),
        (
            "pipelines.cards.limits.compile_memory",
            "64MiB".into(),
            [
                "pipelines.cards.limits.compile_memory: 67108864 bytes hold no compiler",
                "give at least 128MiB",
            ],
        ),
        (
            "pipelines.cards.fields.amount.kind",
            "float".into(),
            ["unknown variant `float`", "`number`"],
        ),
        (
            "pipelines.cards.fields.amount.min",
            2e6.into(),
            [
                "pipelines.cards.fields.amount: ",
                "min = 2000000 is above max = 100000",
            ],
        ),
        (
            "pipelines.cards.fields.card.unit",
            "EUR".into(),
            ["pipelines.cards.fields.card: ", "this is a text"],
        ),
        (
            "pipelines.cards.fields.card.required",
            vec!["payed"].into(),
            [
                "`payed` is neither scored nor ingested",
                "did you mean `paid`?",
            ],
        ),
        (
            "pipelines.cards.scored",
            toml::Value::Array(Vec::new()),
            ["pipelines.cards.scored: empty", "list the event types"],
        ),
        (
            "pipelines.cards.decide.review",
            0.95.into(),
            [
                "pipelines.cards.decide.review: 0.95 is above decline = 0.9",
                "nothing would ever be reviewed",
            ],
        ),
        (
            "pipelines.cards.limits.cpu",
            "1500ms".into(),
            [
                "pipelines.cards.limits.cpu: 1500ms of a processor's time in every second",
                "at most \"1s\", which is no limit",
            ],
        ),
        (
            "pipelines.cards.limits.cpu",
            "0ms".into(),
            ["pipelines.cards.limits.cpu: ", "write more than 0"],
        ),
        (
            "pipelines.cards.decide.fallback",
            "reject".into(),
            ["unknown variant `reject`", "`decline`"],
        ),
        (
            "pipelines.cards.event_bytes_max",
            "0B".into(),
            ["pipelines.cards.event_bytes_max: ", "no event at all"],
        ),
        (
            "pipelines.cards.event_depth_max",
            500.into(),
            [
                "pipelines.cards.event_depth_max: ",
                "500 is above 120, what common readers of JSON take",
            ],
        ),
        (
            "server.connections_per_address_max",
            0.into(),
            [
                "server.connections_per_address_max: 0 would take nothing",
                "at least 1",
            ],
        ),
        (
            "server.answer_time",
            "0s".into(),
            ["server.answer_time: 0 would take nothing", "at least 1"],
        ),
        (
            "server.header_bytes_max",
            "4KiB".into(),
            [
                "server.header_bytes_max: the head holds the path and query",
                "more than target_bytes_max",
            ],
        ),
        (
            "server.followers_max",
            (-1).into(),
            ["invalid value: integer `-1`", ""],
        ),
    ] {
        refused(&Config::cards().with(key, value).text(), &words);
    }
}

#[test]
fn a_unit_that_differs_is_named_with_both_units() {
    refused(
        &Config::cards()
            .with("pipelines.cards.fields.amount.unit", "USD")
            .text(),
        &[
            "pipelines.cards.features.card: ",
            "field `amount`: found unit `USD`, expected unit `EUR`",
        ],
    );
}

#[test]
fn a_field_the_plugin_needs_and_the_pipeline_lacks_is_named() {
    refused(
        &Config::cards()
            .renaming("pipelines.cards.fields.amount", "ammount")
            .text(),
        &["field `amount`: the pipeline has none of that name; did you mean `ammount`?"],
    );
    refused(
        &Config::cards()
            .with("pipelines.cards.features.card.key", "amount")
            .text(),
        &["key field `amount`: found kind number, expected text"],
    );
    refused(
        &Config::cards()
            .with("pipelines.cards.ingested", vec!["topped-down"])
            .text(),
        &[
            "event type `topped-up`: the pipeline has none of that name; did you mean `topped-down`?",
        ],
    );
}

#[test]
fn a_file_that_is_no_plugin_is_named_with_what_it_is() {
    let folder = Folder::new();
    let good = std::fs::read(component("unruly")).unwrap();
    for (name, bytes, words) in [
        ("text.wasm", b"hello".to_vec(), ["found", "expected"]),
        ("empty.wasm", Vec::new(), ["found", "expected"]),
        (
            "module.wasm",
            b"\0asm\x01\0\0\0".to_vec(),
            ["found a core WebAssembly module", "`foreshore build` does"],
        ),
        (
            "half.wasm",
            good[..good.len() / 2].to_vec(),
            ["found", "expected"],
        ),
    ] {
        let file = folder.write(name, bytes);
        let config =
            Config::cards().with("pipelines.cards.features.card.file", file.to_str().unwrap());
        let words = [
            &["pipelines.cards.features.card.file: ", name][..],
            &words[..],
        ]
        .concat();
        refused(&config.text(), &words);
    }
    refused(
        &Config::cards()
            .with_file("pipelines.cards.features.card", "tally-model")
            .text(),
        &[
            "pipelines.cards.features.card.file: ",
            "foreshore:plugin/features",
        ],
    );
    refused(
        &Config::cards()
            .with("pipelines.cards.features.card.file", "gone.wasm")
            .text(),
        &[
            "pipelines.cards.features.card.file: read ",
            "gone.wasm: ",
            "`foreshore build`",
        ],
    );
}

#[test]
fn a_model_input_that_is_nothing_is_named_with_what_there_is() {
    refused(
        &Config::card_fraud()
            .renaming("pipelines.card-fraud.features.customer", "costumer")
            .text(),
        &[
            "pipelines.card-fraud.models.logistic: input `customer.",
            "is nothing this pipeline has (did you mean costumer.",
            "it has event.amount, ",
            "costumer.spent_1h",
            "terminal.",
        ],
    );
}

#[test]
fn a_short_name_that_could_be_two_things_is_named_with_both() {
    let config = Config::cards().with("pipelines.cards.fields.sum.kind", "number");
    refused(
        &config.text(),
        &["input `sum` could be event.sum or card.sum; write it in full"],
    );
}

#[test]
fn exactly_one_model_decides() {
    let two = Config::cards().with_file("pipelines.cards.models.other", "tally-model");
    refused(
        &two.text(),
        &["pipelines.cards.models: 2 models, 0 with decides = true"],
    );
    let both = two
        .with("pipelines.cards.models.tally.decides", true)
        .with("pipelines.cards.models.other.decides", true);
    refused(
        &both.text(),
        &["pipelines.cards.models: 2 models, 2 with decides = true"],
    );
}

#[test]
fn an_instance_may_not_be_called_event() {
    let config = Config::cards().renaming("pipelines.cards.features.card", "event");
    refused(&config.text(), &["`event` names the event's own fields"]);
}
