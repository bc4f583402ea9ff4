//! Who asks, before anything is done for them: the token of a request's head or the certificate of its
//! connection, shown to the gate. Gives a caller, or the problem; must not know what is asked beyond its scope.

use std::future::pending;
use std::sync::Arc;
use std::time::{Duration, Instant};

use foreshore_event::Invalid;
use hyper::header::{AUTHORIZATION, HeaderValue, WWW_AUTHENTICATE};
use hyper::{HeaderMap, StatusCode};

use crate::access::token::Digest;
use crate::access::{Caller, Gate, Pass, Proof, Refusal, Scope, Why};
use crate::clock;
use crate::http::node::{Node, Port};
use crate::http::peer::Peer;
use crate::http::problem::Problem;
use crate::http::route::Asked;

/// How a token is shown.
const BEARER: &str = "bearer ";

/// Refusals on the admin port are logged no more often: who tries all day must not fill a disk.
const LOG_EVERY: Duration = Duration::from_millis(100);

/// Somebody let in to one request.
pub(super) struct Guest {
    caller: Caller,
    gate: Arc<Gate>,
    /// For how long, where that may end before the answer does; none where everybody may ask.
    pass: Option<Pass>,
}

impl Guest {
    /// What audit records call it.
    pub(super) fn name(&self) -> &str {
        self.caller.name()
    }

    /// Whether an event of this source may come from it.
    ///
    /// # Errors
    /// When it does not speak for the source; it is counted.
    pub(super) fn speaks_for(&self, source: &str) -> Result<(), Invalid> {
        let spoken = self.caller.speaks_for(source);
        spoken.inspect_err(|_| self.gate.count(Why::Source))
    }

    /// Waits until it would not be let in any more.
    pub(super) async fn sent_away(&self) {
        match &self.pass {
            Some(pass) => pass.lost().await,
            None => pending().await,
        }
    }
}

/// Lets in whoever asks.
///
/// # Errors
/// 401 when that is nobody known, 403 when it may not do that.
pub(super) fn enter(
    node: &Node,
    port: Port,
    asked: &Asked,
    headers: &HeaderMap,
    peer: &Peer,
) -> Result<Guest, Problem> {
    let gate = node.guards.gate.clone();
    let Some(scope) = asked.scope.filter(|_| !gate.is_open()) else {
        let (caller, pass) = (Caller::anybody(), None);
        return Ok(Guest { caller, gate, pass });
    };
    let pipeline = asked.pipeline.as_deref();
    let entered = prove(headers, peer).inspect_err(|refusal| gate.count(refusal.why()));
    let entered = entered.and_then(|proof| {
        let caller = gate.enter(&proof, scope, pipeline, clock::now())?;
        Ok((caller, proof))
    });
    let (caller, proof) = entered.map_err(|refusal| {
        if port == Port::Admin {
            log(node, asked, peer, &refusal);
        }
        problem(&refusal, scope)
    })?;
    let pass = Pass::new(gate.clone(), proof, scope, asked.pipeline.clone());
    let pass = Some(pass);
    Ok(Guest { caller, gate, pass })
}

/// What a request shows.
fn prove(headers: &HeaderMap, peer: &Peer) -> Result<Proof, Refusal> {
    let mut shown = headers.get_all(AUTHORIZATION).iter();
    let token = shown.next().map(token).transpose()?;
    if shown.next().is_some() {
        return Err(Refusal::Malformed);
    }
    Ok(Proof {
        token,
        names: peer.names.clone(),
    })
}

/// The digest of a token: the token itself goes no further than this.
fn token(shown: &HeaderValue) -> Result<Digest, Refusal> {
    let bytes = shown.as_bytes();
    let (kind, token) = bytes
        .split_at_checked(BEARER.len())
        .ok_or(Refusal::Malformed)?;
    let token = token.trim_ascii();
    match kind.eq_ignore_ascii_case(BEARER.as_bytes()) && !token.is_empty() {
        true => Ok(Digest::of(token)),
        false => Err(Refusal::Malformed),
    }
}

