//! The machine's memory: code around the columns, constants, places for results.
//!
//! All harts meet before and after each round. Hart 0 sets the locations before, and reads them
//! after. A hart that waits executes `wfi` with an interrupt pending, which ends its turn at once.

use crate::assemble::{assemble, jump};
use crate::inst::{Inst, Reg};
use crate::test::{Outcome, Place, Test};

use super::code::{Code, WFI};
use super::{Plan, RunError, Turns};

/// The physical address of the counter of harts that have met.
const COUNTER: u32 = 0x4020_0000;
/// The distance from the counter to the constants of the first hart.
const CONSTANTS: u32 = 64;
/// The physical address of the results.
const RESULTS: u32 = 0x4030_0000;
/// The number of bytes that one call prints.
const PRINTED: usize = 1 << 15;
/// The index of the first observed place in a record.
const FIRST: usize = 2;
/// The interrupt enable and pending CSRs, and their bit for software interrupts.
const SIE: u32 = 0x104;
const SIP: u32 = 0x144;
const SOFTWARE: u32 = 2;

/// The memory of a machine at its entry, and the meaning of its results.
#[derive(Debug)]
pub(super) struct Image {
    contents: Vec<(u64, Vec<u8>)>,
    layout: Layout,
}

/// The layout of the results: for each hart and round a record of words.
#[derive(Clone, Copy, Debug)]
struct Layout {
    rounds: u32,
    harts: u32,
    /// The words of a record: the delays before and after the column, then one word per observed
    /// place.
    words: u32,
}

/// Registers that no column uses.
#[derive(Clone, Copy, Debug)]
struct Registers {
    /// The address of [`COUNTER`].
    base: Reg,
    /// The address of the present record.
    record: Reg,
    /// The count of rounds left.
    rounds: Reg,
    /// The counter's value when all harts have met.
    met: Reg,
    /// Two registers for anything.
    free: [Reg; 2],
}

impl Layout {
    /// Returns the size of a record in bytes.
    const fn record(self) -> u32 {
        8 * self.words
    }

    /// Returns the size of a hart's results in bytes.
    const fn of_hart(self) -> u32 {
        self.rounds * self.record()
    }

    /// Returns the address of a hart's results.
    const fn results(self, hart: u32) -> u32 {
        RESULTS + hart * self.of_hart()
    }
}

impl Image {
    /// The first address of memory, and of the code.
    pub(super) const START: u64 = 0x4000_0000;

    /// Builds the image for a test.
    pub(super) fn new(test: &Test, plan: Plan) -> Result<Self, RunError> {
        let layout = Layout {
            rounds: plan.rounds,
            harts: u32::try_from(test.harts.len()).unwrap_or(u32::MAX),
            words: u32::try_from(FIRST + test.observed.len()).unwrap_or(u32::MAX),
        };
        let mut contents = Vec::new();
        for (hart, program) in test.harts.iter().enumerate() {
            let registers = Registers::of(test, hart)?;
            let (code, end) = around(test, hart, registers, layout);
            contents.push((entry(hart).into(), bytes(&code)));
            let mut column = assemble(&program.code)?;
            if plan.turns == Turns::Short {
                // The model's targets are indices, so the longer column is assembled anew.
                column = assemble_short(&program.code)?;
            }
            let last = Test::code(hart, column.len());
            let back = i64::from(entry(hart)) + bytes_of(end) - last.cast_signed();
            column.push(jump(Reg::ZERO, i32::try_from(back).unwrap_or_default()));
            contents.push((Test::code(hart, 0), bytes(&column)));
            contents.push((u64::from(constants(hart)), initial(test, hart, plan.turns)));
        }
        contents.push((u64::from(RESULTS), delays(layout, plan)));
        Ok(Self { contents, layout })
    }

    /// Returns the size of memory in bytes.
    pub(super) fn len(&self) -> u64 {
        (u64::from(self.layout.results(self.layout.harts)) - Self::START).next_multiple_of(0x1000)
    }

    /// Returns what memory holds at entry.
    pub(super) fn contents(&self) -> Vec<(u64, Vec<u8>)> {
        self.contents.clone()
    }

