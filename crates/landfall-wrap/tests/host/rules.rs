//! One fault each, and the rule that it breaks.

use landfall_wrap::{Inner, LAST, MAX_SEGMENTS, Refusal, Rule, WINDOW};

use crate::kernel::{CONSTANTS, DATA, DYNAMIC, Kernel, PAGE, Program, RELA, RELR};

/// A change of the [movable](Kernel::movable) kernel that is linked at 0.
type Fault = (Rule, fn(&mut Kernel));

fn extra(kernel: &mut Kernel, program: Program) {
    kernel.programs.push(program);
}

fn tag(kernel: &mut Kernel, tag: i64, value: u64) {
    for entry in kernel.dynamic.iter_mut().filter(|entry| entry.0 == tag) {
        entry.1 = value;
    }
}

/// A segment behind the others.
const BEHIND: Program =
    Program { kind: 1, flags: 6, offset: 0x1000, virt: 0x10_0000, file: 0, memory: 0x1000, align: 0x1000 };

const FAULTS: &[Fault] = &[
    (Rule::Elf, |kernel| kernel.size = 19),
    (Rule::Elf, |kernel| kernel.ident[1] = b'e'),
    (Rule::Elf, |kernel| kernel.ident[4] = 1),
    (Rule::Elf, |kernel| kernel.ident[5] = 2),
    (Rule::Elf, |kernel| kernel.ident[6] = 0),
    (Rule::Elf, |kernel| kernel.machine = 62),
    (Rule::Type, |kernel| kernel.kind = 1),
    (Rule::Type, |kernel| kernel.kind = 4),
    (Rule::Type, |kernel| kernel.kind = 0xff00),
    (Rule::Flags, |kernel| kernel.flags = 0x8),
    (Rule::Flags, |kernel| kernel.flags = 0x10),
    (Rule::Flags, |kernel| kernel.flags = 0x7),
    (Rule::Flags, |kernel| kernel.flags = 0x8000_0000),
    (Rule::Headers, |kernel| kernel.table = 0),
    (Rule::Headers, |kernel| kernel.table = 0x4000),
    (Rule::Headers, |kernel| kernel.table = u64::MAX - 8),
    (Rule::Headers, |kernel| kernel.entry_size = 64),
    (Rule::Headers, |kernel| kernel.count = Some(0xffff)),
    (Rule::Headers, |kernel| kernel.count = Some(0xfffe)),
    (Rule::Headers, |kernel| kernel.size = 63),
    (Rule::Dynamic, |kernel| extra(kernel, Program { kind: 3, ..BEHIND })),
    (Rule::Dynamic, |kernel| kernel.dynamic.push((1, 0))),
    (Rule::Stack, |kernel| kernel.programs[4].flags = 7),
    (Rule::Count, |kernel| kernel.count = Some(0)),
    (Rule::Count, |kernel| kernel.programs.retain(|program| program.kind != 1)),
    (Rule::Count, |kernel| {
        for index in 0..=MAX_SEGMENTS as u64 {
            extra(kernel, Program { virt: (index + 16) * PAGE, ..BEHIND });
        }
    }),
    (Rule::SegmentFile, |kernel| kernel.programs[1].memory -= 1),
    (Rule::SegmentFile, |kernel| kernel.programs[1].memory = 0),
    (Rule::SegmentFile, |kernel| kernel.size -= 1),
    (Rule::SegmentFile, |kernel| kernel.programs[2].offset = u64::MAX - 0xfff),
    (Rule::SegmentFile, |kernel| {
        kernel.programs[2].file = u64::MAX;
        kernel.programs[2].memory = u64::MAX;
    }),
    (Rule::SegmentAddress, |kernel| kernel.programs[2].memory = u64::MAX),
    (Rule::SegmentAddress, |kernel| extra(kernel, Program { virt: u64::MAX - 0xfff, ..BEHIND })),
    (Rule::SegmentAddress, |kernel| {
        extra(kernel, Program { virt: u64::MAX - 0x1fff, memory: 0x1001, ..BEHIND });
    }),
    (Rule::SegmentAlign, |kernel| kernel.programs[1].align = 0x1800),
    (Rule::SegmentAlign, |kernel| kernel.programs[1].align = u64::MAX),
    (Rule::SegmentAlign, |kernel| kernel.programs[1].offset += 8),
    (Rule::SegmentAlign, |kernel| kernel.programs[1].align = 0x2000),
    (Rule::SegmentOrder, |kernel| kernel.programs[0].memory += 1),
    (Rule::SegmentOrder, |kernel| kernel.programs.swap(0, 1)),
    (Rule::SegmentOrder, |kernel| extra(kernel, Program { virt: DATA, ..BEHIND })),
    (Rule::SegmentOrder, |kernel| extra(kernel, Program { virt: 0, memory: 0x10_0000, ..BEHIND })),
    (Rule::Permission, |kernel| kernel.programs[0].flags = 7),
    (Rule::Permission, |kernel| kernel.programs[2].flags = 3),
    (Rule::Permission, |kernel| kernel.programs[1].flags = 0),
    (Rule::SharedPage, |kernel| {
        // The last segment of all begins where the data end, in the middle of a page.
        kernel.programs[2].memory = PAGE + 8;
        extra(kernel, Program { virt: DATA + PAGE + 8, offset: 8, flags: 4, ..BEHIND });
    }),
    (Rule::Span, |kernel| extra(kernel, Program { virt: WINDOW.size(), ..BEHIND })),
    (Rule::Span, |kernel| kernel.programs[2].memory = 1 << 40),
    (Rule::Span, |kernel| {
        let start = 1 << 31;
        extra(kernel, Program { virt: start, offset: 0, align: 1 << 31, ..BEHIND });
    }),
    (Rule::Span, |kernel| extra(kernel, Program { virt: 1 << 33, offset: 0, align: 1 << 32, ..BEHIND })),
    (Rule::Span, |kernel| {
        *kernel = Kernel::fixed();
        kernel.programs.insert(0, Program { virt: 0xffff_ffff_0000_0000, ..BEHIND });
    }),
    (Rule::FixedPlace, |kernel| kernel.kind = 2),
    (Rule::FixedPlace, |kernel| {
        *kernel = Kernel::movable(0x8020_0000);
        kernel.kind = 2;
    }),
    (Rule::FixedPlace, |kernel| {
        *kernel = Kernel::movable(LAST.get() - 4 * PAGE);
        kernel.kind = 2;
    }),
    (Rule::Entry, |kernel| kernel.entry = 1),
    (Rule::Entry, |kernel| kernel.entry = CONSTANTS),
    (Rule::Entry, |kernel| kernel.entry = 0x10_0000),
    (Rule::Entry, |kernel| kernel.entry = u64::MAX),
    (Rule::Entry, |kernel| {
        kernel.programs[0].file = 0x800;
        kernel.entry = 0x800;
    }),
    (Rule::DynamicTable, |kernel| kernel.programs.retain(|program| program.kind != 2)),
    (Rule::DynamicTable, |kernel| kernel.programs[3].file = 24),
    (Rule::DynamicTable, |kernel| kernel.programs[3].file = 0),
    (Rule::DynamicTable, |kernel| kernel.programs[3].file = 16 * 6),
    (Rule::DynamicTable, |kernel| kernel.programs[3].virt = DATA + PAGE),
    (Rule::DynamicTable, |kernel| kernel.programs[3].virt = u64::MAX),
    (Rule::DynamicTable, |kernel| kernel.programs[3].offset -= 16),
    (Rule::DynamicTable, |kernel| extra(kernel, kernel.programs[3])),
    (Rule::DynamicTable, |kernel| kernel.dynamic.push((7, RELA))),
    (Rule::CodeSlot, |kernel| kernel.rela[0][0] = 8),
    (Rule::CodeSlot, |kernel| kernel.relr[0] = 8),
    (Rule::RelocationForm, |kernel| kernel.dynamic.push((18, 16))),
    (Rule::RelocationForm, |kernel| kernel.dynamic.push((2, 24))),
    (Rule::RelocationForm, |kernel| kernel.dynamic.push((38, RELA))),
    (Rule::RelocationForm, |kernel| kernel.dynamic.push((0x6000_000f, RELA))),
    (Rule::RelocationForm, |kernel| kernel.dynamic.push((0x6000_0011, RELA))),
    (Rule::RelocationForm, |kernel| kernel.dynamic.push((0x6fff_e000, RELA))),
    (Rule::RelocationTable, |kernel| tag(kernel, 7, CONSTANTS + PAGE - 24)),
    (Rule::RelocationTable, |kernel| tag(kernel, 7, u64::MAX - 8)),
    (Rule::RelocationTable, |kernel| tag(kernel, 8, 25)),
    (Rule::RelocationTable, |kernel| tag(kernel, 8, u64::MAX / 24 * 24)),
    (Rule::RelocationTable, |kernel| tag(kernel, 9, 16)),
    (Rule::RelocationTable, |kernel| kernel.dynamic.retain(|entry| entry.0 != 9)),
    (Rule::RelocationTable, |kernel| kernel.dynamic.retain(|entry| entry.0 != 7)),
    (Rule::RelocationTable, |kernel| tag(kernel, 36, DATA + PAGE)),
    (Rule::RelocationTable, |kernel| tag(kernel, 35, 12)),
    (Rule::RelocationTable, |kernel| tag(kernel, 37, 16)),
    (Rule::RelocationKind, |kernel| kernel.rela[0][1] = 2),
    (Rule::RelocationKind, |kernel| kernel.rela[0][1] = 1 << 32 | 3),
    (Rule::RelocationKind, |kernel| kernel.rela[1][1] = 5),
    (Rule::RelocationKind, |kernel| kernel.rela[1][1] = 58),
    (Rule::Slot, |kernel| kernel.rela[0][0] = u64::MAX - 3),
    (Rule::Slot, |kernel| kernel.rela[0][0] = DATA + 3 * PAGE - 7),
    (Rule::Slot, |kernel| kernel.rela[0][0] = CONSTANTS - 4),
    (Rule::Slot, |kernel| kernel.relr = vec![DATA + 3 * PAGE - 8, 3]),
    (Rule::Target, |kernel| kernel.rela[0][2] = DATA + 3 * PAGE + 1),
    (Rule::Target, |kernel| kernel.rela[0][2] = u64::MAX),
    (Rule::Target, |kernel| kernel.words[0].1 = 0x10_0000),
    (Rule::Relr, |kernel| kernel.relr[0] = 1),
    (Rule::Relr, |kernel| kernel.relr[0] = DATA + 2),
    (Rule::Relr, |kernel| kernel.relr = vec![DATA, DATA]),
    (Rule::Relr, |kernel| {
        kernel.relr = vec![DATA + 64, 3, DATA + 16];
        tag(kernel, 35, 24);
    }),
    (Rule::Relr, |kernel| kernel.relr = vec![u64::MAX - 7, 3]),
];

