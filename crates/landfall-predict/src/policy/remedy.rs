//! A change that makes a policy one which a machine can fulfill.

use std::ops::RangeInclusive;

use landfall_paging::Mode;

/// Keys whose value may hold in one mode only.
const PINS: [&str; 3] = ["linear-map", "kernel", "window"];

/// Returns the changes of settings of which each suffices.
///
/// `changes` are words KEY=VALUE, `modes` those that they allow, and `holds` returns true if a
/// machine can fulfill the policy with such words.
pub(super) fn remedy(
    changes: &[String],
    modes: &RangeInclusive<Mode>,
    holds: &dyn Fn(&[String]) -> bool,
) -> Option<String> {
    let found = [one_mode(changes, holds), fewer_modes(changes, modes, holds), own_region(changes, holds)];
    let words: Vec<_> = found.into_iter().flatten().collect();
    (!words.is_empty()).then(|| format!("write {}", words.join(" or ")))
}

/// Returns a pin or a window with the first mode in which it suits.
fn one_mode(changes: &[String], holds: &dyn Fn(&[String]) -> bool) -> Option<String> {
    let pins = changes.iter().enumerate().filter(|(_, change)| {
        change.split_once('=').is_some_and(|(key, value)| PINS.contains(&key) && !value.contains('@'))
    });
    let words = pins.flat_map(|(index, change)| {
        [Mode::Sv39, Mode::Sv48, Mode::Sv57].map(|mode| (index, format!("{change}@{mode}")))
    });
    let suits = |(index, word): &(usize, String)| {
        let mut others = changes.to_vec();
        others[*index].clone_from(word);
        holds(&others)
    };
    words.into_iter().find(suits).map(|(_, word)| word)
}

/// Returns the largest range of modes that suits, within those allowed.
fn fewer_modes(
    changes: &[String],
    allowed: &RangeInclusive<Mode>,
    holds: &dyn Fn(&[String]) -> bool,
) -> Option<String> {
    use Mode::{Sv39, Sv48, Sv57};
    let ranges = [Sv39..=Sv48, Sv48..=Sv57, Sv39..=Sv39, Sv48..=Sv48, Sv57..=Sv57];
    let within =
        |range: &RangeInclusive<Mode>| allowed.contains(range.start()) && allowed.contains(range.end());
    let words = ranges.into_iter().filter(within).map(|range| match (range.start(), range.end()) {
        (lowest, highest) if lowest == highest => format!("modes={lowest}"),
        (lowest, highest) => format!("modes={lowest}..{highest}"),
    });
    added(words, changes, holds)
}

/// Returns the placement in which a kernel can be pinned.
fn own_region(changes: &[String], holds: &dyn Fn(&[String]) -> bool) -> Option<String> {
    added(["placement=own-region".to_owned()], changes, holds)
}

/// Returns the first word that suits behind the others.
fn added(
    words: impl IntoIterator<Item = String>,
    changes: &[String],
    holds: &dyn Fn(&[String]) -> bool,
) -> Option<String> {
    words.into_iter().find(|word| holds(&[changes, std::slice::from_ref(word)].concat()))
}
