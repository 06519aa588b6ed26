//! All cases of the matrix, and those of them that plain `cargo test` boots.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use landfall_predict::units::Seed;

use super::case::{Case, Load};
use super::images::Images;
use super::matrix::{Batch, Matrix};
use super::paths::Table;
use super::refusals::{self, Damaged};
use super::settings::{Extent, Settings};
use landfall_host::machine::Mode;

/// The seed of the batch that is the same in every run.
const FIXED: u64 = 0x1a2d_fa11_0000_0001;

/// Returns all cases. Names, kernels and axes do not depend on `images`.
pub(super) fn all(images: Images, settings: Settings) -> Vec<Case> {
    let Settings { extent, seed: Seed(seed) } = settings;
    let rounds = if extent == Extent::Soak { 12 } else { 1 };
    let mut cases = Vec::new();
    for (batch, seed) in [(Batch::Fixed("fixed"), FIXED), (Batch::Fresh("fresh"), seed)] {
        let mut matrix = Matrix::new(images, batch, seed);
        for _ in 0..rounds {
            matrix.product();
            matrix.addresses();
        }
        matrix.rules();
        matrix.prefilled();
        cases.append(&mut matrix.cases);
    }
    cases.extend(policies(images, rounds, seed));
    cases.extend(once(images, extent, rounds, seed));
    let damaged = if extent == Extent::Soak { Damaged::EachBit } else { Damaged::EachWord };
    cases.extend(refusals::cases(images, FIXED, damaged));
    cases
}

/// Every policy in the fixed batch, any policies in the fresh one.
fn policies(images: Images, rounds: usize, seed: u64) -> Vec<Case> {
    let mut fixed = Matrix::new(images, Batch::Fixed("policy"), FIXED);
    fixed.policies();
    for round in 0..rounds {
        fixed.rules_with_policies(round);
    }
    fixed.parts();
    fixed.moves(8);
    let mut fresh = Matrix::new(images, Batch::Fresh("fresh-policy"), seed);
    fresh.any_policies(50 * rounds);
    fixed.cases.append(&mut fresh.cases);
    fixed.cases
}

/// The cases that are in no batch.
fn once(images: Images, extent: Extent, rounds: usize, seed: u64) -> Vec<Case> {
    let mut matrix = Matrix::new(images, Batch::Fixed("once"), FIXED ^ seed);
    matrix.singles();
    matrix.trees();
    matrix.crash_memory();
    matrix.own(rounds);
    matrix.wrapped();
    matrix.axplat();
    matrix.application();
    matrix.efi();
    matrix.applications();
    matrix.unwilling();
    matrix.without_hsm(rounds);
    matrix.paths();
    matrix.boards();
    matrix.loaders();
    matrix.overflows();
    matrix.user_mode();
    matrix.spaces();
    matrix.modules();
    matrix.kexecs(extent);
    matrix.handed_on();
    matrix.crashes();
    matrix.mutations();
    matrix.secrets();
    matrix.audits();
    matrix.cases
}

/// A test of boots.
#[derive(Clone, Debug)]
pub(super) struct Named {
    pub(super) name: String,
    pub(super) kernel: &'static str,
    /// True if plain `cargo test` runs it.
    pub(super) is_representative: bool,
}

/// Returns the names of all tests of boots, each once.
pub(super) fn names(settings: Settings) -> Vec<Named> {
    let representative = representative();
    let mut seen = HashSet::new();
    let cases = all(Images::Unknown, settings).into_iter();
    let cases = cases.filter(|case| seen.insert(case.name.clone()));
    let named = |case: Case| Named {
        is_representative: representative.contains(&case.name),
        kernel: case.kernel,
        name: case.name,
    };
    cases.map(named).collect()
}

