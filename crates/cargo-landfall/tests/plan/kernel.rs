//! A kernel that was never linked.

use landfall_plan::Policy;
use landfall_predict::blueprint::Blueprint;
use landfall_predict::sample::{PARTS, SLOTS};

pub(crate) use landfall_predict::sample::sealed as image;

/// Returns the facts of that kernel.
pub(crate) fn blueprint(policy: &Policy) -> Blueprint {
    let missing = landfall_image::feature::Features::NONE;
    Blueprint { missing, parts: PARTS, policy: Ok(*policy), slots: SLOTS, seal: Ok(()), inner: None }
}
