//! All who may do something, found by what they show. Takes identities and their proofs, each of which may be
//! only one's; must not know where they were written down.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use crate::access::identity::Identity;
use crate::access::proof::Proof;
use crate::access::refusal::Refusal;
use crate::access::token::Digest;

/// All who may do something.
#[derive(Debug, Default)]
pub struct Roster {
    identities: Vec<Arc<Identity>>,
    /// Whose tokens have these digests; under the first bits of a digest, all that share them.
    by_token: HashMap<u64, Vec<(Digest, usize)>>,
    by_certificate: HashMap<String, usize>,
}

impl Roster {
    /// Adds somebody with the digests of their tokens and the names of their certificates.
    ///
    /// # Errors
    /// When one of these is somebody's already; gives the name of that one.
    pub fn add(
        &mut self,
        identity: Identity,
        tokens: Vec<Digest>,
        certificates: Vec<String>,
    ) -> Result<(), String> {
        let at = self.identities.len();
        let identity = Arc::new(identity);
        self.identities.push(identity.clone());
        for digest in tokens {
            if let Some(other) = self.of_token(&digest) {
                return Err(other.name.clone());
            }
            let same = self.by_token.entry(digest.bits()).or_default();
            same.push((digest, at));
        }
        for name in certificates {
            if let Some(other) = self.by_certificate.insert(name, at) {
                let other = self.identities.get(other).unwrap_or(&identity);
                return Err(other.name.clone());
            }
        }
        Ok(())
    }

    /// How many they are.
    pub fn len(&self) -> usize {
        self.identities.len()
    }

    /// The one who shows this. A token decides alone where there is one.
    ///
    /// # Errors
    /// When it is nobody's, or that of several.
    pub fn find(&self, proof: &Proof) -> Result<&Arc<Identity>, Refusal> {
        match &proof.token {
            Some(token) => self.of_token(token).ok_or(Refusal::Unknown),
            None => self.of_names(&proof.names),
        }
    }

    /// Whoever has the token of this digest. What is compared bit by bit takes the same time for every token.
    fn of_token(&self, digest: &Digest) -> Option<&Arc<Identity>> {
        let same = self.by_token.get(&digest.bits())?;
        let found = same.iter().find(|(known, _)| known.is(digest));
        found.and_then(|(_, at)| self.identities.get(*at))
    }

    fn of_names(&self, names: &[String]) -> Result<&Arc<Identity>, Refusal> {
        let known = names
            .iter()
            .filter_map(|name| self.by_certificate.get(name));
        let mut known = known.collect::<BTreeSet<_>>().into_iter();
        let identity = known.next().and_then(|at| self.identities.get(*at));
        match known.next() {
            Some(_) => Err(Refusal::Ambiguous),
            None => identity.ok_or(Refusal::Unnamed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::sources::Sources;

    fn identity(name: &str) -> Identity {
        Identity {
            name: name.to_owned(),
            scopes: Vec::new(),
            pipelines: None,
            sources: Sources::Any,
            expires: None,
        }
    }

    fn roster() -> Roster {
        let mut roster = Roster::default();
        let (a, b, c) = (Digest::of(b"a"), Digest::of(b"b"), Digest::of(b"c"));
        let names = |names: &[&str]| names.iter().map(ToString::to_string).collect();
        roster
            .add(identity("one"), vec![a, b], names(&["cn:one"]))
            .unwrap();
        roster
            .add(identity("two"), vec![c], names(&["cn:two", "dns:two"]))
            .unwrap();
        roster
    }

    fn found(token: Option<&[u8]>, names: &[&str]) -> Result<String, Refusal> {
        let proof = Proof {
            token: token.map(Digest::of),
            names: names.iter().map(ToString::to_string).collect(),
        };
        roster().find(&proof).map(|identity| identity.name.clone())
    }

    #[test]
    fn everybody_is_found_by_each_of_their_proofs() {
        for (token, names, name) in [
            (Some(&b"a"[..]), &[][..], "one"),
            (Some(b"b"), &[], "one"),
            (Some(b"c"), &[], "two"),
            (None, &["cn:one"], "one"),
            (None, &["uri:x", "dns:two", "cn:two"], "two"),
            (Some(b"a"), &["cn:two"], "one"),
        ] {
            assert_eq!(found(token, names).as_deref(), Ok(name));
        }
    }

    #[test]
    fn strangers_and_those_who_are_several_are_nobody() {
        assert_eq!(found(Some(b"d"), &[]), Err(Refusal::Unknown));
        // A token that is wrong is not made good by a certificate.
        assert_eq!(found(Some(b"d"), &["cn:one"]), Err(Refusal::Unknown));
        assert_eq!(found(None, &[]), Err(Refusal::Unnamed));
        assert_eq!(found(None, &["cn:three"]), Err(Refusal::Unnamed));
        assert_eq!(found(None, &["cn:one", "dns:two"]), Err(Refusal::Ambiguous));
    }

    #[test]
    fn a_proof_is_only_ones() {
        let again = roster().add(identity("three"), vec![Digest::of(b"b")], Vec::new());
        assert_eq!(again, Err("one".to_owned()));
        let again = roster().add(identity("three"), Vec::new(), vec!["dns:two".to_owned()]);
        assert_eq!(again, Err("two".to_owned()));
        let twice = vec!["dns:x".to_owned(), "dns:x".to_owned()];
        let again = roster().add(identity("three"), Vec::new(), twice);
        assert_eq!(again, Err("three".to_owned()));
    }
}
