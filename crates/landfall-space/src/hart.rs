pub(crate) use landfall_plan::harts::{HartIndex, HartSet};
