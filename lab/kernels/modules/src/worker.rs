//! The random operations of one hart.

use core::mem::transmute;

use landfall::address::{LinearAddr, VirtAddr, virt_to_phys};
use landfall::{HartIndex, Landing};
use landfall_modules::{LoadError, ModuleId, Part, UnloadError};

use crate::exported::kernel_twice;
use crate::loader::lock;
use crate::random::Random;
use crate::watched::{self, NAMES};
use crate::{TABLE, files, probe};

type Add = extern "C" fn(usize, u64) -> u64;
type Run = extern "C" fn(u64) -> u64;
type Convert = extern "C" fn(u64, u64) -> u64;

/// A hart, and the module that it has loaded.
pub(crate) struct Worker {
    landing: &'static Landing,
    hart: HartIndex,
    random: Random,
    base: Option<(ModuleId, Add)>,
    unit: Option<Unit>,
}

/// The hart's own module.
struct Unit {
    id: ModuleId,
    run: Run,
    convert: Convert,
    seed: u64,
    name: &'static str,
    text: u64,
}

impl Worker {
    pub(crate) fn new(landing: &'static Landing, hart: HartIndex, seed: u64) -> Self {
        let random = Random::new(0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(hart.get() + 7 + 8 * seed));
        Self { landing, hart, random, base: None, unit: None }
    }

    pub(crate) fn load_base(&self) {
        lock().load(files::file(self.landing, 0), "").unwrap_or_else(|error| panic!("{error}"));
    }

    /// Holds the module that all harts call.
    pub(crate) fn hold_base(&mut self) {
        let mut loader = lock();
        let Some(id) = loader.modules.find("base").map(|info| info.id()) else {
            panic!("base is not loaded")
        };
        loader.modules.hold(id).unwrap_or_else(|error| panic!("{error}"));
        let add = loader.function(id, "base_add");
        // SAFETY: the module exports a function of this type, and this hart holds it.
        self.base = Some((id, unsafe { transmute::<usize, Add>(add) }));
    }

    /// Does one operation at random.
    pub(crate) fn step(&mut self) {
        if let Some((_, add)) = self.base {
            let number = self.random.next();
            assert_eq!(add(2, number), number.wrapping_add(1002), "base_add");
        }
        match (self.unit.take(), self.random.below(4)) {
            (None, _) => self.unit = Some(self.load()),
            (Some(unit), 0) => unload(&unit),
            (Some(unit), _) => {
                self.call(&unit);
                self.unit = Some(unit);
            }
        }
    }

    fn load(&mut self) -> Unit {
        let (seed, file) = (self.random.next(), files::file(self.landing, 1 + self.hart.get() as usize));
        let mut line = [0; 48];
        let parameters = parameters(&mut line, seed);
        let mut loader = lock();
        let unit = self.hart.get() as usize;
        if self.random.below(4) == 0 {
            watched::begin(unit);
            assert_eq!(loader.load(file, "text=a fail=1").err(), Some(LoadError::Init(42)));
        }
        watched::begin(unit);
        let id = loader.load(file, parameters).unwrap_or_else(|error| panic!("{error}"));
        let name = NAMES[unit];
        let Some(text) = loader.modules.find(name).map(|info| info.part(Part::Text).start().get()) else {
            panic!("{name} is not loaded")
        };
        let in_module = TABLE.what_is(VirtAddr::new(text + 2));
        assert!(in_module.is_some_and(|found| found.name() == name && found.offset == 2), "what_is");
        let [run, convert] = ["unit_run", "unit_convert"].map(|symbol| loader.function(id, symbol));
        // SAFETY: the module exports functions of these types, and this hart alone unloads it.
        let (run, convert) = unsafe { (transmute::<usize, Run>(run), transmute::<usize, Convert>(convert)) };
        Unit { id, run, convert, seed, name, text }
    }

    fn call(&mut self, unit: &Unit) {
        let number = self.random.next();
        let right = (kernel_twice((7, number)).0 ^ unit.seed).wrapping_add(1001) ^ 0xff;
        assert_eq!((unit.run)(number), right.rotate_left(3), "unit_run");
        let image = (&raw const TABLE).addr() as u64;
        let linear = LinearAddr::from_phys(virt_to_phys(VirtAddr::new(image))).virt().get();
        assert_eq!((unit.convert)(linear, image), virt_to_phys(VirtAddr::new(image)).get(), "unit_convert");
        // SAFETY: the store must fault.
        assert!(!unsafe { probe::can_store(unit.text, 0) }, "a store to code");
    }

    /// Ends everything that the hart holds.
    pub(crate) fn end(&mut self) {
        if let Some(unit) = self.unit.take() {
            unload(&unit);
        }
        if let Some((id, _)) = self.base.take() {
            let mut loader = lock();
            assert!(matches!(loader.unload(id), Err(UnloadError::InUse { .. })), "base is in use");
            loader.modules.release(id).unwrap_or_else(|error| panic!("{error}"));
        }
    }
}

/// Unloads the module that all harts have called.
pub(crate) fn unload_base() {
    let mut loader = lock();
    let Some(id) = loader.modules.find("base").map(|info| info.id()) else { panic!("base is not loaded") };
    loader.unload(id).unwrap_or_else(|error| panic!("{error}"));
    assert!(loader.modules.iter().next().is_none(), "a module is left");
}

fn unload(unit: &Unit) {
    let mut loader = lock();
    loader.unload(unit.id).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(loader.unload(unit.id), Err(UnloadError::NotLoaded));
    drop(loader);
    assert!(TABLE.what_is(VirtAddr::new(unit.text)).is_none_or(|other| other.name() != unit.name));
}

/// Writes the parameters of a module into `line`.
fn parameters(line: &mut [u8; 48], seed: u64) -> &str {
    let mut digits = [0; 16];
    for (index, digit) in digits.iter_mut().enumerate() {
        *digit = b"0123456789abcdef"[(seed >> (60 - 4 * index) & 0xf) as usize];
    }
    let text = b"text=some seed=0x";
    line[..text.len()].copy_from_slice(text);
    line[text.len()..][..16].copy_from_slice(&digits);
    match core::str::from_utf8(&line[..text.len() + 16]) {
        Ok(line) => line,
        Err(error) => panic!("{error}"),
    }
}
