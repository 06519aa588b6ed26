//! The harts of a board's tree.

use dtoolkit::fdt::Fdt;
use dtoolkit::{Node, Property};
use landfall_paging::{Mode, PhysAddr};
use landfall_plan::harts::{Hart, Harts, Mmu};
use landfall_plan::{Facts, Refusal};
use landfall_tree::Tree;

use super::{BoardError, facts_of};

/// No tree has a hart of this id.
const NO_HART: u64 = u64::MAX;

/// The most pieces of a list of ids that an error prints.
const PIECES: usize = 8;

/// Returns the hart `wanted`; else the first with an MMU; else the first, if no hart states one.
pub(super) fn boot_hart(tree: &[u8], wanted: Option<u64>) -> Result<Result<u64, BoardError>, Refusal> {
    let known = || -> Result<Vec<Hart>, Refusal> {
        let (facts, _) = facts_of(tree, PhysAddr::new(0), NO_HART)?;
        match facts.harts.ids().first() {
            // A hart that boots and is not in the tree has a place in the list; one that is has its
            // own.
            Some(first) if *first != NO_HART => {
                Ok(facts_of(tree, PhysAddr::new(0), *first)?.0.harts.iter().collect())
            }
            _ => Ok(Vec::new()),
        }
    };
    match wanted {
        None => {
            let rank = |mmu: Mmu| match mmu {
                Mmu::Upto(_) => 0,
                Mmu::Unstated => 1,
                Mmu::None => 2,
            };
            Ok(Ok(known()?.iter().min_by_key(|hart| rank(hart.mmu)).map_or(0, |hart| hart.id)))
        }
        Some(wanted) => {
            // The hart that boots is found wherever it stands, also beyond the list of harts.
            let mut facts = Facts::UNKNOWN;
            facts.boot_hart = wanted;
            if Tree::read(tree, &mut facts)?.lists_boot_hart {
                return Ok(Ok(wanted));
            }
            let mut ids: Vec<_> = known()?.iter().map(|hart| hart.id).collect();
            ids.sort_unstable();
            Ok(Err(BoardError::NoHart { wanted, known: in_words(&ids) }))
        }
    }
}

/// Returns ascending ids in few words.
fn in_words(ids: &[u64]) -> String {
    if ids.is_empty() {
        return "none".to_owned();
    }
    let runs: Vec<&[u64]> = ids.chunk_by(|id, next| id + 1 == *next).collect();
    let mut pieces: Vec<String> = Vec::new();
    let mut printed = 0;
    for run in runs {
        match run {
            [first, _, _, .., last] => pieces.push(format!("{first} to {last}")),
            few => pieces.extend(few.iter().map(u64::to_string)),
        }
        if pieces.len() > PIECES {
            break;
        }
        printed += run.len();
    }
    if printed < ids.len() {
        pieces.truncate(PIECES);
        pieces.push("and more".to_owned());
    }
    pieces.join(", ")
}

/// Returns the same harts, of a machine that offers no better mode.
pub(super) fn clamped(harts: &Harts, most: Mode) -> Harts {
    let mut clamped = Harts::EMPTY.with_beyond(harts.beyond());
    for hart in harts.iter() {
        let mmu = match hart.mmu {
            Mmu::Upto(best) => Mmu::Upto(best.min(most)),
            other => other,
        };
        clamped.push(Hart { mmu, ..hart });
    }
    clamped
}

/// Returns true if a hart of the tree is one of T-Head's, whose memory types only the boot shows.
pub(super) fn names_thead(tree: &[u8]) -> bool {
    let Ok(tree) = Tree::new(tree) else { return false };
    let tree = Fdt::new_unchecked(tree.bytes());
    let cpus = tree.root().children().filter(|node| node.name() == "cpus");
    let harts = cpus.flat_map(|cpus| cpus.children().collect::<Vec<_>>());
    harts.into_iter().any(|hart| {
        let names = hart.properties().find(|property| property.name() == "compatible");
        names.is_some_and(|names| {
            names.value().split(|byte| *byte == 0).any(|name| name.starts_with(b"thead,"))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_few_words_however_many_harts_there_are() {
        let all: Vec<_> = (0..512).collect();
        assert_eq!(in_words(&all), "0 to 511");
        assert_eq!(in_words(&[]), "none");
        assert_eq!(in_words(&[0, 1, 2]), "0, 1, 2");
        assert_eq!(in_words(&[0, 2, 3, 4, 5, 9]), "0, 2 to 5, 9");
        let sparse: Vec<_> = (0..512).map(|id| id * 2).collect();
        assert_eq!(in_words(&sparse), "0, 2, 4, 6, 8, 10, 12, 14, and more");
    }
}
