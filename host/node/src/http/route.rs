//! Method and path to what is wanted: the one list of the node's paths. Must know neither pipelines nor
//! bodies.

use foreshore_event::nearest;
use hyper::{Method, StatusCode};

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
    /// Amendments of this pipeline followed.
    Amendments(String),
    /// All pipelines described.
    Pipelines,
    /// This pipeline closed.
    Close(String),
    /// Whether the node lives.
    Live,
    /// Whether the node is ready.
    Ready,
    /// The node in numbers.
    Metrics,
}

/// A path of the node: whose it is, how it is asked, and what it then means.
struct Path {
    port: Port,
    method: &'static str,
    /// A step in braces stands for any text.
    template: &'static str,
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
const PATHS: [Path; 10] = [
    Path {
        port: Port::Data,
        method: "POST",
        template: "/v1/pipelines/{pipeline}/score",
        route: |texts| Route::Score(texts.next()),
    },
    Path {
        port: Port::Data,
        method: "POST",
        template: "/v1/pipelines/{pipeline}/events",
        route: |texts| Route::Events(texts.next()),
    },
    Path {
        port: Port::Data,
        method: "GET",
        template: "/v1/pipelines/{pipeline}/timelines/{instance}/{key}",
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
        route: |texts| Route::Decision {
            pipeline: texts.next(),
            id: texts.next(),
        },
    },
    Path {
        port: Port::Data,
        method: "GET",
        template: "/v1/pipelines/{pipeline}/amendments",
        route: |texts| Route::Amendments(texts.next()),
    },
    Path {
        port: Port::Admin,
        method: "GET",
        template: "/v1/pipelines",
        route: |_| Route::Pipelines,
    },
    Path {
        port: Port::Admin,
        method: "POST",
        template: "/v1/pipelines/{pipeline}/close",
        route: |texts| Route::Close(texts.next()),
    },
    Path {
        port: Port::Admin,
        method: "GET",
        template: "/health/live",
        route: |_| Route::Live,
    },
    Path {
        port: Port::Admin,
        method: "GET",
        template: "/health/ready",
        route: |_| Route::Ready,
    },
    Path {
        port: Port::Admin,
        method: "GET",
        template: "/metrics",
        route: |_| Route::Metrics,
    },
];

impl Route {
    /// What this method and path want of this port.
    ///
    /// # Errors
    /// When the path is not one of ours, is the other port's, has a bad escape, or takes another method.
    pub(super) fn find(port: Port, method: &Method, path: &str) -> Result<Route, Problem> {
        let Some((found, texts)) = PATHS.iter().find_map(|known| known.matches(path)) else {
            return Err(no_such_path(port, path));
        };
        if found.port != port {
            return Err(other_port(port, path));
        }
        if found.method != method.as_str() {
            return Err(Problem::wrong_method(method.as_str(), found.method));
        }
        let texts = texts.into_iter().map(|text| unescape(text, "path"));
        let texts = texts
            .map(|text| text.map(String::from))
            .collect::<Result<Vec<_>, _>>()?;
        Ok((found.route)(&mut Texts(texts.into_iter())))
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
mod tests {
    use super::*;
    use crate::http::reply::text_of;

    #[test]
    fn a_path_and_its_method_give_a_route() {
        let find = |port, method, path| Route::find(port, &method, path).unwrap();
        let data = |method, path| find(Port::Data, method, path);
        let admin = |method, path| find(Port::Admin, method, path);
        let own = |text: &str| text.to_owned();
        assert_eq!(
            data(Method::POST, "/v1/pipelines/card%2Dfraud/score"),
            Route::Score(own("card-fraud"))
        );
        assert_eq!(
            data(Method::POST, "/v1/pipelines/p/events"),
            Route::Events(own("p"))
        );
        assert_eq!(
            data(
                Method::GET,
                "/v1/pipelines/p/timelines/customer/a%2Fb%20%C3%A9"
            ),
            Route::Timeline {
                pipeline: own("p"),
                instance: own("customer"),
                key: own("a/b é"),
            }
        );
        assert_eq!(
            data(Method::GET, "/v1/pipelines/p/decisions/d4"),
            Route::Decision {
                pipeline: own("p"),
                id: own("d4"),
            }
        );
        assert_eq!(
            data(Method::GET, "/v1/pipelines/p/amendments"),
            Route::Amendments(own("p"))
        );
        assert_eq!(admin(Method::GET, "/v1/pipelines"), Route::Pipelines);
        assert_eq!(
            admin(Method::POST, "/v1/pipelines/p/close"),
            Route::Close(own("p"))
        );
        assert_eq!(admin(Method::GET, "/health/live"), Route::Live);
        assert_eq!(admin(Method::GET, "/health/ready"), Route::Ready);
        assert_eq!(admin(Method::GET, "/metrics"), Route::Metrics);
    }

    #[test]
    fn a_request_for_nothing_is_told_what_there_is() {
        for (port, method, path, status, said) in [
            (Port::Data, Method::GET, "/", 404, "there is nothing at `/`"),
            (
                Port::Data,
                Method::GET,
                "/",
                404,
                "/v1/pipelines/{pipeline}/events, ",
            ),
            (
                Port::Data,
                Method::POST,
                "/v1/pipelines/p/scores",
                404,
                "did you mean /v1/pipelines/{pipeline}/score?",
            ),
            (
                Port::Data,
                Method::GET,
                "/metrics",
                404,
                "ask the admin port",
            ),
            (
                Port::Admin,
                Method::POST,
                "/v1/pipelines/p/score",
                404,
                "ask the data port",
            ),
            (Port::Admin, Method::HEAD, "/metrics", 405, "use GET"),
            (
                Port::Data,
                Method::PUT,
                "/v1/pipelines/p/score",
                405,
                "use POST",
            ),
            (
                Port::Data,
                Method::GET,
                "/v1/pipelines/p/timelines/i/%zz",
                400,
                "bad escape",
            ),
        ] {
            let response = Route::find(port, &method, path)
                .unwrap_err()
                .into_response();
            assert_eq!(response.status(), status, "{path}");
            let message = text_of(response);
            assert!(message.contains(said), "{path}: {message}");
        }
    }
}
