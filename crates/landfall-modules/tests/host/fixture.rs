//! A kernel with exports, and a pool of pages for modules.

use landfall_modules::{
    Exports, FloatAbi, Kernel, LoadError, ModuleId, Modules, Part, SectionPlace, SymbolPlace, UnloadError,
    Workspace,
};
use landfall_paging::{Mode, VirtAddr};

use crate::machine::{Landed, Live, Setup};
use crate::object::export;
use crate::platform::{Judge, Pool, World};

/// The kernel's build ID, and the text of it.
const BUILD_ID: [u8; 20] = [0xa5; 20];
pub(crate) const THIS_KERNEL: &str = "a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5";

/// Room in the workspace.
const ROOM: usize = 64;

pub(crate) struct Fixture {
    pub(crate) landed: Landed,
    pub(crate) world: &'static World,
    pub(crate) modules: Modules<Live, Judge>,
    sections: Vec<SectionPlace>,
    symbols: Vec<SymbolPlace>,
}

/// The addresses of the kernel's exports.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Addresses {
    /// In the image: within reach of the near region.
    pub(crate) near: VirtAddr,
    /// In the linear map: beyond it.
    pub(crate) far: VirtAddr,
}

impl Fixture {
    pub(crate) fn new() -> Self {
        Self::of(&Setup::of(Mode::Sv48))
    }

    pub(crate) fn of(setup: &Setup) -> Self {
        Self::with(setup, Kernel::unsigned).expect("a near region")
    }

    pub(crate) fn with(setup: &Setup, verify: fn(&[u8]) -> Option<usize>) -> Result<Self, LoadError> {
        let landed = Landed::new(setup);
        let world: &'static World =
            Box::leak(Box::new(World::new(landed.double, landed.plan.linear.offset, 0)));
        let Addresses { near, far } = addresses(&landed);
        let mut records = Vec::new();
        for (address, text) in [
            (near, "near=extern \"C\" fn()"),
            (near, "near_data=static u64"),
            (far, "far=extern \"C\" fn(u32) -> u64"),
            (far, "unstable="),
        ] {
            let mut record = export(text);
            record[..8].copy_from_slice(&address.get().to_le_bytes());
            records.extend(record);
        }
        let kernel = Kernel {
            build_id: Box::leak(Box::new(BUILD_ID)),
            exports: Exports::new(records.leak()),
            abi: FloatAbi::Double,
            verify,
        };
        let modules = Modules::new(landed.space, Judge(world), kernel, &world.table)?;
        let (sections, symbols) = (vec![SectionPlace::NONE; ROOM], vec![SymbolPlace::NONE; ROOM]);
        Ok(Self { landed, world, modules, sections, symbols })
    }

    pub(crate) fn addresses(&self) -> Addresses {
        addresses(&self.landed)
    }

    pub(crate) fn load(&mut self, file: &[u8]) -> Result<ModuleId, LoadError> {
        self.load_with(file, "")
    }

    pub(crate) fn load_with(&mut self, file: &[u8], parameters: &str) -> Result<ModuleId, LoadError> {
        let mut workspace = Workspace { sections: &mut self.sections, symbols: &mut self.symbols };
        // SAFETY: nothing of it is executed.
        unsafe { self.modules.load(file, parameters, &mut workspace, &mut Pool(self.world)) }
    }

    pub(crate) fn unload(&mut self, id: ModuleId) -> Result<(), UnloadError> {
        // SAFETY: nothing of it is executed.
        unsafe { self.modules.unload(id, &mut Pool(self.world)) }
    }

    /// Returns the address of a part of a module.
    pub(crate) fn base(&self, name: &str, part: Part) -> VirtAddr {
        self.modules.find(name).expect("it is loaded").part(part).start()
    }

    /// Returns bytes of a part of a module, from an offset on.
    pub(crate) fn bytes(&self, name: &str, part: Part, offset: u64, size: usize) -> Vec<u8> {
        self.world.read(self.base(name, part).wrapping_add(offset), size)
    }

    /// Returns an instruction, or another word of 4 bytes.
    pub(crate) fn word(&self, name: &str, part: Part, offset: u64) -> u32 {
        let bytes = self.bytes(name, part, offset, 4);
        u32::from_le_bytes(*bytes.first_chunk().expect("4 bytes"))
    }

    /// Returns what a refused load must not change.
    pub(crate) fn state(&self) -> (Vec<u8>, Vec<u64>, Vec<String>) {
        let state = self.world.lock();
        let modules = self.modules.iter().map(|info| format!("{info:?}")).collect();
        (state.bytes.clone(), state.taken.iter().copied().collect(), modules)
    }
}

fn addresses(landed: &Landed) -> Addresses {
    let near = landed.plan.image.virt.wrapping_add(0x1234);
    let far = VirtAddr::new(landed.plan.linear.offset.wrapping_add(0x9000_5678));
    Addresses { near, far }
}
