//! What an operator may do, tried by a client: through the data port, by other spellings of a path, by headers that
//! name another method.

use crate::bad_requests::still_serves;
use crate::harness::Config;
use crate::hostile::raw::Raw;

#[test]
fn an_operators_path_is_not_served_to_clients_however_it_is_written() {
    let node = Config::cards().start();
    let mut raw = Raw::to(&node);
    for (line, status, what) in [
        (
            "POST /v1/pipelines/cards/deploy",
            404,
            "not served on the data port",
        ),
        (
            "POST /v1/pipelines/cards/close",
            404,
            "not served on the data port",
        ),
        ("GET /metrics", 404, "not served on the data port"),
        (
            "GET http://admin/metrics",
            404,
            "not served on the data port",
        ),
        ("GET //metrics", 404, "nothing at `//metrics`"),
        ("GET /metrics/", 404, "nothing at `/metrics/`"),
        ("GET /./metrics", 404, "nothing at `/./metrics`"),
        ("GET /v1/../metrics", 404, "nothing at `/v1/../metrics`"),
        ("GET /v1%2Fpipelines", 404, "nothing at `/v1%2Fpipelines`"),
        ("GET /v1/pipelines/cards%2F..%2Fdeploy", 404, "nothing at"),
        ("GET /METRICS", 404, "nothing at `/METRICS`"),
        ("GET /metrics;a=b", 404, "nothing at"),
        ("GET *", 404, "nothing at `*`"),
    ] {
        raw.send(format!("{line} HTTP/1.1\r\nhost: node\r\n\r\n"));
        let error = raw.reply().unwrap().error(status);
        assert!(
            error["what"].as_str().unwrap().contains(what),
            "{line}: {error}"
        );
    }
    still_serves(&node);
}

#[test]
fn a_header_that_names_another_method_or_path_is_not_heard() {
    let node = Config::cards().start();
    let mut raw = Raw::to(&node);
    for header in [
        "x-http-method-override: POST",
        "x-method-override: POST",
        "x-original-url: /metrics",
        "x-rewrite-url: /metrics",
        "x-forwarded-host: admin",
    ] {
        raw.send(format!(
            "GET /v1/pipelines/cards/score HTTP/1.1\r\nhost: node\r\n{header}\r\n\r\n"
        ));
        assert_eq!(
            raw.reply().unwrap().error(405)["what"],
            "GET is not taken here",
            "{header}"
        );
    }
    still_serves(&node);
}
