//! Relocations: their types, their places, and the alignment that some of them ask for.

use object::elf;

use super::symbol::{self, Symbol, Value};
use crate::finding::{Code, Finding};
use crate::inspection::Inspection;
use crate::subject::{Relocation, Subject};
use crate::units::Address;

pub(super) fn check(subject: &Subject<'_>, inspection: &mut Inspection) {
    for (table, what) in subject.broken_tables() {
        inspection.add(Finding::new(Code::ModuleRelocation, format!("section {table}"), what.clone()));
    }
    let high = high_parts(subject);
    for relocation in subject.relocations() {
        if let Err((code, found)) = judge(subject, relocation, &high) {
            inspection.add_at(code, relocation.place, || format!("{}: {found}", relocation.kind));
        }
    }
}

/// The places of instructions whose low part another relocation fills, sorted.
fn high_parts(subject: &Subject<'_>) -> Vec<Address> {
    let is_high = |relocation: &&Relocation| {
        matches!(relocation.kind.0, elf::R_RISCV_PCREL_HI20 | elf::R_RISCV_GOT_HI20)
            || is_thread_local(relocation)
    };
    let mut places: Vec<_> = subject.relocations().iter().filter(is_high).map(|found| found.place).collect();
    places.sort_unstable();
    places
}

fn is_thread_local(relocation: &Relocation) -> bool {
    matches!(
        relocation.kind.0,
        elf::R_RISCV_TLS_GOT_HI20
            | elf::R_RISCV_TLS_GD_HI20
            | elf::R_RISCV_TPREL_HI20
            | elf::R_RISCV_TPREL_LO12_I
            | elf::R_RISCV_TPREL_LO12_S
            | elf::R_RISCV_TPREL_ADD
            | elf::R_RISCV_TPREL_I
            | elf::R_RISCV_TPREL_S
            | elf::R_RISCV_TLS_DTPMOD32
            | elf::R_RISCV_TLS_DTPMOD64
            | elf::R_RISCV_TLS_DTPREL32
            | elf::R_RISCV_TLS_DTPREL64
            | elf::R_RISCV_TLS_TPREL32
            | elf::R_RISCV_TLS_TPREL64
            | elf::R_RISCV_TLSDESC
            | elf::R_RISCV_TLSDESC_HI20
            | elf::R_RISCV_TLSDESC_LOAD_LO12
            | elf::R_RISCV_TLSDESC_ADD_LO12
            | elf::R_RISCV_TLSDESC_CALL
    )
}

/// The bytes that a relocation of this type changes; none if no loader applies it. Numbers of
/// variable size count as one.
fn width(relocation: &Relocation) -> Option<u64> {
    Some(match relocation.kind.0 {
        elf::R_RISCV_NONE | elf::R_RISCV_RELAX => 0,
        elf::R_RISCV_ADD8
        | elf::R_RISCV_SUB8
        | elf::R_RISCV_SET8
        | elf::R_RISCV_SUB6
        | elf::R_RISCV_SET6
        | elf::R_RISCV_SET_ULEB128
        | elf::R_RISCV_SUB_ULEB128 => 1,
        elf::R_RISCV_ADD16
        | elf::R_RISCV_SUB16
        | elf::R_RISCV_SET16
        | elf::R_RISCV_RVC_BRANCH
        | elf::R_RISCV_RVC_JUMP => 2,
        elf::R_RISCV_BRANCH
        | elf::R_RISCV_JAL
        | elf::R_RISCV_GOT_HI20
        | elf::R_RISCV_PCREL_HI20
        | elf::R_RISCV_PCREL_LO12_I
        | elf::R_RISCV_PCREL_LO12_S
        | elf::R_RISCV_ADD32
        | elf::R_RISCV_SUB32
        | elf::R_RISCV_SET32
        | elf::R_RISCV_32
        | elf::R_RISCV_32_PCREL
        | elf::R_RISCV_PLT32
        | elf::R_RISCV_GOT32_PCREL => 4,
        elf::R_RISCV_64
        | elf::R_RISCV_ADD64
        | elf::R_RISCV_SUB64
        | elf::R_RISCV_CALL
        | elf::R_RISCV_CALL_PLT => 8,
        elf::R_RISCV_ALIGN => relocation.addend,
        _ => return None,
    })
}

type Fault = (Code, String);

fn judge(subject: &Subject<'_>, relocation: &Relocation, high: &[Address]) -> Result<(), Fault> {
    let fault = |code, found: &str| Err((code, found.to_owned()));
    let symbol = match relocation.symbol {
        None => None,
        Some(index) => match symbol::find(subject, index) {
            Some(symbol) => Some(symbol),
            None => return Err((Code::ModuleRelocation, format!("the file has no symbol {}", index.0))),
        },
    };
    if is_thread_local(relocation) {
        return Err((Code::ModuleTls, format!("it refers to thread-local data, {}", name(symbol))));
    }
    match relocation.kind.0 {
        elf::R_RISCV_HI20 | elf::R_RISCV_LO12_I | elf::R_RISCV_LO12_S | elf::R_RISCV_RVC_LUI => {
            return Err((Code::ModuleAbsolute, format!("it makes the absolute address of {}", name(symbol))));
        }
        elf::R_RISCV_32 if symbol.is_some_and(|symbol| symbol.value != Value::Absolute) => {
            return Err((
                Code::ModuleAbsolute,
                format!("a word of 32 bits for the address of {}", name(symbol)),
            ));
        }
        _ => {}
    }
    let Some(width) = width(relocation) else {
        return fault(Code::ModuleRelocation, "no loader of modules applies this type");
    };
    // A place outside of its section is not in the list.
    let section = symbol::section_at(subject, relocation.place);
    let end = relocation.place.0.checked_add(width);
    if section.zip(end).is_none_or(|(section, end)| end > section.end().0) {
        return fault(Code::ModuleRelocation, "it reaches out of its section");
    }
    match (relocation.kind.0, symbol) {
        (elf::R_RISCV_ALIGN, _) => alignment(subject, relocation),
        (elf::R_RISCV_PCREL_LO12_I | elf::R_RISCV_PCREL_LO12_S, Some(Symbol { value, .. })) => match value {
            Value::At(place) if high.binary_search(&place).is_ok() => Ok(()),
            _ => fault(Code::ModuleRelocation, "its symbol is at no instruction with the high part"),
        },
        _ => Ok(()),
    }
}

fn name(symbol: Option<Symbol<'_>>) -> String {
    match symbol {
        Some(Symbol { name, .. }) if !name.is_empty() => format!("`{}`", crate::subject::demangle(name)),
        _ => "a place without a name".to_owned(),
    }
}

/// Requires that the bytes of the relocation end at the alignment as they are.
fn alignment(subject: &Subject<'_>, relocation: &Relocation) -> Result<(), Fault> {
    let wanted =
        relocation.addend.checked_add(1).and_then(u64::checked_next_power_of_two).unwrap_or(u64::MAX);
    let at = relocation.place;
    let given = symbol::section_at(subject, at).map_or(1, |section| section.align.max(1));
    if at.0.wrapping_add(relocation.addend).is_multiple_of(wanted) && given.is_multiple_of(wanted) {
        return Ok(());
    }
    Err((Code::ModuleAlign, format!("the next instruction is not aligned to {wanted:#x} bytes as it is")))
}
