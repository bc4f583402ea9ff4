//! Write feature and model plugins for foreshore
