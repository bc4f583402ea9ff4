//! The files of a new plugin's crate, filled in from templates. Takes names, gives paths and texts; writes
//! nothing. The templates are plugins themselves, called `plugin-name`, and are tested as such.

/// A file of a new crate: its path in the crate's folder, and its text.
pub type File = (String, String);

/// A crate of its own, whatever workspace its folder lies in.
const CARGO_TOML: &str = concat!(
    include_str!("../templates/manifest.toml"),
    "\n[workspace]\n"
);

/// The same, with a second crate in `model/`.
const CARGO_TOML_WITH_MODEL: &str = concat!(
    include_str!("../templates/manifest.toml"),
    "\n[workspace]\nmembers = [\"model\"]\n"
);

const GITIGNORE: &str = "/target\n";

const FEATURES: [(&str, &str); 8] = [
    ("Cargo.toml", CARGO_TOML_WITH_MODEL),
    (".gitignore", GITIGNORE),
    ("README.md", include_str!("../templates/features/README.md")),
    (
        "src/lib.rs",
        include_str!("../templates/features/plugin.rs"),
    ),
    (
        "tests/trace.rs",
        include_str!("../templates/features/trace.rs"),
    ),
    (
        "trace.jsonl",
        include_str!("../templates/features/trace.jsonl"),
    ),
    ("node.toml", include_str!("../templates/features/node.toml")),
    ("event.json", include_str!("../templates/event.json")),
];

/// What a model is by itself, in a folder of its own or beside features.
const MODEL: [(&str, &str); 3] = [
    ("src/lib.rs", include_str!("../templates/model/plugin.rs")),
    (
        "tests/trace.rs",
        include_str!("../templates/model/trace.rs"),
    ),
    (
        "trace.jsonl",
        include_str!("../templates/model/trace.jsonl"),
    ),
];

const AROUND_A_MODEL: [(&str, &str); 5] = [
    ("Cargo.toml", CARGO_TOML),
    (".gitignore", GITIGNORE),
    ("README.md", include_str!("../templates/model/README.md")),
    ("node.toml", include_str!("../templates/model/node.toml")),
    ("event.json", include_str!("../templates/event.json")),
];

const MODEL_BESIDE_FEATURES: [(&str, &str); 1] =
    [("Cargo.toml", include_str!("../templates/manifest.toml"))];

/// A feature plugin, and in `model/` a model that makes a score of its feature. `sdk` is the dependency on
/// the SDK as TOML: a version or a path.
pub fn features(name: &str, sdk: &str) -> Vec<File> {
    let model = Words {
        name: &format!("{name}-model"),
        sdk,
        input: "card.spent_1h",
    };
    let own = Words { name, ..model };
    let mut files = own.fill("", &FEATURES);
    files.extend(model.fill("model/", &MODEL_BESIDE_FEATURES));
    files.extend(model.fill("model/", &MODEL));
    files
}

/// A model plugin over the event alone. `sdk` as for [`features`].
pub fn model(name: &str, sdk: &str) -> Vec<File> {
    let words = Words {
        name,
        sdk,
        input: "event.amount",
    };
    let mut files = words.fill("", &AROUND_A_MODEL);
    files.extend(words.fill("", &MODEL));
    files
}

/// What stands in a template's blanks.
#[derive(Clone, Copy)]
struct Words<'a> {
    name: &'a str,
    sdk: &'a str,
    input: &'a str,
}

impl Words<'_> {
    fn fill(&self, folder: &str, templates: &[(&str, &str)]) -> Vec<File> {
        let fill = |template: &str| {
            template
                .replace("plugin-name", self.name)
                .replace("plugin_name", &self.name.replace('-', "_"))
                .replace("\"sdk\"", self.sdk)
                .replace("model-input", self.input)
        };
        templates
            .iter()
            .map(|(path, text)| (format!("{folder}{path}"), fill(text)))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_plugin_has_at_most_25_lines() {
        let files = features("card", "\"1\"");
        let (_, text) = files.iter().find(|(path, _)| path == "src/lib.rs").unwrap();
        assert!(text.lines().count() <= 25, "{text}");
    }

    #[test]
    fn no_blank_is_left() {
        for (path, text) in [features("card", "\"1\""), model("card", "\"1\"")].concat() {
            for blank in ["plugin-name", "plugin_name", "\"sdk\"", "model-input"] {
                assert!(!text.contains(blank), "{path}: {blank}");
            }
        }
    }
}
