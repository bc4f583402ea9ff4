//! One who may do something: a name, and what is allowed under it. Whether a client is the one, is not for this
//! file.

use foreshore_event::Time;

use crate::access::refusal::Refusal;
use crate::access::scope::Scope;
use crate::access::sources::Sources;

/// One who may do something.
#[derive(Clone, Debug)]
pub struct Identity {
    /// The name that logs and audit records have.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// The pipelines it may do that to; none: all, and the node as a whole.
    pub pipelines: Option<Vec<String>>,
    /// The sources it speaks for.
    pub sources: Sources,
    /// From then on it is nobody; none: never.
    pub expires: Option<Time>,
}

impl Identity {
    /// Whether it may do this to a pipeline, or to the node as a whole.
    ///
    /// # Errors
    /// The first thing that speaks against it.
    pub fn check(&self, scope: Scope, pipeline: Option<&str>, now: Time) -> Result<(), Refusal> {
        if let Some(expired) = self.expires.filter(|expires| now >= *expires) {
            let name = self.name.clone();
            return Err(Refusal::Expired { name, expired });
        }
        if !self.scopes.contains(&scope) {
            let name = self.name.clone();
            return Err(Refusal::Scope { name, scope });
        }
        let reached = match (&self.pipelines, pipeline) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(names), Some(pipeline)) => names.iter().any(|name| name == pipeline),
        };
        if reached {
            return Ok(());
        }
        let (name, pipeline) = (self.name.clone(), pipeline.map(str::to_owned));
        Err(Refusal::Pipeline { name, pipeline })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn till(pipelines: Option<&[&str]>, expires: Option<i64>) -> Identity {
        Identity {
            name: "till".to_owned(),
            scopes: vec![Scope::Score, Scope::Ingest],
            pipelines: pipelines.map(|names| names.iter().map(ToString::to_string).collect()),
            sources: Sources::Any,
            expires: expires.map(Time),
        }
    }

    #[test]
    fn what_is_not_allowed_by_name_is_refused() {
        let till = till(None, None);
        assert!(till.check(Scope::Score, Some("p"), Time(0)).is_ok());
        for scope in [Scope::Read, Scope::Admin] {
            let refusal = till.check(scope, Some("p"), Time(0)).unwrap_err();
            assert!(matches!(refusal, Refusal::Scope { scope: found, .. } if found == scope));
        }
    }

    #[test]
    fn one_of_some_pipelines_reaches_neither_others_nor_the_node() {
        let till = till(Some(&["p", "q"]), None);
        assert!(till.check(Scope::Score, Some("q"), Time(0)).is_ok());
        for pipeline in [Some("r"), Some("P"), Some(""), None] {
            let refusal = till.check(Scope::Score, pipeline, Time(0)).unwrap_err();
            assert!(matches!(refusal, Refusal::Pipeline { .. }), "{pipeline:?}");
        }
    }

    #[test]
    fn from_its_last_moment_on_it_may_nothing() {
        let till = till(None, Some(100));
        assert!(till.check(Scope::Score, Some("p"), Time(99)).is_ok());
        for moment in [100, 101, i64::MAX] {
            let refusal = till
                .check(Scope::Score, Some("p"), Time(moment))
                .unwrap_err();
            assert!(matches!(refusal, Refusal::Expired { .. }), "{moment}");
        }
    }
}
