//! Memory that only page tables lead to. gdb gets it as an executable with a section a region.
//!
//! These are stacks, and mappings of the dynamic and the near region.

use std::collections::HashMap;

use landfall_judge::extensions::Extensions;
use landfall_judge::walk::Root;
use object::build::elf::{Builder, SectionData};
use object::{Endianness, elf};

use super::file::CoreFile;

const PAGE: u64 = 4096;

/// More memory than this is left out: its mappings are of another kind.
const MOST: u64 = 1 << 30;

/// A region: its virtual address and its bytes.
type Region = (u64, Vec<u8>);

/// The memory.
#[derive(Debug)]
pub(super) struct Mapped {
    /// The register, if the core states it.
    pub(super) satp: Option<u64>,
    regions: Vec<Region>,
}

impl Mapped {
    /// Reads all mapped memory that no segment has at its virtual address.
    pub(super) fn read(core: &CoreFile) -> Self {
        let satp = core.value("satp").and_then(number);
        let Some(root) = satp.and_then(|satp| Root::from_satp(satp).ok()) else {
            return Self { satp: None, regions: Vec::new() };
        };
        let mut tables: HashMap<u64, Vec<u8>> = HashMap::new();
        let walk = root.with_extensions(Extensions::Svnapot).walk(|address| {
            let table = address - address % PAGE;
            let words = tables.entry(table).or_insert_with(|| core.read(table, PAGE).unwrap_or_default());
            let offset = usize::try_from(address - table).unwrap_or_default();
            let word = words.get(offset..).and_then(|words| words.first_chunk());
            word.map_or(0, |word| u64::from_le_bytes(*word))
        });
        let mut regions: Vec<Region> = Vec::new();
        let mut size = 0;
        for leaf in &walk.leaves {
            let is_in = core
                .loads
                .iter()
                .any(|load| leaf.virt.checked_sub(load.at_virtual).is_some_and(|from| from < load.size));
            if is_in || size + leaf.size > MOST {
                continue;
            }
            // Registers of devices are not in the core.
            let Some(bytes) = core.read(leaf.phys, leaf.size) else { continue };
            size += leaf.size;
            match regions.last_mut() {
                Some((start, region)) if start.wrapping_add(region.len() as u64) == leaf.virt => {
                    region.extend(bytes);
                }
                _ => regions.push((leaf.virt, bytes)),
            }
        }
        Self { satp, regions }
    }

    /// Returns the file, or `None` without regions.
    pub(super) fn file(&self) -> Result<Option<Vec<u8>>, object::build::Error> {
        if self.regions.is_empty() {
            return Ok(None);
        }
        let mut elf = Builder::new(Endianness::Little, true);
        elf.header.e_type = elf::ET_EXEC;
        elf.header.e_machine = elf::EM_RISCV;
        for (index, (start, bytes)) in self.regions.iter().enumerate() {
            let section = elf.sections.add();
            section.name = format!(".mapped{index}").into_bytes().into();
            section.sh_type = elf::SHT_PROGBITS;
            section.sh_flags = elf::SHF_ALLOC;
            section.sh_addr = *start;
            section.sh_addralign = 1;
            section.data = SectionData::Data(bytes.as_slice().into());
        }
        let names = elf.sections.add();
        names.name = b".shstrtab".as_slice().into();
        names.sh_type = elf::SHT_STRTAB;
        names.data = SectionData::SectionString;
        let mut file = Vec::new();
        elf.write(&mut file)?;
        Ok(Some(file))
    }
}

/// Returns a number, hexadecimal with `0x`.
fn number(text: &str) -> Option<u64> {
    u64::from_str_radix(text.trim().strip_prefix("0x")?, 16).ok()
}
