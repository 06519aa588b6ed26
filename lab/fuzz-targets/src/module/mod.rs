//! Modules: refused with everything as it was, or loaded and unloaded again without a trace.

mod machine;
mod memory;

use std::cell::RefCell;

use landfall_modules::{
    Exports, FloatAbi, Kernel, LoadError, Modules, Needs, SectionPlace, SymbolPlace, Table, UnloadError,
    Workspace, layout, needs,
};

use machine::{FAR_EXPORT, Live, landed};
use memory::{Pool, Words};

/// A module that another may use: it is loaded before each input.
const BASE: &[u8] = include_bytes!("../../../../fuzz/corpus/module/seed-base");

/// Bytes that are loaded and stored for one input, at most: a share for each byte of the file, and
/// one for the pool.
const WORK: u64 = 64 << 20;

/// A kernel in which modules are loaded, one after the other.
struct Kept {
    modules: Modules<Live, Words>,
    words: Words,
    sections: Vec<SectionPlace>,
    symbols: Vec<SymbolPlace>,
}

thread_local! {
    static KEPT: RefCell<Kept> = RefCell::new(Kept::new());
}

/// Reads the input as a module.
///
/// # Panics
/// If landfall fails on it.
pub fn run(bytes: &[u8]) {
    if let Err(error) = KEPT.with_borrow_mut(|kept| kept.load_and_unload(bytes)) {
        assert!(!error.to_string().is_empty());
    }
}

impl Kept {
    fn new() -> Self {
        let live = landed();
        let words = Words::new(live);
        let record =
            [&FAR_EXPORT.to_le_bytes()[..], &24_u64.to_le_bytes(), b"near=extern \"C\" fn()\0\0\0\0"];
        let kernel = Kernel {
            build_id: &[0xa5; 20],
            exports: Exports::new(record.concat().leak()),
            abi: FloatAbi::Double,
            verify: Kernel::unsigned,
        };
        let table = Box::leak(Box::new(Table::new()));
        let modules = Modules::new(live.space(), words, kernel, table).expect("there is a near region");
        let sections = vec![SectionPlace::NONE; 256];
        let symbols = vec![SymbolPlace::NONE; 1024];
        let mut kept = Self { modules, words, sections, symbols };
        kept.load(BASE, "").expect("the base can be loaded");
        kept
    }

    fn load(&mut self, file: &[u8], parameters: &str) -> Result<landfall_modules::ModuleId, LoadError> {
        let mut workspace = Workspace { sections: &mut self.sections, symbols: &mut self.symbols };
        let mut pool = Pool(self.words);
        // SAFETY: no code of it is executed.
        unsafe { self.modules.load(file, parameters, &mut workspace, &mut pool) }
    }

    fn load_and_unload(&mut self, file: &[u8]) -> Result<(), LoadError> {
        let before = self.words.state();
        self.words.begin(WORK);
        // Some get parameters.
        let parameters = if file.len().is_multiple_of(2) { "" } else { "count=5" };
        let loaded = self.load(file, parameters);
        if let Ok(id) = loaded {
            let Needs { sections, symbols } = needs(file, FloatAbi::Double).expect("it was read");
            assert!(sections <= self.sections.len() && symbols <= self.symbols.len());
            layout(file, FloatAbi::Double, &mut self.sections).expect("it has a layout");
            let uses = self.modules.iter().map(|info| info.dependents()).sum::<u32>();
            if uses != 0 {
                let base = self.modules.find("base").expect("it is loaded").id();
                // SAFETY: it is refused.
                let refused = unsafe { self.modules.unload(base, &mut Pool(self.words)) };
                assert_eq!(refused, Err(UnloadError::InUse { holds: 0, dependents: 1 }));
            }
            // SAFETY: no code of it is executed.
            unsafe { self.modules.unload(id, &mut Pool(self.words)) }.expect("nothing uses it");
        }
        assert!(self.words.state() == before, "a module left something behind");
        loaded.map(|_| ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_seeds_are_modules_that_can_be_loaded() {
        let seed = include_bytes!("../../../../fuzz/corpus/module/seed-whole");
        KEPT.with_borrow_mut(|kept| {
            assert_eq!(kept.load_and_unload(seed), Ok(()));
            let mut longer = seed.to_vec();
            longer.push(0);
            assert_eq!(kept.load_and_unload(&longer), Ok(()), "with a parameter");
            assert_eq!(
                kept.load_and_unload(BASE).map_err(|error| error.to_string()),
                Err("a module base is loaded".into())
            );
            assert_eq!(kept.load_and_unload(&seed[..seed.len() / 2]), Err(LoadError::Damaged("header")));
        });
    }
}
