//! Four weeks of the example's traffic, in order: as JSON, and as events of the pipeline's schema.

use std::sync::Arc;

use card_traffic::{Settings, Traffic};
use foreshore_event::{Event, Schema, decode, validate};

/// The events as they are sent, a line each.
pub fn lines() -> Vec<String> {
    let traffic = Traffic::generate(&Settings::demo());
    traffic.sorted().iter().map(ToString::to_string).collect()
}

/// The same as the pipeline has them.
pub fn events(schema: &Schema, lines: &[String]) -> anyhow::Result<Vec<Arc<Event>>> {
    let decoded = lines.iter().map(|line| {
        let draft = decode(schema, line.as_bytes())?;
        Ok(Arc::new(validate(schema, draft)?))
    });
    decoded.collect()
}
