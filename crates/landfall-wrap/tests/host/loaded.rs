//! Kernels in memory against the oracle: any segments, any relocations.

pub(crate) mod check;

use check::check;
use landfall_paging::{Access, VirtAddr};
use landfall_wrap::{Inner, InnerDraws, Refusal, WINDOW};
use proptest::prelude::*;

use crate::kernel::{CONSTANTS, DATA, Kernel, PAGE, Program};

#[test]
fn the_small_kernels_load() {
    for kernel in [Kernel::movable(0), Kernel::movable(0x5000), Kernel::fixed()] {
        for draw in [0, u64::MAX / 3, u64::MAX] {
            check(&kernel.file(), draw);
        }
    }
}

#[test]
fn zeros_cover_all_that_the_file_lacks() {
    let kernel = Kernel::movable(0);
    let file = kernel.file();
    let inner = Inner::read(&file).expect("a kernel");
    let mut memory = vec![0xaa; 5 * 4096];
    inner.load(&mut memory, WINDOW.start()).expect("a place");
    assert!(memory[3 * 4096..3 * 4096 + 0xff0].iter().all(|byte| *byte == 0));
    assert_eq!(memory[3 * 4096 + 0xff0..][..8], WINDOW.start().get().to_le_bytes());
}

#[test]
fn relro_becomes_read_only() {
    /// Bytes from the start of data, and the pages that are read-only then.
    const CASES: [(u64, u64, u64, u64); 5] = [
        (0, PAGE, 0, 1),
        (0, PAGE + 8, 0, 1),
        (8, 2 * PAGE - 8, 1, 2),
        (0, 3 * PAGE, 0, 3),
        (PAGE, 1 << 40, 1, 3),
    ];
    for (from, size, first, end) in CASES {
        let mut kernel = Kernel::movable(0);
        let relro = Program { kind: 0x6474_e552, virt: DATA + from, memory: size, ..kernel.programs[2] };
        kernel.programs.push(relro);
        let file = kernel.file();
        let inner = Inner::read(&file).expect("a kernel");
        for page in 0..3 {
            let at = VirtAddr::new(DATA + page * PAGE);
            let found =
                inner.segments().find(|segment| segment.virt.contains_address(at)).expect("a segment");
            let is_constant = first <= page && page < end;
            let expected = if is_constant { Access::ReadOnly } else { Access::ReadWrite };
            assert_eq!(found.access, expected, "page {page} of {from:#x} and {size:#x}");
        }
        check(&file, u64::MAX / 5);
    }
}

#[test]
fn relro_takes_the_first_page_of_a_segment_that_begins_within() {
    let mut kernel = Kernel::movable(0);
    // As GNU ld lays it out: the segment and RELRO begin together, within a page.
    for program in &mut kernel.programs[2..3] {
        program.virt += 0x700;
        program.offset += 0x700;
        program.file -= 0x700;
        program.memory -= 0x700;
    }
    kernel.programs[3] =
        Program { file: 0x100, memory: 0x100, virt: DATA + 0x800, offset: 0x3800, ..kernel.programs[3] };
    kernel.relr.clear();
    kernel.dynamic.retain(|(tag, _)| ![35, 36, 37].contains(tag));
    kernel.rela = vec![[DATA + 0x900, 3, 0], [DATA + 0x908, 3, 0]];
    let relro = Program { kind: 0x6474_e552, virt: DATA + 0x700, memory: 0x900, ..kernel.programs[2] };
    kernel.programs.push(relro);
    let file = kernel.file();
    let inner = Inner::read(&file).expect("a kernel");
    let of = |page: u64| inner.segments().find(|found| found.virt.contains_address(VirtAddr::new(page)));
    assert_eq!(of(DATA).map(|segment| segment.access), Some(Access::ReadOnly));
    assert_eq!(of(DATA + PAGE).map(|segment| segment.access), Some(Access::ReadWrite));
}

#[test]
fn another_place_or_size_is_refused_before_anything_is_written() {
    let kernel = Kernel::movable(0);
    let file = kernel.file();
    let inner = Inner::read(&file).expect("a kernel");
    let mut memory = vec![0xaa; 5 * 4096];
    for to in [0, WINDOW.start().get() + 8, WINDOW.start().get() - PAGE, WINDOW.end().get() - 4 * PAGE] {
        let to = VirtAddr::new(to);
        assert_eq!(inner.load(&mut memory, to), Err(Refusal::Place { to }));
    }
    let found = memory.len() - 1;
    let wrong = Refusal::MemorySize { wanted: 5 * PAGE, found };
    assert_eq!(inner.load(&mut memory[1..], WINDOW.start()), Err(wrong));
    assert!(memory.iter().all(|byte| *byte == 0xaa));
    let file = Kernel::fixed().file();
    let inner = Inner::read(&file).expect("a kernel");
    let to = VirtAddr::new(WINDOW.start().get() + PAGE);
    assert_eq!(inner.load(&mut memory, to), Err(Refusal::Place { to }));
}

/// A kernel with any segments behind the three, and any relocations in constants and data.
fn any_kernel() -> impl Strategy<Value = Kernel> {
    let segment = (0..6_u64, 0..PAGE, 1..3 * PAGE, prop::sample::select(vec![1_u32, 2, 4, 5, 6]));
    let segments = prop::collection::vec(segment, 0..8);
    let slots = prop::collection::vec((0..=2 * PAGE - 8, 0..=5 * PAGE), 0..60);
    let bits = prop::collection::vec(any::<u64>(), 0..3);
    let base = prop::sample::select(vec![0, 0x7000, 0x4000_0000, WINDOW.start().get()]);
    (base, segments, slots, bits).prop_map(|(base, segments, slots, bits)| {
        let mut kernel = Kernel::movable(base);
        let mut next = base + 5 * PAGE;
        for (gap, within, memory, flags) in segments {
            let virt = next + gap * PAGE + within;
            let file = memory.min(PAGE / 2);
            kernel.programs.push(Program { kind: 1, flags, offset: within, virt, file, memory, align: PAGE });
            next = (virt + memory).next_multiple_of(PAGE);
        }
        // 60 entries of RELA fill the room up to RELR. A slot that would change a table is moved.
        kernel.rela = slots
            .iter()
            .map(|(slot, target)| {
                [base + DATA + PAGE + slot, if slot % 7 == 0 { 0 } else { 3 }, base + target]
            })
            .collect();
        // Slots of RELR in data, whose words point into the kernel.
        kernel.relr = vec![base + DATA];
        kernel.relr.extend(bits.iter().map(|bits| bits | 1));
        kernel.words = (0..0x100).map(|index| (PAGE + DATA + 8 * index, base + 8 * index)).collect();
        for (tag, value) in &mut kernel.dynamic {
            match *tag {
                8 => *value = 24 * kernel.rela.len() as u64,
                35 => *value = 8 * kernel.relr.len() as u64,
                _ => (),
            }
        }
        kernel
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_kernel_loads_as_the_oracle_says(kernel in any_kernel(), draw: u64) {
        check(&kernel.file(), draw);
    }

    #[test]
    fn draws_of_the_same_entropy_are_the_same_place(entropy: [u8; 32]) {
        let file = Kernel::movable(CONSTANTS).file();
        let inner = Inner::read(&file).expect("a kernel");
        let place = || inner.virtual_place(Some(InnerDraws::new(&entropy).virt));
        prop_assert_eq!(place(), place());
    }
}
