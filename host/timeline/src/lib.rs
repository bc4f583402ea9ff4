//! Pure event-time order for one timeline: placing, folding, checkpoints, going back
