//! Who a node lets in, from the files its configuration names, and again whenever these change. What was taken
//! anew is written down in every pipeline's log; must not know what the files say.

use std::path::Path;
use std::sync::Arc;

use foreshore_core::{Act, Audit};

use crate::access::Gate;
use crate::access::watch::{self, Renew, Watched};
use crate::config::{Config, ConfigError};
use crate::http::tls::Doors;
use crate::http::{Guards, Node};

/// Who is let in, and how, as a configuration file says.
///
/// # Errors
/// When a file it names does not hold.
pub fn guards(file: &Path, config: &Config) -> Result<Guards, ConfigError> {
    let gate = match &config.access {
        None => Gate::open(),
        Some(access) => {
            let tokens = file.parent().unwrap_or(Path::new("")).join(&access.tokens);
            Gate::of(tokens, config.pipelines.keys().cloned().collect())?
        }
    };
    Ok(Guards {
        gate: Arc::new(gate),
        doors: Doors::new(file, &config.server)?,
    })
}

/// Takes the guards' files anew whenever they change, for as long as the node runs.
pub async fn watch(node: Arc<Node>) {
    let watched = watched(&node.guards);
    // A node without them ends at a hang-up, as any program does.
    if watched.is_empty() {
        return;
    }
    let taken = |audit: Audit| write_down(&node, audit);
    if let Err(error) = watch::watch(watched, &node.renewals, taken).await {
        tracing::error!("tokens and certificates stay as they are: {error}");
    }
}

fn watched(guards: &Guards) -> Vec<Watched> {
    let mut watched = Vec::new();
    if let Some(file) = guards.gate.file() {
        let gate = guards.gate.clone();
        let renew: Renew = Arc::new(move || gate.renew());
        watched.push(Watched {
            name: "tokens",
            act: Act::Access,
            files: vec![file.clone()],
            renew,
        });
    }
    let doors = [
        ("data_tls", &guards.doors.data),
        ("admin_tls", &guards.doors.admin),
    ];
    for (name, door) in doors {
        let Some(door) = door.clone() else { continue };
        watched.push(Watched {
            name,
            act: Act::Certificates,
            files: door.files(),
            renew: Arc::new(move || door.renew()),
        });
    }
    watched
}

/// Writes an act down in the log of every pipeline.
async fn write_down(node: &Node, audit: Audit) {
    let (act, files) = (audit.act.name(), &audit.subject);
    tracing::info!(act, %files, "taken anew: {}", audit.outcome);
    for handle in node.handles() {
        if let Err(error) = handle.audit(audit.clone()).await {
            let pipeline = handle.name();
            tracing::warn!(pipeline, act, "not written down in its log: {error}");
        }
    }
}
