//! Who asks, once that is settled: somebody with a name, or whoever reaches a port of a node without access
//! control. Says for which sources it speaks; must not know how it was recognised.

use std::sync::Arc;

use foreshore_event::Invalid;

use crate::access::identity::Identity;

/// What a caller is called on a node without access control, which listens to its own machine.
const ANYBODY: &str = "loopback";

/// Who asks.
#[derive(Clone, Debug)]
pub struct Caller(Option<Arc<Identity>>);

impl Caller {
    /// Whoever reaches the port.
    pub fn anybody() -> Caller {
        Caller(None)
    }

    /// Somebody.
    pub fn known(identity: Arc<Identity>) -> Caller {
        Caller(Some(identity))
    }

    /// What logs and audit records call it.
    pub fn name(&self) -> &str {
        self.0.as_ref().map_or(ANYBODY, |identity| &identity.name)
    }

    /// Whether it speaks for this source.
    ///
    /// # Errors
    /// When it does not: then an event of that source is invalid, for this reason.
    pub fn speaks_for(&self, source: &str) -> Result<(), Invalid> {
        match &self.0 {
            Some(identity) if !identity.sources.hold(source) => Err(Invalid::new(
                "source",
                format!("`{}` does not speak for `{source}`", identity.name),
            )),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::sources::{Pattern, Sources};

    #[test]
    fn a_caller_speaks_for_its_own_sources_and_anybody_for_all() {
        let till = Caller::known(Arc::new(Identity {
            name: "till".to_owned(),
            scopes: Vec::new(),
            pipelines: None,
            sources: Sources::Of(vec![Pattern::Is("till-7".to_owned())]),
            expires: None,
        }));
        assert!(till.speaks_for("till-7").is_ok());
        let invalid = till.speaks_for("till-8").unwrap_err();
        assert_eq!(invalid.field, "source");
        assert_eq!(invalid.reason, "`till` does not speak for `till-8`");
        assert!(Caller::anybody().speaks_for("till-8").is_ok());
        assert_eq!(
            (till.name(), Caller::anybody().name()),
            ("till", "loopback")
        );
    }
}
