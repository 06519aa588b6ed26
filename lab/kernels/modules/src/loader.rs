//! The modules that are loaded, and their memory.

use landfall::Landing;
use landfall::space::Memory;
use landfall_modules::module::exports_of_this_kernel;
use landfall_modules::{
    FloatAbi, Kernel, LoadError, ModuleId, Modules, Pages, SectionPlace, SymbolPlace, UnloadError, Workspace,
};
use spin::{Mutex, MutexGuard, Once};

use crate::machine::{Live, SPACE, Space};
use crate::random::Random;
use crate::watched::{self, Noting};
use crate::{TABLE, store};

pub(crate) static LOADER: Once<Mutex<Loader>> = Once::new();

/// Room for the sections and symbols of a module while it is loaded: too much for a stack.
static ROOM: Mutex<([SectionPlace; 64], [SymbolPlace; 2048])> =
    Mutex::new(([SectionPlace::NONE; 64], [SymbolPlace::NONE; 2048]));

/// The modules that are loaded.
pub(crate) struct Loader {
    pub(crate) modules: Modules<Live, Noting>,
    random: Random,
}

/// Memory of the store: chunks that may be larger.
struct Store<'a>(&'a mut Random);

impl Pages for Store<'_> {
    fn take(&mut self, pages: u64) -> Option<Memory> {
        store::take(self.0, pages..=pages + 63)
    }

    fn give_back(&mut self, memory: Memory) {
        for page in store::pages_of(memory.range()) {
            let words = landfall::address::LinearAddr::from_phys(page).as_ptr::<[u64; 512]>();
            // SAFETY: the memory is this hart's.
            assert!(unsafe { *words }.iter().all(|word| *word == 0), "memory of a module was not wiped");
        }
        store::give_back(memory);
    }
}

pub(crate) fn make(landing: &'static Landing, space: &'static Space) -> Mutex<Loader> {
    let kernel = Kernel {
        build_id: landing.build_id(),
        exports: exports_of_this_kernel(),
        abi: FloatAbi::of_target(),
        verify: Kernel::unsigned,
    };
    assert_eq!(kernel.build_id.len(), 20, "the kernel has a build ID");
    match Modules::new(space, Noting, kernel, &TABLE) {
        Ok(modules) => Mutex::new(Loader { modules, random: Random::new(1) }),
        Err(error) => panic!("{error}"),
    }
}

/// Waits for the loader. A hart that waits serves the fences of others, and looks at the table.
pub(crate) fn lock() -> MutexGuard<'static, Loader> {
    loop {
        if let Some(loader) = LOADER.wait().try_lock() {
            return loader;
        }
        SPACE.wait().serve();
        watched::look();
        core::hint::spin_loop();
    }
}

impl Loader {
    pub(crate) fn load(&mut self, file: &[u8], parameters: &str) -> Result<ModuleId, LoadError> {
        let mut random = self.random;
        let id = self.load_into(&mut Store(&mut random), file, parameters);
        self.random = random;
        id
    }

    /// Loads a module into memory of a source.
    pub(crate) fn load_into(
        &mut self,
        pages: &mut impl Pages,
        file: &[u8],
        parameters: &str,
    ) -> Result<ModuleId, LoadError> {
        let (sections, symbols) = &mut *ROOM.lock();
        let mut workspace = Workspace { sections, symbols };
        // SAFETY: the tests' modules keep to the contracts of what they import and export.
        unsafe { self.modules.load(file, parameters, &mut workspace, pages) }
    }

    pub(crate) fn unload(&mut self, id: ModuleId) -> Result<(), UnloadError> {
        let mut random = self.random;
        let result = self.unload_from(&mut Store(&mut random), id);
        self.random = random;
        result
    }

    /// Unloads a module, and gives its memory back to a source.
    pub(crate) fn unload_from(&mut self, pages: &mut impl Pages, id: ModuleId) -> Result<(), UnloadError> {
        // SAFETY: each user of a module holds it.
        unsafe { self.modules.unload(id, pages) }
    }

    /// Returns a function of a module.
    pub(crate) fn function(&self, id: ModuleId, name: &str) -> usize {
        match self.modules.address_of(id, name) {
            Some(address) => address.get() as usize,
            None => panic!("the module does not export {name}"),
        }
    }
}
