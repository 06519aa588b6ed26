//! A module that is loaded into a model of memory.

use landfall_modules::{
    Exports, FloatAbi, Kernel, LoadError, Modules, Part, Platform, SectionPlace, SymbolPlace, Table,
    Workspace, layout,
};
use landfall_paging::VirtAddr;

use crate::machine::{Live, landed};
use crate::memory::{Pool, Words};

/// A module, the addresses of its sections, and those of its imports.
pub(crate) struct Loaded {
    words: Words,
    /// The address of each section that is loaded, by its number.
    pub(crate) sections: Vec<Option<u64>>,
    pub(crate) function: u64,
    pub(crate) data: u64,
}

impl Loaded {
    pub(crate) fn new(file: &[u8]) -> Result<Self, LoadError> {
        let live: Live = landed();
        let words = Words::new(live);
        let function = live.space().plan().image.virt.get() + 0x1234;
        let data = function + 0x5000;
        let mut records = Vec::new();
        for (address, text) in [(function, b"near_function=\0\0"), (data, b"near_data=\0\0\0\0\0\0")] {
            records.extend([address.to_le_bytes(), 16_u64.to_le_bytes()].concat());
            records.extend(text);
        }
        let kernel = Kernel {
            build_id: &[0xa5; 20],
            exports: Exports::new(records.leak()),
            abi: FloatAbi::Double,
            verify: Kernel::unsigned,
        };
        let table = Box::leak(Box::new(Table::new()));
        let mut modules = Modules::new(live.space(), words, kernel, table)?;
        let mut sections = vec![SectionPlace::NONE; 256];
        let mut symbols = vec![SymbolPlace::NONE; 1024];
        let mut workspace = Workspace { sections: &mut sections, symbols: &mut symbols };
        // SAFETY: no code of it is executed.
        unsafe { modules.load(file, "", &mut workspace, &mut Pool(words))? };
        layout(file, FloatAbi::Double, &mut sections)?;
        let info = modules.find("unit").expect("it is loaded");
        let address = |(part, offset): (Part, u64)| info.part(part).start().get() + offset;
        let sections = sections.iter().map(|section| section.place.map(address)).collect();
        Ok(Self { words, sections, function, data })
    }

    /// Returns bytes of the module.
    pub(crate) fn bytes(&self, address: u64, size: usize) -> Vec<u8> {
        let mut bytes = vec![0; size];
        // SAFETY: it is a model; no memory of this process is read.
        unsafe { self.words.load(VirtAddr::new(address), &mut bytes) };
        bytes
    }
}