/// Rules of a boot, which no file breaks.
const OF_BOOTS: [Rule; 6] = [Rule::Place, Rule::Memory, Rule::Record, Rule::Mode, Rule::Room, Rule::Tables];

#[test]
fn each_fault_breaks_its_rule() {
    for (index, (rule, fault)) in FAULTS.iter().enumerate() {
        let mut kernel = Kernel::movable(0);
        fault(&mut kernel);
        let refusal =
            Inner::read(&kernel.file()).map(|_| "it was read").expect_err(&format!("fault {index}, {rule}"));
        assert_eq!(refusal.rule(), *rule, "fault {index}: {refusal}");
    }
}

#[test]
fn each_rule_has_a_fault() {
    for rule in Rule::ALL.iter().filter(|rule| !OF_BOOTS.contains(rule)) {
        assert!(FAULTS.iter().any(|(broken, _)| broken == rule), "{rule}: {}", rule.broken_if());
    }
}

#[test]
fn kernels_without_a_fault_are_read() {
    for kernel in
        [Kernel::movable(0), Kernel::movable(0x3000), Kernel::movable(WINDOW.start().get()), Kernel::fixed()]
    {
        let file = kernel.file();
        let inner = Inner::read(&file).unwrap_or_else(|refusal| panic!("{refusal}"));
        assert_eq!(inner.entry().get(), kernel.entry);
    }
}