    /// Returns the outcomes of all rounds from the bytes that the machine printed.
    pub(super) fn outcomes(&self, test: &Test, printed: &[u8]) -> Result<Vec<Outcome>, RunError> {
        let layout = self.layout;
        let expected = (layout.harts * layout.of_hart()) as usize;
        if printed.len() != expected {
            return Err(RunError::Results { found: printed.len(), expected });
        }
        let value = |hart: usize, round: usize, word: usize| {
            let at = hart * layout.of_hart() as usize + round * layout.record() as usize + 8 * word;
            printed[at..at + 8].iter().rev().fold(0, |value, &byte| value << 8 | u64::from(byte))
        };
        let outcome = |round: usize| {
            let places = test.observed.iter().enumerate();
            places
                .map(|(at, &place)| match place {
                    Place::Register(hart, _) => value(hart, round, FIRST + at),
                    Place::Memory(location) => {
                        test.locations[location].width.truncate(value(0, round, FIRST + at))
                    }
                })
                .collect()
        };
        Ok((0..layout.rounds as usize).map(outcome).collect())
    }
}

/// Returns the address of a hart's first instruction.
fn entry(hart: usize) -> u32 {
    0x4000_0000 + 0x1000 * u32::try_from(hart).unwrap_or_default()
}

/// Returns the address of a hart's constants: the values of its registers before a round.
fn constants(hart: usize) -> u32 {
    COUNTER + CONSTANTS + 256 * u32::try_from(hart).unwrap_or_default()
}

