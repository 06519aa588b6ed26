//! The columns of instructions.

use std::collections::BTreeMap;

use crate::inst::{Accesses, Alu, Amo, Compare, Fence, Inst, Order, Reg, Width};
use crate::test::Program;

use super::{ParseError, number};

/// One hart's column.
#[derive(Debug)]
pub(super) struct Column {
    /// The instructions.
    pub(super) program: Program,
    /// The index of each label's instruction.
    labels: BTreeMap<String, usize>,
}

/// The columns, to look labels up.
#[derive(Debug)]
pub(super) struct Labels(pub(super) Vec<Column>);

impl Labels {
    /// Returns the index of a label's instruction.
    pub(super) fn index(&self, hart: usize, label: &str) -> Option<usize> {
        self.0.get(hart)?.labels.get(label).copied()
    }
}

/// Parses the columns: a row of names, then rows of instructions.
pub(super) fn parse(text: &str) -> Result<Vec<Column>, ParseError> {
    let mut rows = text.split(';').map(|row| row.split('|').map(str::trim).collect::<Vec<_>>());
    let harts = rows.next().ok_or(ParseError::Missing("code"))?.len();
    let mut columns = vec![Vec::new(); harts];
    for row in rows {
        for (column, cell) in columns.iter_mut().zip(row) {
            column.push(cell);
        }
    }
    columns.iter().map(|cells| column(cells)).collect()
}

/// Parses one column.
fn column(cells: &[&str]) -> Result<Column, ParseError> {
    let mut labels = BTreeMap::new();
    let mut lines = Vec::new();
    for cell in cells {
        let mut rest = *cell;
        while let Some((label, after)) = rest.split_once(':') {
            labels.insert(label.trim().to_owned(), lines.len());
            rest = after.trim();
        }
        if !rest.is_empty() {
            lines.push(rest);
        }
    }
    let code = lines.iter().map(|line| instruction(line, &labels)).collect::<Result<_, _>>()?;
    Ok(Column { program: Program { registers: Vec::new(), code }, labels })
}

/// Parses an instruction.
fn instruction(line: &str, labels: &BTreeMap<String, usize>) -> Result<Inst, ParseError> {
    let (mnemonic, operands) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let operands: Vec<&str> = operands.split(',').map(str::trim).filter(|each| !each.is_empty()).collect();
    let unsupported = || ParseError::Instruction(line.to_owned());
    if let Some(label) = operands.last().filter(|_| matches!(mnemonic, "beq" | "bne" | "j")) {
        let target = *labels.get(*label).ok_or_else(|| ParseError::Label((*label).to_owned()))?;
        return branch(mnemonic, &operands, target).ok_or_else(unsupported);
    }
    arithmetic(mnemonic, &operands)
        .or_else(|| fence(mnemonic, &operands))
        .or_else(|| access(mnemonic, &operands))
        .ok_or_else(unsupported)
}

/// Parses a branch or jump to a label.
fn branch(mnemonic: &str, operands: &[&str], target: usize) -> Option<Inst> {
    match (mnemonic, operands) {
        ("j", [_]) => Some(Inst::Jump { target }),
        ("beq" | "bne", [rs1, rs2, _]) => Some(Inst::Branch {
            compare: if mnemonic == "beq" { Compare::Equal } else { Compare::NotEqual },
            rs1: Reg::named(rs1)?,
            rs2: Reg::named(rs2)?,
            target,
        }),
        _ => None,
    }
}

/// Parses arithmetic, and `jalr`.
fn arithmetic(mnemonic: &str, operands: &[&str]) -> Option<Inst> {
    match (mnemonic, operands) {
        ("li", [rd, value]) => Some(Inst::Immediate {
            op: Alu::Add,
            rd: Reg::named(rd)?,
            rs1: Reg::ZERO,
            value: immediate(value)?,
        }),
        ("mv", [rd, rs1]) => {
            Some(Inst::Immediate { op: Alu::Add, rd: Reg::named(rd)?, rs1: Reg::named(rs1)?, value: 0 })
        }
        ("nop", []) => Some(Inst::Immediate { op: Alu::Add, rd: Reg::ZERO, rs1: Reg::ZERO, value: 0 }),
        ("jalr", ["x0" | "zero", rs1, offset]) => {
            Some(Inst::JumpRegister { rs1: Reg::named(rs1)?, offset: immediate(offset)? })
        }
        (_, [rd, rs1, last]) => {
            let (rd, rs1) = (Reg::named(rd)?, Reg::named(rs1)?);
            match mnemonic.strip_suffix('i') {
                Some(name) => {
                    let op = alu(name).filter(|&op| op != Alu::Sub)?;
                    Some(Inst::Immediate { op, rd, rs1, value: immediate(last)? })
                }
                None => Some(Inst::Register { op: alu(mnemonic)?, rd, rs1, rs2: Reg::named(last)? }),
            }
        }
        _ => None,
    }
}

