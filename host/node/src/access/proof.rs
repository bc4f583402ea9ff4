//! What a client shows to be somebody: a token, of which only the digest is kept, and the names of its
//! certificate. Whether that is enough is the gate's to say.

use std::sync::Arc;

use crate::access::token::Digest;

/// What a client shows.
#[derive(Clone, Debug)]
pub struct Proof {
    /// The digest of its token, if it sent one; it then stands for that alone.
    pub token: Option<Digest>,
    /// The names of its certificate, which was found to be good; none without one.
    pub names: Arc<[String]>,
}
