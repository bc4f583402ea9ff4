//! Which method and path ask for what, and what is said of the others.

use super::*;
use crate::http::reply::text_of;

#[test]
fn a_path_and_its_method_give_a_route() {
    let find = |port, method, path| Route::find(port, &method, path).unwrap().route;
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
        data(Method::GET, "/v1/pipelines/p/decisions"),
        Route::DecisionOfEvent(own("p"))
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
    assert_eq!(
        admin(Method::POST, "/v1/pipelines/p/deploy"),
        Route::Deploy(own("p"))
    );
    assert_eq!(
        admin(Method::GET, "/v1/pipelines/p/deploy"),
        Route::DeployProgress(own("p"))
    );
    assert_eq!(admin(Method::GET, "/health/live"), Route::Live);
    assert_eq!(admin(Method::GET, "/health/ready"), Route::Ready);
    assert_eq!(admin(Method::GET, "/metrics"), Route::Metrics);
}

#[test]
fn what_changes_the_node_takes_more_than_what_looks_at_it() {
    for path in &PATHS {
        let needed = match (path.port, path.method) {
            (Port::Admin, "POST") => Some(Scope::Admin),
            (Port::Data, "POST") if path.template.ends_with("/score") => Some(Scope::Score),
            (Port::Data, "POST") => Some(Scope::Ingest),
            _ if path.template.starts_with("/health/") => None,
            _ if path.template.ends_with("/deploy") => Some(Scope::Admin),
            _ => Some(Scope::Read),
        };
        assert_eq!(path.scope, needed, "{} {}", path.method, path.template);
    }
}

#[test]
fn what_is_asked_names_the_pipeline_it_is_about() {
    let asked = |port, path| Route::find(port, &Method::GET, path).unwrap().pipeline;
    let key = "/v1/pipelines/card%2Dfraud/timelines/i/k";
    assert_eq!(asked(Port::Data, key).as_deref(), Some("card-fraud"));
    assert_eq!(asked(Port::Admin, "/v1/pipelines"), None);
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
            Port::Admin,
            Method::PUT,
            "/v1/pipelines/p/deploy",
            405,
            "use POST or GET",
        ),
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