/// Returns the arithmetic operation with this name.
fn alu(name: &str) -> Option<Alu> {
    match name {
        "add" => Some(Alu::Add),
        "sub" => Some(Alu::Sub),
        "xor" => Some(Alu::Xor),
        "or" => Some(Alu::Or),
        "and" => Some(Alu::And),
        _ => None,
    }
}

/// Parses an immediate of 12 bits.
fn immediate(text: &str) -> Option<i32> {
    let value = i32::try_from(number(text)?.cast_signed()).ok()?;
    (-2048..2048).contains(&value).then_some(value)
}

/// Parses a fence.
fn fence(mnemonic: &str, operands: &[&str]) -> Option<Inst> {
    let fence = match (mnemonic, operands) {
        ("fence.i", []) => Fence::Instruction,
        ("fence.tso", []) => Fence::Tso,
        ("fence", []) => Fence::Normal(Accesses::RW, Accesses::RW),
        ("fence", [before, after]) => Fence::Normal(accesses(before)?, accesses(after)?),
        _ => return None,
    };
    Some(Inst::Fence(fence))
}

/// Parses one side of a fence.
fn accesses(text: &str) -> Option<Accesses> {
    match text {
        "r" => Some(Accesses::R),
        "w" => Some(Accesses::W),
        "rw" => Some(Accesses::RW),
        _ => None,
    }
}

/// Parses an access to memory.
fn access(mnemonic: &str, operands: &[&str]) -> Option<Inst> {
    let (name, order) = annotations(mnemonic);
    let (address, registers) = operands.split_last()?;
    let (offset, base) = address.strip_suffix(')')?.split_once('(')?;
    let offset = if offset.trim().is_empty() { 0 } else { immediate(offset.trim())? };
    let base = Reg::named(base.trim())?;
    let registers = registers.iter().map(|name| Reg::named(name)).collect::<Option<Vec<_>>>()?;
    if let Some((first, suffix)) = name.split_once('.') {
        let width = width(suffix).filter(|&width| width >= Width::Word)?;
        if offset != 0 {
            return None;
        }
        return match (first, registers[..].as_ref()) {
            ("lr", &[rd]) => Some(Inst::LoadReserved { width, order, rd, base }),
            ("sc", &[rd, source]) => Some(Inst::StoreConditional { width, order, rd, source, base }),
            (_, &[rd, source]) => Some(Inst::Amo { op: amo(first)?, width, order, rd, source, base }),
            _ => None,
        };
    }
    let &[register] = registers[..].as_ref() else { return None };
    if let Some(suffix) = name.strip_prefix('l') {
        let (suffix, unsigned) = suffix.strip_suffix('u').map_or((suffix, false), |suffix| (suffix, true));
        return Some(Inst::Load { width: width(suffix)?, unsigned, order, rd: register, base, offset });
    }
    let width = width(name.strip_prefix('s')?)?;
    Some(Inst::Store { width, order, source: register, base, offset })
}

/// Splits the annotations off a mnemonic.
fn annotations(mnemonic: &str) -> (&str, Order) {
    for (suffix, order) in
        [(".aq.rl", Order::BOTH), (".aqrl", Order::BOTH), (".aq", Order::ACQUIRE), (".rl", Order::RELEASE)]
    {
        if let Some(name) = mnemonic.strip_suffix(suffix) {
            return (name, order);
        }
    }
    (mnemonic, Order::NONE)
}

/// Returns the width of a suffix.
fn width(suffix: &str) -> Option<Width> {
    match suffix {
        "b" => Some(Width::Byte),
        "h" => Some(Width::Half),
        "w" => Some(Width::Word),
        "d" => Some(Width::Double),
        _ => None,
    }
}

/// Returns the AMO with this name.
fn amo(name: &str) -> Option<Amo> {
    match name {
        "amoswap" => Some(Amo::Swap),
        "amoadd" => Some(Amo::Add),
        "amoxor" => Some(Amo::Xor),
        "amoor" => Some(Amo::Or),
        "amoand" => Some(Amo::And),
        _ => None,
    }
}
