//! Random sequences by several harts.

use landfall_modules::{LoadError, ModuleId, UnloadError};
use landfall_paging::Mode;
use landfall_space::Placing;

use crate::fixture::Fixture;
use crate::machine::{HARTS, Setup};
use crate::object::{CONSTANTS, UNDEFINED};
use crate::samples::{CALL, CALL_PLT, named, whole};

/// Random numbers (`SplitMix64`).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ mixed >> 31) % limit as u64).expect("below a usize")
    }
}

const NAMES: [&str; 6] = ["a", "b", "c", "d", "e", "f"];

/// A loaded module: its name, its number, its holds, and the names of those that it uses.
struct Known {
    name: usize,
    id: ModuleId,
    holds: u32,
    uses: Vec<usize>,
}

/// Returns a module that calls the exports of others.
fn module(name: usize, uses: &[usize]) -> Vec<u8> {
    let mut object = whole(NAMES[name]);
    let text = object.code(".text.calls", &CALL.repeat(uses.len()));
    let mut imports = String::new();
    for (index, used) in uses.iter().enumerate() {
        let symbol = format!("{}_f", NAMES[*used]);
        imports.extend([&symbol, "=extern \"C\" fn()\0"]);
        let symbol = object.symbol(&symbol, UNDEFINED, 0);
        object.relocate(text, 8 * index as u64, CALL_PLT, symbol, 0);
    }
    object.section(".landfall.imports", CONSTANTS, 1, imports.as_bytes());
    object.write()
}

struct Run {
    random: Random,
    fixture: Fixture,
    known: Vec<Known>,
}

impl Run {
    fn step(&mut self) {
        self.fixture.landed.on(self.random.below(HARTS));
        match self.random.below(8) {
            0..=3 => self.load(),
            4 | 5 => self.unload(),
            6 => self.hold(),
            _ => self.refuse(),
        }
    }

    fn load(&mut self) {
        let name = self.random.below(NAMES.len());
        let uses: Vec<_> = (0..self.random.below(3)).map(|_| self.random.below(NAMES.len())).collect();
        let fails = self.random.below(5) == 0;
        self.fixture.world.lock().answer = i32::from(fails);
        let loaded = self.fixture.load(&module(name, &uses));
        let is_known = |name: &usize| self.known.iter().any(|known| known.name == *name);
        let expected = match (is_known(&name), uses.iter().all(is_known), fails) {
            (true, _, _) => "is loaded",
            (_, false, _) => "is exported neither",
            (_, _, true) => "landfall_init returned 1",
            _ => return self.known.push(Known { name, id: loaded.expect("a module"), holds: 0, uses }),
        };
        // A module that calls its own export needs no other.
        if uses.contains(&name) && !is_known(&name) {
            return;
        }
        let refused = loaded.expect_err(expected).to_string();
        assert!(refused.contains(expected), "{refused}");
    }

    fn unload(&mut self) {
        if self.known.is_empty() {
            return;
        }
        let index = self.random.below(self.known.len());
        let Known { name, id, holds, .. } = self.known[index];
        let users = self.known.iter().filter(|known| known.uses.contains(&name)).count();
        let dependents = u32::try_from(users).expect("few");
        let result = self.fixture.unload(id);
        if holds == 0 && dependents == 0 {
            result.expect("unused");
            self.known.swap_remove(index);
        } else {
            assert_eq!(result, Err(UnloadError::InUse { holds, dependents }));
        }
    }

    fn hold(&mut self) {
        if self.known.is_empty() {
            return;
        }
        let index = self.random.below(self.known.len());
        let known = &mut self.known[index];
        if known.holds == 0 {
            self.fixture.modules.hold(known.id).expect("it is loaded");
            known.holds = 1;
        } else {
            self.fixture.modules.release(known.id).expect("it is held");
            known.holds = 0;
        }
    }

    /// A file that is refused while it is written.
    fn refuse(&mut self) {
        let mut object = named("refused");
        let text = object.code(".text", &[0; 64]);
        let jump = object.symbol("own", text, 0);
        object.relocate(text, 8, CALL_PLT, jump, 1 << 40);
        let before = self.fixture.world.lock().taken.clone();
        let refused = self.fixture.load(&object.write());
        assert!(matches!(refused, Err(LoadError::OutOfReach { .. })), "{refused:?}");
        assert_eq!(self.fixture.world.lock().taken, before);
    }
}

/// Carries `steps` operations out, then unloads all: the pool is as it was.
pub(crate) fn run(setup: &Setup, seed: u64, steps: usize) {
    let mut run = Run { random: Random(seed), fixture: Fixture::of(setup), known: Vec::new() };
    let before = run.fixture.state();
    for _ in 0..steps {
        run.step();
        run.fixture.world.judge_modules();
    }
    while !run.known.is_empty() {
        run.hold();
        run.unload();
    }
    assert!(run.fixture.state() == before, "something is left");
}

#[test]
fn random_loads_and_unloads_of_three_harts_keep_every_promise() {
    for (mode, seed) in Mode::BEST_FIRST.into_iter().zip(1..) {
        let placing = Placing::Random([9; 32]);
        run(&Setup { placing, ..Setup::of(mode) }, seed, 1_000);
        run(&Setup::of(mode), seed + 10, 400);
    }
}
