pub(crate) use landfall_plan::{HartIndex, HartSet};
