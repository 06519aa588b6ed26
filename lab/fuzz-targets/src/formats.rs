//! A prediction in every output format.

use landfall_predict::case::{Case, Outcome};
use landfall_predict::{json, svg, text, view};

/// The most bytes of a plan's text and of its picture, whatever the machine.
const LARGEST: usize = 1 << 20;

/// Predicts and prints. A refusal is a sentence; a plan has a bounded size and no gaps.
pub(crate) fn check(case: Case) {
    let prediction = match case.predict() {
        Outcome::Refuses(refused) => return assert!(!refused.message.is_empty()),
        Outcome::Lands(prediction) => prediction,
    };
    let space = view::address_space(&prediction);
    let mut at = space.mode.upper_half().get();
    for region in &space.regions {
        assert_eq!(region.start, at, "regions follow each other");
        at = at.wrapping_add(region.size);
    }
    assert_eq!(at, 0, "the last region ends where addresses do");
    let text = text::text(&prediction, &space);
    assert!(text.len() < LARGEST, "a text of {} bytes", text.len());
    assert!(svg::draw(&space).len() < LARGEST, "a picture too large");
    assert!(json::object(&prediction, &space).is_object());
}