/// Returns the bytes of instruction words.
fn bytes(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

/// Returns the machine code with a `wfi` after each instruction.
fn assemble_short(code: &[Inst]) -> Result<Vec<u32>, RunError> {
    let stretched: Vec<Inst> = code
        .iter()
        .flat_map(|&inst| {
            let inst = match inst {
                Inst::Branch { compare, rs1, rs2, target } => {
                    Inst::Branch { compare, rs1, rs2, target: 2 * target }
                }
                Inst::Jump { target } => Inst::Jump { target: 2 * target },
                other => other,
            };
            // The second of each pair becomes the `wfi`.
            [inst, Inst::Fence(crate::inst::Fence::Instruction)]
        })
        .collect();
    let mut words = assemble(&stretched)?;
    words.iter_mut().skip(1).step_by(2).for_each(|word| *word = WFI);
    Ok(words)
}

/// Returns the values of the registers before a round, by number.
fn initial(test: &Test, hart: usize, turns: Turns) -> Vec<u8> {
    let mut values = [0_u64; 32];
    for &(register, value) in &test.harts[hart].registers {
        values[register.index()] = match value {
            crate::test::Value::Code(hart, index) if turns == Turns::Short => Test::code(hart, 2 * index),
            other => other.number(),
        };
    }
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

/// Returns the records before the run: each begins with the delays around its column.
fn delays(layout: Layout, plan: Plan) -> Vec<u8> {
    let mut state = plan.seed;
    let mut words = Vec::new();
    for _ in 0..layout.harts * layout.rounds {
        state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        // No delay in half of the cases, up to 7 turns before and 15 after otherwise.
        words.push((state >> 60).saturating_sub(8));
        words.push((state >> 55 & 0x1f).saturating_sub(16));
        words.extend((FIRST..layout.words as usize).map(|_| 0));
    }
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

impl Registers {
    /// Returns registers that the hart's column does not use.
    fn of(test: &Test, hart: usize) -> Result<Self, RunError> {
        let used = used(test, hart);
        let mut free = (1..32).rev().map(Reg::new).filter(|register| !used.contains(register));
        let mut next = || free.next().ok_or(RunError::Registers(hart));
        Ok(Self { base: next()?, record: next()?, rounds: next()?, met: next()?, free: [next()?, next()?] })
    }
}

/// Returns the registers that the test names for a hart.
fn used(test: &Test, hart: usize) -> Vec<Reg> {
    let program = &test.harts[hart];
    let mut used: Vec<Reg> = program.registers.iter().map(|&(register, _)| register).collect();
    used.extend(program.code.iter().flat_map(Inst::registers));
    used.extend(test.observed.iter().filter_map(|place| match place {
        Place::Register(other, register) if *other == hart => Some(*register),
        _ => None,
    }));
    used.retain(|&register| register != Reg::ZERO);
    used.sort_unstable();
    used.dedup();
    used
}

/// Returns the code around a hart's column, and the index in it at which the column ends.
fn around(test: &Test, hart: usize, registers: Registers, layout: Layout) -> (Vec<u32>, usize) {
    let index = u32::try_from(hart).unwrap_or_default();
    let Registers { base, record, rounds, free, .. } = registers;
    let mut code = Code::default();
    if hart == 0 {
        for other in 1..test.harts.len() {
            let id = u32::try_from(other).unwrap_or_default();
            code.call(0x48_534d, 0, [id, entry(other), 0]);
        }
    }
    code.set_csr(SIE, SOFTWARE);
    code.set_csr(SIP, SOFTWARE);
    code.set(base, COUNTER);
    code.set(record, layout.results(index));
    code.set(rounds, layout.rounds);
    code.set(registers.met, 0);
    let round = code.label();
    code.bind(round);
    if hart == 0 {
        set_locations(test, &mut code, free);
    }
    meet(&mut code, registers, layout);
    delay(&mut code, (record, 0), free[0]);
    for register in used(test, hart) {
        code.load(register, base, offset(constants(hart) - COUNTER) + 8 * offset_of(register));
    }
    let column = Test::code(hart, 0).cast_signed() - i64::from(entry(hart)) - bytes_of(code.len());
    code.word(jump(Reg::ZERO, i32::try_from(column).unwrap_or_default()));
    let end = code.len();
    // Stores can wait on, while other harts run.
    delay(&mut code, (record, 8), free[0]);
    for (at, &place) in test.observed.iter().enumerate() {
        if let Place::Register(other, register) = place
            && other == hart
        {
            code.store(register, record, word(at));
        }
    }
    meet(&mut code, registers, layout);
    if hart == 0 {
        keep_locations(test, &mut code, record, free);
    }
    code.add(record, record, offset(layout.record()));
    code.add(rounds, rounds, -1);
    code.branch_if_not_equal(rounds, Reg::ZERO, round);
    meet(&mut code, registers, layout);
    if hart == 0 {
        // The console prints all results, then the machine shuts down. A call may print a part
        // only.
        let end = layout.results(layout.harts);
        for start in (RESULTS..end).step_by(PRINTED) {
            let length = (end - start).min(u32::try_from(PRINTED).unwrap_or(u32::MAX));
            code.call(0x4442_434e, 0, [length, start, 0]);
        }
        code.call(0x5352_5354, 0, [0, 0, 0]);
    }
    let wait = code.label();
    code.bind(wait);
    code.word(WFI);
    code.branch_if_equal(Reg::ZERO, Reg::ZERO, wait);
    (code.finish(), end)
}

/// Adds a meeting of all harts, with all their stores visible.
fn meet(code: &mut Code, registers: Registers, layout: Layout) {
    let Registers { base, met, free: [seen, one], .. } = registers;
    code.fence();
    code.add(met, met, offset(layout.harts));
    code.add(one, Reg::ZERO, 1);
    // amoadd.d x0, one, (base)
    code.word(3 << 12 | 0x2f | u32::try_from(base.index() << 15 | one.index() << 20).unwrap_or_default());
    let (check, done) = (code.label(), code.label());
    code.bind(check);
    code.load(seen, base, 0);
    code.branch_if_not_less(seen, met, done);
    code.word(WFI);
    code.branch_if_equal(Reg::ZERO, Reg::ZERO, check);
    code.bind(done);
    code.fence();
}

/// Adds a delay: some turns that do nothing, as many as memory holds.
fn delay(code: &mut Code, (record, offset): (Reg, i32), left: Reg) {
    let (again, done) = (code.label(), code.label());
    code.load(left, record, offset);
    code.bind(again);
    code.branch_if_equal(left, Reg::ZERO, done);
    code.add(left, left, -1);
    code.word(WFI);
    code.branch_if_equal(Reg::ZERO, Reg::ZERO, again);
    code.bind(done);
}

/// Adds stores of the initial values to all locations.
fn set_locations(test: &Test, code: &mut Code, [address, value]: [Reg; 2]) {
    for (at, location) in test.locations.iter().enumerate() {
        let initial = location.width.truncate(location.value.number());
        // A value of 64 bits is built from two halves below 2 GiB: addresses and small numbers.
        code.set(value, u32::try_from(initial).unwrap_or_default());
        code.set(address, u32::try_from(Test::address(at)).unwrap_or_default());
        code.store(value, address, 0);
    }
}

/// Adds loads of the observed locations into hart 0's record.
fn keep_locations(test: &Test, code: &mut Code, record: Reg, [address, value]: [Reg; 2]) {
    for (at, &place) in test.observed.iter().enumerate() {
        if let Place::Memory(location) = place {
            code.set(address, u32::try_from(Test::address(location)).unwrap_or_default());
            code.load(value, address, 0);
            code.store(value, record, word(at));
        }
    }
}

/// Returns the offset of an observed place in a record.
fn word(at: usize) -> i32 {
    8 * i32::try_from(FIRST + at).unwrap_or_default()
}

/// Returns a register's number as an offset.
fn offset_of(register: Reg) -> i32 {
    i32::try_from(register.index()).unwrap_or_default()
}

/// Returns a small number as an offset.
fn offset(value: u32) -> i32 {
    i32::try_from(value).unwrap_or_default()
}

/// Returns the length of a number of instructions in bytes.
fn bytes_of(instructions: usize) -> i64 {
    4 * i64::try_from(instructions).unwrap_or_default()
}