fn problem(refusal: &Refusal, scope: Scope) -> Problem {
    let scope = scope.name();
    let (status, place, challenge, fix) = match refusal {
        Refusal::Unnamed => (
            StatusCode::UNAUTHORIZED,
            "header authorization",
            "Bearer realm=\"foreshore\"".to_owned(),
            "send `Authorization: Bearer TOKEN`, or come with a certificate that the tokens file names".to_owned(),
        ),
        Refusal::Malformed => (
            StatusCode::UNAUTHORIZED,
            "header authorization",
            "Bearer realm=\"foreshore\", error=\"invalid_request\"".to_owned(),
            "send one header, `Authorization: Bearer TOKEN`".to_owned(),
        ),
        Refusal::Unknown | Refusal::Expired { .. } | Refusal::Ambiguous => (
            StatusCode::UNAUTHORIZED,
            "header authorization",
            "Bearer realm=\"foreshore\", error=\"invalid_token\"".to_owned(),
            "ask the node's operator for another one".to_owned(),
        ),
        Refusal::Scope { .. } => (
            StatusCode::FORBIDDEN,
            "scope",
            format!("Bearer realm=\"foreshore\", error=\"insufficient_scope\", scope=\"{scope}\""),
            format!("have the node's operator add `{scope}` to its scopes in the tokens file"),
        ),
        Refusal::Pipeline { .. } => (
            StatusCode::FORBIDDEN,
            "pipeline",
            format!("Bearer realm=\"foreshore\", error=\"insufficient_scope\", scope=\"{scope}\""),
            "have the node's operator add it to its pipelines in the tokens file".to_owned(),
        ),
    };
    let problem = Problem::new(status, place, refusal.to_string(), fix);
    match HeaderValue::from_str(&challenge) {
        Ok(challenge) => problem.with((WWW_AUTHENTICATE, challenge)),
        Err(_) => problem,
    }
}

/// Says who was refused at the admin port. What they sent is not told, only which of our paths they asked for.
fn log(node: &Node, asked: &Asked, peer: &Peer, refusal: &Refusal) {
    let Some(passed_over) = node.refusals.due(Instant::now(), LOG_EVERY) else {
        return;
    };
    let from = peer.address.map(|address| address.to_string());
    let (from, path) = (from.unwrap_or_default(), asked.template);
    let who = refusal.name().unwrap_or("-");
    tracing::warn!(
        who,
        from,
        path,
        passed_over,
        "refused at the admin port: {refusal}"
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(values: &[&str]) -> HeaderMap {
        let values = values.iter();
        values
            .map(|value| (AUTHORIZATION, HeaderValue::from_str(value).unwrap()))
            .collect()
    }

    fn proven(values: &[&str]) -> Result<Proof, Refusal> {
        let peer = Peer {
            address: None,
            names: ["cn:till".to_owned()].into(),
        };
        prove(&shown(values), &peer)
    }

    #[test]
    fn a_token_is_kept_as_its_digest() {
        for value in ["Bearer abc", "bearer abc", "BEARER  abc "] {
            let proof = proven(&[value]).unwrap();
            assert!(
                proof
                    .token
                    .is_some_and(|token| token.is(&Digest::of(b"abc"))),
                "{value}"
            );
        }
        let proof = proven(&[]).unwrap();
        assert!(proof.token.is_none());
        assert_eq!(&*proof.names, ["cn:till".to_owned()]);
    }

    #[test]
    fn what_is_not_one_token_is_malformed() {
        for values in [
            &["Bearer"][..],
            &["Bearer "],
            &["Bearer  "],
            &["abc"],
            &["Basic YTpi"],
            &["Bearerabc"],
            &[""],
            &["Bearer abc", "Bearer abc"],
        ] {
            assert_eq!(
                proven(values).map(|_| ()),
                Err(Refusal::Malformed),
                "{values:?}"
            );
        }
    }
}
