//! Where and how a pipeline is stored: `[store]` and the pipeline's retention, as its worker runs by. Opens
//! nothing.

use std::path::Path;

use foreshore_store::log::{Durability, LogSettings};
use foreshore_store::{READERS, StoreSettings};

use crate::config::Config;
use crate::config::server::DurabilityConfig;
use crate::worker::storage::StoragePlan;

/// How a pipeline of a configuration file is stored; none where nothing is to outlive the process.
pub fn storage(file: &Path, config: &Config, pipeline: &str) -> Option<StoragePlan> {
    let store = &config.store;
    let folder = file.parent().unwrap_or(Path::new(""));
    let written = config.pipelines.get(pipeline)?;
    Some(StoragePlan {
        folder: folder.join(store.folder.as_ref()?).join(pipeline),
        settings: StoreSettings {
            log: LogSettings {
                segment_bytes: store.segment.0 as u64,
                durability: match store.durability {
                    DurabilityConfig::Fsync => Durability::Fsync,
                    DurabilityConfig::Os => Durability::Os,
                },
                reserve_bytes: store.reserve.0 as u64,
            },
            identity_retention: written.identity_retention.0,
            readers: READERS,
        },
        commit_wait: store.commit_wait.duration(),
        dirty_age: store.dirty_age.0,
        dirty_records: store.dirty_records,
        cache_bytes: store.cache.0 as u64,
    })
}
