//! Method and path to what is wanted: the one list of the node's paths. Must know neither pipelines nor
//! bodies.

use foreshore_event::nearest;
use hyper::{Method, StatusCode};

use crate::access::Scope;
use crate::http::node::Port;
use crate::http::problem::Problem;
use crate::http::uri::unescape;

/// What a request wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Route {
    /// An event scored, in this pipeline.
    Score(String),
    /// Events taken in, by this pipeline.
    Events(String),
    /// A timeline read.
    Timeline {
        pipeline: String,
        instance: String,
        key: String,
    },
    /// A decision read.
    Decision { pipeline: String, id: String },
    /// The decision about an event read, in this pipeline.
    DecisionOfEvent(String),
    /// Amendments of this pipeline followed.
    Amendments(String),
    /// All pipelines described.
    Pipelines,
    /// This pipeline closed.
    Close(String),
    /// This pipeline's configuration and components read anew.
    Deploy(String),
    /// How far that has come.
    DeployProgress(String),
    /// Whether the node lives.
    Live,
    /// Whether the node is ready.
    Ready,
    /// The node in numbers.
    Metrics,
}

/// What is wanted, and what it takes to have it.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) route: Route,
    /// What a caller needs; none: nothing.
    pub(super) scope: Option<Scope>,
    /// The pipeline it is about; none: the node as a whole.
    pub(super) pipeline: Option<String>,
    /// The path, as it stands in our list.
    pub(super) template: &'static str,
}

/// A path of the node: whose it is, how it is asked, what that takes, and what it then means.
struct Path {
    port: Port,
    method: &'static str,
    /// A step in braces stands for any text.
    template: &'static str,
    /// What a caller needs to ask it; none: nothing.
    scope: Option<Scope>,
    /// What the texts in those places make of it, in their order.
    route: fn(&mut Texts) -> Route,
}

/// The texts that stand in a path's braces.
struct Texts(std::vec::IntoIter<String>);

impl Texts {
    fn next(&mut self) -> String {
        self.0.next().unwrap_or_default()
    }
}

/// Every path there is.
const PATHS: [Path; 13] = [
    Path {
        port: Port::Data,
        method: "POST",
        template: "/v1/pipelines/{pipeline}/score",
        scope: Some(Scope::Score),
        route: |texts| Route::Score(texts.next()),
    },
    Path {
        port: Port::Data,
        method: "POST",
        template: "/v1/pipelines/{pipeline}/events",
        scope: Some(Scope::Ingest),
        route: |texts| Route::Events(texts.next()),
    },
    Path {
        port: Port::Data,
        method: "GET",
        template: "/v1/pipelines/{pipeline}/timelines/{instance}/{key}",
        scope: Some(Scope::Read),
        route: |texts| Route::Timeline {
            pipeline: texts.next(),
            instance: texts.next(),
            key: texts.next(),
        },
    },
    Path {
        port: Port::Data,
        method: "GET",
        template: "/v1/pipelines/{pipeline}/decisions/{id}",
        scope: Some(Scope::Read),
        route: |texts| Route::Decision {
            pipeline: texts.next(),
            id: texts.next(),
        },
    },
    Path {
        port: Port::Data,
        method: "GET",
        template: "/v1/pipelines/{pipeline}/decisions",
        scope: Some(Scope::Read),
        route: |texts| Route::DecisionOfEvent(texts.next()),
    },
    Path {
        port: Port::Data,
        method: "GET",
        template: "/v1/pipelines/{pipeline}/amendments",
        scope: Some(Scope::Read),
        route: |texts| Route::Amendments(texts.next()),
    },
    Path {
        port: Port::Admin,
        method: "GET",
        template: "/v1/pipelines",
        scope: Some(Scope::Read),
        route: |_| Route::Pipelines,
    },
    Path {
        port: Port::Admin,
        method: "POST",
        template: "/v1/pipelines/{pipeline}/close",
        scope: Some(Scope::Admin),
        route: |texts| Route::Close(texts.next()),
    },
    Path {
        port: Port::Admin,
        method: "POST",
        template: "/v1/pipelines/{pipeline}/deploy",
        scope: Some(Scope::Admin),
        route: |texts| Route::Deploy(texts.next()),
    },
    Path {
        port: Port::Admin,
        method: "GET",
        template: "/v1/pipelines/{pipeline}/deploy",
        scope: Some(Scope::Admin),
        route: |texts| Route::DeployProgress(texts.next()),
    },
    Path {
        port: Port::Admin,
        method: "GET",
        template: "/health/live",
        scope: None,
        route: |_| Route::Live,
    },
    Path {
        port: Port::Admin,
        method: "GET",
        template: "/health/ready",
        scope: None,
        route: |_| Route::Ready,
    },
    Path {
        port: Port::Admin,
        method: "GET",
        template: "/metrics",
        scope: Some(Scope::Read),
        route: |_| Route::Metrics,
    },
];

