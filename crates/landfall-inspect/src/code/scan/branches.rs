//! Forward branches that have not arrived yet, and what is known where they lead.

use super::constants::Constants;

/// The most branches that are kept. Code with more open branches loses its knowledge at the targets
/// of the others lead.
const KEPT: usize = 16;
const FREE: u64 = u64::MAX;

pub(super) struct Branches {
    /// The nearest target.
    nearest: u64,
    targets: [u64; KEPT],
    known: [Constants; KEPT],
}

impl Branches {
    pub(super) const NONE: Self =
        Self { nearest: FREE, targets: [FREE; KEPT], known: [Constants::NONE; KEPT] };

    pub(super) fn clear(&mut self) {
        self.nearest = FREE;
        self.targets = [FREE; KEPT];
    }

    /// Returns true if a branch may arrive at `at`.
    pub(super) const fn may_arrive(&self, at: u64) -> bool {
        at >= self.nearest
    }

    pub(super) fn add(&mut self, target: u64, constants: &Constants) {
        let same = self.targets.iter().position(|&other| other == target);
        if let Some(index) = same {
            return self.known[index].learn(constants);
        }
        if let Some(index) = self.targets.iter().position(|&other| other == FREE) {
            self.targets[index] = target;
            self.known[index] = *constants;
            self.nearest = self.nearest.min(target);
        }
    }

    /// Merges the knowledge of branches that lead to `at`.
    pub(super) fn arrive(&mut self, at: u64, constants: &mut Constants) {
        let mut nearest = FREE;
        for (target, known) in self.targets.iter_mut().zip(&self.known) {
            if *target == at {
                constants.learn(known);
            }
            if *target <= at {
                *target = FREE;
            }
            nearest = nearest.min(*target);
        }
        self.nearest = nearest;
    }
}
