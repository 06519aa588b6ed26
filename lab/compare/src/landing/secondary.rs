//! The other harts, on the simulator: QEMU counts the instructions of all harts together.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::rc::Rc;

use anyhow::{Context, Error};
use landfall_hart::config::{Config, Kernel, Options};
use landfall_hart::liberty::Liberties;
use landfall_hart::{Inspected, Inspector, Machine};
use landfall_host::symbols::Symbols;

use super::boot::build_exact;
use super::case;
use crate::{Cell, Table};

/// The most instructions of a boot.
const LIMIT: u64 = 1 << 28;
/// The largest distance between two addresses of one image.
const IMAGE: u64 = (2 << 20) - 1;

/// Instructions of each hart between two places of the kernel.
#[derive(Debug)]
struct Counter {
    /// The last bits of an address, which no move of the image changes.
    first: u64,
    last: u64,
    registers: u64,
    registers_end: u64,
    harts: BTreeMap<usize, Counts>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    all: u64,
    /// Those that reset registers.
    registers: u64,
    is_over: bool,
}

impl Inspector for Counter {
    fn look(&mut self, hart: &Inspected<'_>) {
        let at = hart.pc() & IMAGE;
        if at == self.first {
            self.harts.insert(hart.index(), Counts::default());
        }
        if let Some(counts) = self.harts.get_mut(&hart.index()).filter(|counts| !counts.is_over) {
            counts.is_over = at == self.last;
            if !counts.is_over {
                counts.all += 1;
                counts.registers += u64::from((self.registers..self.registers_end).contains(&at));
            }
        }
    }
}

pub(super) fn table() -> Result<Table, Error> {
    let rows: Result<Vec<_>, Error> = [2, 8, 64].into_iter().map(row).collect();
    Ok(Table {
        title: "Another hart, from its first instruction to the kernel's function",
        columns: vec!["harts", "least", "total", "of these for registers"],
        rows: rows?,
    })
}

fn row(harts: usize) -> Result<Vec<Cell>, Error> {
    let built = build_exact(case::Kernel::Measuring(""))?;
    let symbols = Symbols::read(&built.elf)?;
    let offset = |name: &str| {
        let symbol = symbols.find(name).with_context(|| format!("the kernel has no symbol {name}"))?;
        Ok::<_, Error>(symbol.address.0 & IMAGE)
    };
    let counter = Counter {
        first: offset("landfall_secondary")?,
        last: offset("compare_second")?,
        registers: offset("landfall_reset_registers")?,
        registers_end: offset("landfall_reset_registers_end")?,
        harts: BTreeMap::new(),
    };
    let kernel = Kernel::read(&fs::read(&built.flat)?)?;
    let options = Options { harts, ..Options::new(kernel) };
    let mut machine = Machine::new(Config::draw(1, Liberties::PLAIN, &options)?);
    let counter = Rc::new(RefCell::new(counter));
    machine.inspect(Box::new(Rc::clone(&counter)));
    machine.run(LIMIT);
    let counter = counter.borrow();
    let landed = || counter.harts.values().filter(|counts| counts.is_over);
    if landed().count() + 1 != harts {
        return Err(Error::msg(format!("{} of {harts} harts landed", landed().count() + 1)));
    }
    let least = landed().map(|counts| counts.all).min().unwrap_or_default();
    let most = landed().max_by_key(|counts| counts.all).copied().unwrap_or_default();
    Ok(vec![harts.to_string().as_str().into(), least.into(), most.all.into(), most.registers.into()])
}
