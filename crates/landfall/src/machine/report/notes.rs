//! Notes: what a reader should know although it stopped nothing.

use landfall_plan::harts::Absence;
use landfall_plan::plan::Note;

use crate::machine::harts::HartState;
use crate::machine::landing::Landing;

/// All notes of a landing.
pub(super) fn notes(landing: &Landing) -> impl Iterator<Item = Note> {
    let missing = landing.harts().filter(|known| is_missed(known.state)).count();
    let missing = Some(missing).filter(|count| *count != 0).map(Note::HartsMissing);
    Note::of(landing.facts(), landing.policy(), landing.plan()).chain(missing)
}

/// Returns true if the hart was started and did not land.
const fn is_missed(state: HartState) -> bool {
    !matches!(state, HartState::Online | HartState::Absent(Absence::NotWanted | Absence::BeyondLimit))
}