/// Returns the cases of one kernel's tests by name. Makes the list of a kernel once.
pub(super) fn of(kernel: &'static str, settings: Settings) -> Arc<BTreeMap<String, Vec<Case>>> {
    type Lists = BTreeMap<&'static str, Arc<BTreeMap<String, Vec<Case>>>>;
    static LISTS: Mutex<Lists> = Mutex::new(BTreeMap::new());
    let mut lists = LISTS.lock().unwrap_or_else(PoisonError::into_inner);
    let list = lists.entry(kernel).or_insert_with(|| {
        let mut list = BTreeMap::<String, Vec<Case>>::new();
        for case in all(Images::Of(kernel), settings).into_iter().filter(|case| case.kernel == kernel) {
            list.entry(case.name.clone()).or_default().push(case);
        }
        Arc::new(list)
    });
    Arc::clone(list)
}

/// Checks that the document of boot paths has the table of the landings that tests prove.
pub(super) fn check_document(settings: Settings) -> Result<(), String> {
    let mut table = Table::default();
    for case in all(Images::Unknown, settings) {
        if let Some(path) = case.path {
            table.add(path, case.machine.mode.unwrap_or(Mode::Sv57), case.machine.harts.get());
        }
    }
    table.check_document()
}

/// Returns the names of the cases that plain `cargo test` boots. Each is the same in every run, and
/// is the first with some value on one of its axes.
///
/// Machines with several hundred GiB or many harts, ArceOS and all but one boot by EDK2 take long.
fn representative() -> BTreeSet<String> {
    let settings = Settings { extent: Extent::Normal, seed: Seed(0) };
    let mut seen = HashSet::new();
    let mut names = BTreeSet::new();
    for case in all(Images::Unknown, settings).iter().filter(|case| is_quick(case)) {
        let kind = case.name.split('/').next().unwrap_or_default().to_owned();
        let axes = case.axes.iter().map(|(axis, value)| (*axis, value.clone()));
        // Every value, not only a new one, is seen by this case.
        // Every value is inserted, so a lazy `any` would not do.
        let is_new = axes.chain([("kind", kind)]).filter(|value| seen.insert(value.clone())).count() > 0;
        if is_new {
            names.insert(case.name.clone());
        }
    }
    names
}

fn is_quick(case: &Case) -> bool {
    const GIB: u64 = 1 << 30;
    let starts = ["fresh", "fresh-policy"].iter().any(|batch| case.name.starts_with(batch));
    let slow = match case.load {
        Load::Efi(way) => !way.is_by_u_boot(),
        _ => false,
    };
    let large = case.machine.memory.total().0 > 16 * GIB || case.machine.harts.get() > 8;
    !(starts || slow || large || case.kernel == super::kernels::APPLICATION)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(seed: u64) -> Settings {
        Settings { extent: Extent::Normal, seed: Seed(seed) }
    }

    #[test]
    fn names_are_the_same_with_every_seed() {
        let names = |seed| names(settings(seed)).into_iter().map(|test| (test.name, test.kernel));
        assert!(names(1).eq(names(2)));
    }

    #[test]
    fn only_shares_of_the_sealed_tables_have_several_cases() {
        let mut seen = HashSet::new();
        for case in all(Images::Unknown, settings(0)) {
            assert!(seen.insert(case.name.clone()), "{} is the name of two cases", case.name);
        }
    }

    #[test]
    fn representatives_are_few_and_have_every_kernel_and_every_quick_value() {
        let (names, chosen) = (names(settings(0)), representative());
        assert!(chosen.len() * 5 < names.len(), "{} of {}", chosen.len(), names.len());
        let known: HashSet<_> = names.iter().map(|test| &test.name).collect();
        assert!(chosen.iter().all(|name| known.contains(name)));
        let all = all(Images::Unknown, settings(0));
        let values = |cases: &[&Case]| -> BTreeSet<_> {
            cases.iter().flat_map(|case| case.axes.iter().cloned()).collect()
        };
        let quick: Vec<_> = all.iter().filter(|case| is_quick(case)).collect();
        let few: Vec<_> = quick.iter().copied().filter(|case| chosen.contains(&case.name)).collect();
        assert_eq!(values(&few), values(&quick));
    }
}