/// Each is unusual, and breaks no rule.
#[test]
fn faults_that_are_none() {
    let harmless: [fn(&mut Kernel); 13] = [
        |kernel| kernel.flags = 0,
        |kernel| kernel.programs[4].flags = 6,
        |kernel| kernel.programs.truncate(4),
        |kernel| kernel.programs[1].align = 0,
        |kernel| kernel.programs[0].flags = 1,
        |kernel| kernel.programs[2].flags = 2,
        |kernel| kernel.rela[0][1] = 0,
        |kernel| kernel.dynamic.extend([(18, 0), (2, 0), (30, 8), (0x6fff_fff9, 2)]),
        // A slot in constants, announced by DT_TEXTREL, DF_TEXTREL or not.
        |kernel| kernel.rela[0][0] = CONSTANTS + 8,
        |kernel| kernel.dynamic.extend([(22, 0), (30, 4)]),
        |kernel| kernel.rela[0][2] = DATA + 3 * PAGE,
        |kernel| kernel.relr[1] = 1,
        |kernel| extra(kernel, Program { virt: 0x3000, memory: 0, ..BEHIND }),
    ];
    for (index, change) in harmless.into_iter().enumerate() {
        let mut kernel = Kernel::movable(0);
        change(&mut kernel);
        let read = Inner::read(&kernel.file()).map(|_| ());
        assert_eq!(read, Ok(()), "change {index}");
    }
}

#[test]
fn a_refusal_states_the_value_found() {
    let mut kernel = Kernel::movable(0);
    kernel.rela[0][1] = 7 << 32 | 2;
    let refusal = Inner::read(&kernel.file()).map(|_| "it was read").expect_err("a symbol");
    let Refusal::RelocationKind { at, kind: 2, symbol: 7 } = refusal else { panic!("{refusal:?}") };
    assert_eq!(at.get(), DATA + 0x101);
    assert_eq!(
        refusal.to_string(),
        "the relocation at 0x2101 has type 2 and symbol 7, and only R_RISCV_RELATIVE (3) and R_RISCV_64 (2) of a defined symbol are applied; define the symbol"
    );
}

#[test]
fn the_tables_lie_where_the_kernel_says() {
    // The faults above edit these: they must be those that are read.
    let kernel = Kernel::movable(0);
    assert!(kernel.dynamic.contains(&(7, RELA)) && kernel.dynamic.contains(&(36, RELR)));
    assert_eq!(kernel.programs[3].virt, DYNAMIC);
}
