//! All that a plugin's source needs, for one `use`.

pub use crate::aggregate::{
    Changes, Decay, Distinct, Last, Panes, Portion, Seen, Share, Stats, Window,
};
pub use crate::event::Event;
pub use crate::features::Features;
pub use crate::math;
pub use crate::model::Model;
pub use crate::state::{Reader, State, Writer};
pub use crate::time::{DAY, HOUR, MINUTE, SECOND, Span, Time};
pub use crate::{export_features, export_model, fields, state, vector};