impl Route {
    /// What this method and path want of this port.
    ///
    /// # Errors
    /// When the path is not one of ours, is the other port's, has a bad escape, or takes another method.
    pub(super) fn find(port: Port, method: &Method, path: &str) -> Result<Asked, Problem> {
        let matching = PATHS.iter().filter_map(|known| known.matches(path));
        let matching: Vec<_> = matching.collect();
        match matching.first() {
            None => return Err(no_such_path(port, path)),
            Some((found, _)) if found.port != port => return Err(other_port(port, path)),
            Some(_) => {}
        }
        let methods: Vec<_> = matching.iter().map(|(found, _)| found.method).collect();
        let mut matching = matching.into_iter();
        let Some((found, texts)) = matching.find(|(found, _)| found.method == method.as_str())
        else {
            return Err(Problem::wrong_method(method.as_str(), &methods));
        };
        let texts = texts.into_iter().map(|text| unescape(text, "path"));
        let texts = texts
            .map(|text| text.map(String::from))
            .collect::<Result<Vec<_>, _>>()?;
        // Where a path has texts, the first is its pipeline.
        let pipeline = texts.first().cloned();
        Ok(Asked {
            route: (found.route)(&mut Texts(texts.into_iter())),
            scope: found.scope,
            pipeline,
            template: found.template,
        })
    }
}

impl Path {
    /// The texts in the braces' places, still escaped, if a path is of this form.
    fn matches<'p>(&self, path: &'p str) -> Option<(&Path, Vec<&'p str>)> {
        let mut texts = Vec::new();
        let mut steps = path.split('/');
        for wanted in self.template.split('/') {
            let step = steps.next()?;
            if wanted.starts_with('{') {
                texts.push(step);
            } else if step != wanted {
                return None;
            }
        }
        steps.next().is_none().then_some((self, texts))
    }
}

fn no_such_path(port: Port, path: &str) -> Problem {
    let here = PATHS.iter().filter(|path| path.port == port);
    let here = here.map(|path| path.template);
    let last = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
    let wanted = last(path);
    let ends: Vec<String> = here.clone().map(last).collect();
    let near = nearest(&wanted, ends.iter().map(String::as_str));
    let near = near.and_then(|near| here.clone().find(|path| last(path) == near));
    let fix = match near {
        Some(near) => format!("did you mean {near}?"),
        None => format!(
            "this port serves {}; a / within a key is written %2F",
            here.collect::<Vec<_>>().join(", ")
        ),
    };
    let what = format!("there is nothing at `{path}`");
    Problem::new(StatusCode::NOT_FOUND, "path", what, fix)
}

fn other_port(port: Port, path: &str) -> Problem {
    let (here, there) = match port {
        Port::Data => ("data", "admin"),
        Port::Admin => ("admin", "data"),
    };
    let what = format!("`{path}` is not served on the {here} port");
    let fix = format!("ask the {there} port, `server.{there}` of the node's configuration");
    Problem::new(StatusCode::NOT_FOUND, "path", what, fix)
}

#[cfg(test)]
#[path = "route_tests.rs"]
mod tests;
