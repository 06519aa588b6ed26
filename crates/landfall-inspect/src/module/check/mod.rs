//! The findings of modules.
//!
//! ```text
//! sections      permissions, thread-local data, alignment, constructors
//! statements    .landfall.module
//! relocations   types, places, alignment
//! definitions   symbols that the module defines: duplicates, entry points, common ones
//! records       imports, exports, parameters
//! imports       symbols that others have to define, against the kernel's interface
//! symbol        a symbol of the file, by its number
//! ```

mod definitions;
mod imports;
mod records;
mod relocations;
mod sections;
mod statements;
mod symbol;

use object::LittleEndian;
use object::elf::{EF_RISCV_FLOAT_ABI, EF_RISCV_FLOAT_ABI_DOUBLE, EF_RISCV_RVE, EM_RISCV, FileFlags};
use object::read::elf::{ElfFile, FileHeader};

use super::about::About;
use crate::finding::{Code, Finding};
use crate::hints::Hints;
use crate::inspection::Inspection;
use crate::subject::Subject;

/// Checks a module.
pub(crate) fn check(subject: &Subject<'_>, hints: &Hints, inspection: &mut Inspection) {
    let Some(header) = subject.elf().map(ElfFile::elf_header) else { return };
    let machine = header.e_machine(LittleEndian);
    if machine != EM_RISCV {
        let found = format!("e_machine is {}, and RISC-V's is {}", machine.0, EM_RISCV.0);
        inspection.add(Finding::new(Code::ModuleMachine, "the ELF header", found));
        return;
    }
    abi(header.e_flags(LittleEndian), hints, inspection);
    sections::check(subject, inspection);
    let (about, faults) = About::read(subject);
    statements::check(subject, &about, &faults, inspection);
    relocations::check(subject, inspection);
    definitions::check(subject, inspection);
    let imports = records::check(subject, hints, inspection);
    imports::check(subject, &about, &imports, hints, inspection);
}

/// Compares the calling convention with the kernel's; without a kernel, with that of the kernels'
/// target.
fn abi(flags: FileFlags, hints: &Hints, inspection: &mut Inspection) {
    let convention = |flags: FileFlags| flags.0 & (EF_RISCV_FLOAT_ABI | EF_RISCV_RVE.0);
    let kernel = hints.kernel.as_ref().map_or(FileFlags(EF_RISCV_FLOAT_ABI_DOUBLE.0), |kernel| kernel.flags);
    if convention(flags) != convention(kernel) {
        let found = format!("{}; the kernel has {}", abi_text(flags), abi_text(kernel));
        inspection.add(Finding::new(Code::ModuleAbi, "the ELF header", found));
    }
}

fn abi_text(flags: FileFlags) -> String {
    let float = match flags.0 & EF_RISCV_FLOAT_ABI {
        0 => "lp64, without floating-point registers",
        2 => "lp64f, with single floating-point registers",
        4 => "lp64d, with double floating-point registers",
        _ => "lp64q, with quadruple floating-point registers",
    };
    let embedded = if flags.0 & EF_RISCV_RVE.0 == 0 { "" } else { ", 16 integer registers (RVE)" };
    format!("e_flags {:#x}: {float}{embedded}", flags.0)
}
