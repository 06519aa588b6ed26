//! The editor in cases that random operations seldom hit: large leaves, refusals, foreign entries.

use std::cell::RefCell;

use landfall_judge::model::{Span, Spans};
use landfall_paging::{
    Access, EditError, Entry, Fence, LeafFormat, LeafSize, Mapping, Mode, PhysAddr, Translation, VirtAddr,
    VirtRange,
};

use crate::edit_machine::{Machine, Operation, editor, editor_of, leaves, root};
use crate::tables::{extensions, span};

const GIB: u64 = 1 << 30;
const HIGH: u64 = 0xffff_ffc0_0000_0000;

fn map(virt: u64, phys: u64, size: u64) -> Operation {
    Operation::Map { virt, phys, size, access: Access::ReadWrite }
}

fn protect(virt: u64, size: u64) -> Operation {
    Operation::Protect { virt, size, access: Access::ReadOnly }
}

/// The fence of a change of leaves alone.
fn leaves_at(virt: u64, size: u64) -> Fence {
    Fence::Leaves(VirtRange::new(VirtAddr::new(virt), size))
}

/// Returns the mappings of the tables, as spans.
fn spans(machine: &RefCell<Machine>, mode: Mode) -> Spans {
    let walk = machine.borrow().walk(root(mode));
    assert_eq!(walk.malformed, []);
    Spans::of(walk.leaves.into_iter().map(Span::from)).expect("nothing is mapped twice")
}

fn expected(parts: &[(u64, u64, u64, Access)]) -> Spans {
    let parts = parts.iter().map(|&(virt, phys, size, access)| {
        span(&Mapping { virt: VirtAddr::new(virt), phys: PhysAddr::new(phys), size, access })
    });
    Spans::of(parts).expect("nothing is mapped twice")
}

#[test]
fn leaves_are_the_largest_that_fit() {
    for mode in Mode::BEST_FIRST {
        let machine = RefCell::new(Machine::new(8));
        assert_eq!(map(HIGH, 8 * GIB, 3 * GIB + (4 << 20) + 0x3000).apply(mode, &machine), Ok(Fence::All));
        let count = |size| leaves(&machine.borrow(), mode, size);
        assert_eq!((count(LeafSize::G1), count(LeafSize::M2), count(LeafSize::K4)), (3, 2, 3), "{mode}");
        assert_eq!(
            spans(&machine, mode),
            expected(&[(HIGH, 8 * GIB, 3 * GIB + (4 << 20) + 0x3000, Access::ReadWrite)])
        );
    }
}

#[test]
fn one_page_of_the_largest_leaf_can_be_changed_and_unmapped() {
    for (mode, size) in [(Mode::Sv39, GIB), (Mode::Sv48, 512 * GIB), (Mode::Sv57, 256 << 40)] {
        let machine = RefCell::new(Machine::new(16));
        let virt = mode.upper_half().get();
        assert_eq!(map(virt, 0, size).apply(mode, &machine), Ok(leaves_at(virt, size)));
        let page = virt + size / 2 - 0x1000;
        assert_eq!(protect(page, 0x1000).apply(mode, &machine), Ok(Fence::All));
        let (rw, ro) = (Access::ReadWrite, Access::ReadOnly);
        let offset = size / 2 - 0x1000;
        let behind = (page + 0x1000, offset + 0x1000, size / 2, rw);
        assert_eq!(
            spans(&machine, mode),
            expected(&[(virt, 0, offset, rw), (page, offset, 0x1000, ro), behind])
        );
        let unmap = Operation::Unmap { virt: page, size: 0x1000 };
        assert_eq!(unmap.apply(mode, &machine), Ok(leaves_at(page, 0x1000)));
        assert_eq!(spans(&machine, mode), expected(&[(virt, 0, offset, rw), behind]));
        let rest = [
            Operation::Unmap { virt, size: offset },
            Operation::Unmap { virt: page + 0x1000, size: size / 2 },
        ];
        assert_eq!(rest.map(|operation| operation.apply(mode, &machine)), [Ok(Fence::All); 2]);
        assert_eq!(
            machine.borrow().walk(root(mode)).tables.len(),
            1,
            "all tables but the root are given back"
        );
    }
}

#[test]
fn a_half_without_its_last_gigabyte_can_be_mapped_and_unmapped() {
    let machine = RefCell::new(Machine::new(0));
    let (virt, size) = (Mode::Sv39.upper_half().get(), Mode::Sv39.half_size() - GIB);
    assert_eq!(map(virt, 0, size).apply(Mode::Sv39, &machine), Ok(leaves_at(virt, size)));
    assert_eq!(protect(virt, size).apply(Mode::Sv39, &machine), Ok(leaves_at(virt, size)));
    assert_eq!(leaves(&machine.borrow(), Mode::Sv39, LeafSize::G1), 255);
    assert_eq!(Operation::Unmap { virt, size }.apply(Mode::Sv39, &machine), Ok(leaves_at(virt, size)));
    assert_eq!(leaves(&machine.borrow(), Mode::Sv39, LeafSize::G1), 0);
}

#[test]
fn what_is_no_stretch_is_refused() {
    let machine = RefCell::new(Machine::new(4));
    let half = Mode::Sv39.half_size();
    for (virt, size) in [(HIGH + 1, 0x1000), (HIGH, 0x1001), (HIGH, 0)] {
        let misaligned = Err(EditError::Misaligned { virt: VirtAddr::new(virt), size });
        for operation in [map(virt, 0, size), protect(virt, size), Operation::Unmap { virt, size }] {
            assert_eq!(operation.apply(Mode::Sv39, &machine), misaligned);
        }
    }
    let canonical = Mode::Sv39.upper_half().get();
    for (virt, size) in [
        (half, 0x1000),
        (canonical - 0x1000, 0x2000),
        (1 << 63, 0x1000),
        (u64::MAX - 0xfff, 0x2000),
        (HIGH, half + 0x1000),
        (HIGH, u64::MAX - 0xfff),
    ] {
        let out_of_range = Err(EditError::OutOfRange { virt: VirtAddr::new(virt), size });
        for operation in [map(virt, 0, size), protect(virt, size), Operation::Unmap { virt, size }] {
            assert_eq!(operation.apply(Mode::Sv39, &machine), out_of_range);
        }
    }
    assert!(matches!(map(HIGH, 8, 0x1000).apply(Mode::Sv39, &machine), Err(EditError::Misaligned { .. })));
    assert!(matches!(
        map(HIGH, 1 << 56, 0x1000).apply(Mode::Sv39, &machine),
        Err(EditError::OutOfRange { .. })
    ));
    assert!(matches!(
        map(HIGH, (1 << 56) - 0x1000, 0x2000).apply(Mode::Sv39, &machine),
        Err(EditError::OutOfRange { .. })
    ));
}

#[test]
fn an_error_tells_what_was_found() {
    let machine = RefCell::new(Machine::new(4));
    assert!(map(HIGH + 0x20_0000, 0x8000_0000, 0x4000).apply(Mode::Sv39, &machine).is_ok());
    let error = map(HIGH, 0, 0x20_5000).apply(Mode::Sv39, &machine).expect_err("it is taken");
    let entry = Entry::leaf(PhysAddr::new(0x8000_0000), Access::ReadWrite);
    assert_eq!(error, EditError::Mapped { virt: VirtAddr::new(HIGH + 0x20_0000), entry });
    assert!(error.to_string().contains("0xffffffc000200000 is mapped already, to 0x80000000"), "{error}");
    let error = protect(HIGH + 0x20_0000, 0x5000).apply(Mode::Sv39, &machine).expect_err("a hole");
    assert!(error.to_string().contains("0xffffffc000204000 is not mapped"), "{error}");
    // A level-0 table for each 2 MiB, of which there are eight: two frames are left.
    let error = map(HIGH + GIB, 0x1000, 16 << 20).apply(Mode::Sv39, &machine).expect_err("too few frames");
    assert_eq!(error, EditError::OutOfFrames { needed: 9, found: 2 });
}

#[test]
fn entries_of_others_are_kept_or_refused() {
    let machine = RefCell::new(Machine::new(2));
    assert!(map(HIGH, 2 * GIB, GIB).apply(Mode::Sv39, &machine).is_ok());
    let leaf = machine.borrow().walk(root(Mode::Sv39)).leaves[0];
    let bits = machine.borrow().memory.read(leaf.entry);
    // Svpbmt's memory type, a software bit and U outlive a split.
    machine.borrow_mut().memory.write(leaf.entry, bits | 1 << 61 | 1 << 8 | 1 << 4);
    assert!(protect(HIGH, 0x1000).apply(Mode::Sv39, &machine).is_ok());
    let memory = &machine.borrow().memory;
    let pointer = |at: u64| (memory.read(at) >> 10 & ((1 << 44) - 1)) << 12;
    let table = pointer(pointer(leaf.entry));
    assert_eq!(memory.read(table) & 1023 | memory.read(table) >> 61 << 61, 1 << 61 | 1 << 8 | 0xd3 | 0x20);
    assert_eq!(memory.read(table + 8), ((bits & !1023) + 0x400) | 1 << 61 | 1 << 8 | 0xf7);
}

#[test]
fn a_leaf_of_many_entries_is_not_touched() {
    let machine = RefCell::new(Machine::new(2));
    assert!(map(HIGH, 0x8001_0000, 0x1_0000).apply(Mode::Sv39, &machine).is_ok());
    let leaf = machine.borrow().walk(root(Mode::Sv39)).leaves[0];
    let bits = machine.borrow().memory.read(leaf.entry) | 1 << 63;
    machine.borrow_mut().memory.write(leaf.entry, bits);
    let refused = Err(EditError::Malformed { virt: VirtAddr::new(HIGH), entry: Entry::from_bits(bits) });
    assert_eq!(protect(HIGH, 0x1000).apply(Mode::Sv39, &machine), refused);
    assert_eq!(Operation::Unmap { virt: HIGH, size: 0x1000 }.apply(Mode::Sv39, &machine), refused);
}

#[test]
fn a_leaf_with_bits_that_no_format_gives_it_is_not_touched() {
    for (size, bit) in [(2 << 20, 1 << 63), (0x1000, 1 << 63), (2 << 20, 1 << 54)] {
        let machine = RefCell::new(Machine { format: LeafFormat::Napot, ..Machine::new(2) });
        assert!(map(HIGH, 2 * GIB, size).apply(Mode::Sv39, &machine).is_ok());
        let leaf = machine.borrow().walk(root(Mode::Sv39)).leaves[0];
        let bits = machine.borrow().memory.read(leaf.entry) | bit;
        machine.borrow_mut().memory.write(leaf.entry, bits);
        let refused = Err(EditError::Malformed { virt: VirtAddr::new(HIGH), entry: Entry::from_bits(bits) });
        assert_eq!(protect(HIGH, size).apply(Mode::Sv39, &machine), refused, "{bits:#x}");
    }
}

#[test]
fn pages_lead_up_to_the_first_leaf_of_64_kib() {
    let machine = RefCell::new(Machine { format: LeafFormat::Napot, ..Machine::new(8) });
    let (virt, phys, size) = (HIGH + 0xd000, 0x8000_d000, 0x3000 + 0x1_0000 + 0x2000);
    assert!(map(virt, phys, size).apply(Mode::Sv39, &machine).is_ok());
    let root = root(Mode::Sv39).with_extensions(extensions(LeafFormat::Napot));
    let sizes: Vec<_> = machine.borrow().walk(root).leaves.iter().map(|leaf| leaf.size).collect();
    assert_eq!(sizes, [0x1000, 0x1000, 0x1000, 0x1_0000, 0x1000, 0x1000]);
}

#[test]
fn a_table_that_is_empty_is_used() {
    // As kernels prepare tables that several roots share: a large leaf would fit, and must not take
    // the table's place.
    let machine = RefCell::new(Machine::new(2));
    assert!(map(HIGH, 0, 0x1000).apply(Mode::Sv39, &machine).is_ok());
    let leaf = machine.borrow().walk(root(Mode::Sv39)).leaves[0];
    machine.borrow_mut().memory.write(leaf.entry, 0);
    assert_eq!(map(HIGH, 0, GIB).apply(Mode::Sv39, &machine), Ok(leaves_at(HIGH, GIB)));
    let count = |size| leaves(&machine.borrow(), Mode::Sv39, size);
    assert_eq!((count(LeafSize::G1), count(LeafSize::M2), count(LeafSize::K4)), (0, 511, 512));
}

#[test]
fn of_a_leaf_of_64_kib_only_those_at_the_edges_are_split() {
    let mapping = Mapping {
        virt: VirtAddr::new(HIGH),
        phys: PhysAddr::new(0x8001_0000),
        size: 0x4_0000,
        access: Access::ReadWrite,
    };
    let machine = RefCell::new(Machine::built(Mode::Sv39, LeafFormat::Napot, &[mapping], 4));
    let sizes = |machine: &RefCell<Machine>| {
        let root = root(Mode::Sv39).with_extensions(extensions(LeafFormat::Napot));
        let walk = machine.borrow().walk(root);
        assert_eq!(walk.malformed, []);
        walk.leaves.iter().map(|leaf| leaf.size).filter(|size| *size == LeafSize::K64.bytes()).count()
    };
    assert_eq!(sizes(&machine), 4);
    let whole = protect(HIGH + 0x1_0000, 0x1_0000).apply(Mode::Sv39, &machine);
    assert_eq!(whole, Ok(leaves_at(HIGH + 0x1_0000, 0x1_0000)));
    assert_eq!(sizes(&machine), 4, "a whole leaf stays one");
    let edges = protect(HIGH + 0x8000, 0x2_0000).apply(Mode::Sv39, &machine);
    assert_eq!(edges, Ok(leaves_at(HIGH, 0x3_0000)));
    assert_eq!(sizes(&machine), 2);
}

#[test]
fn registers_of_devices_are_mapped_as_such() {
    let (size, phys) = (0x21_0000, 0xc00_0000);
    let mapping =
        Mapping { virt: VirtAddr::new(HIGH), phys: PhysAddr::new(phys), size, access: Access::ReadWrite };
    for (format, uppers, count) in [
        (LeafFormat::Plain, &[0][..], 17),
        (LeafFormat::Napot, &[0, 0x80], 2),
        (LeafFormat::Thead, &[0x90], 17),
    ] {
        let machine = RefCell::new(Machine::built(Mode::Sv48, format, &[], 8));
        assert_eq!(editor(Mode::Sv48, &machine).map_device(mapping), Ok(Fence::All));
        let root = root(Mode::Sv48).with_extensions(extensions(format));
        let walk = machine.borrow().walk(root);
        let entries = walk.leaves.iter().map(|leaf| machine.borrow().memory.read(leaf.entry));
        assert!(entries.clone().all(|entry| uppers.contains(&(entry >> 56))), "{format:?}");
        assert_eq!(entries.count(), count, "{format:?}: 2 MiB, and 64 KiB or 16 pages");
        for offset in [0, 0x20_0000, size - 0x1000] {
            let leads = editor(Mode::Sv48, &machine).walk(VirtAddr::new(HIGH + offset));
            let Translation::Mapped { physical, access, .. } = leads else {
                panic!("{format:?}: {offset:#x} leads to {leads:?}")
            };
            assert_eq!((physical.get(), access), (phys + offset, Access::ReadWrite), "{format:?}");
        }
    }
}

#[test]
fn nothing_is_changed_in_the_lower_half() {
    for mode in Mode::BEST_FIRST {
        let machine = RefCell::new(Machine::new(8));
        let half = mode.half_size();
        for (virt, size) in [(0, 0x1000), (half / 2, GIB), (half - 0x1000, 0x1000), (half - 0x1000, 0x2000)] {
            let refused = Err(EditError::LowerHalf { virt: VirtAddr::new(virt), size });
            for operation in [map(virt, 0, size), protect(virt, size), Operation::Unmap { virt, size }] {
                assert_eq!(operation.apply(mode, &machine), refused, "{mode}: {operation:x?}");
            }
            let (virt, phys) = (VirtAddr::new(virt), PhysAddr::new(0x1000_0000));
            let registers = Mapping { virt, phys, size, access: Access::ReadWrite };
            assert_eq!(editor(mode, &machine).map_device(registers), refused, "{mode}");
            // SAFETY: no hart runs this machine.
            let anywhere = unsafe { editor(mode, &machine).map_anywhere(registers) };
            assert_eq!(anywhere, refused, "{mode}");
        }
        assert_eq!(machine.borrow().walk(root(mode)).leaves, [], "{mode}");
        assert_eq!(machine.borrow().taken.len(), 0, "{mode}: no frame was taken");
    }
}

#[test]
fn only_addresses_that_the_editor_owns_are_changed_safely() {
    let machine = RefCell::new(Machine::new(8));
    let region = |start, size| VirtRange::new(VirtAddr::new(start), size);
    let owned = [region(HIGH + GIB, GIB), region(0xffff_ffff_ffff_e000, 0x1000)];
    let at = |virt, size| Mapping { virt: VirtAddr::new(virt), ..registers(size) };
    // Two mappings that are not the editor's to change: right before a region, and right behind it.
    for virt in [HIGH + GIB - 0x1000, HIGH + 2 * GIB] {
        assert!(editor(Mode::Sv39, &machine).map(at(virt, 0x1000)).is_ok());
    }
    let mut editor = editor_of(Mode::Sv39, &machine, owned);
    for (virt, size) in [
        (HIGH, 0x1000),
        (HIGH + GIB - 0x1000, 0x1000),
        (HIGH + GIB - 0x1000, 0x2000),
        (HIGH + 2 * GIB - 0x1000, 0x2000),
        (HIGH + 2 * GIB, 0x1000),
        (HIGH, 3 * GIB),
        (u64::MAX - 0x2fff, 0x1000),
    ] {
        let refused = Err(EditError::NotOwned { virt: VirtAddr::new(virt), size });
        assert_eq!(editor.map(at(virt, size)), refused);
        assert_eq!(editor.map_device(at(virt, size)), refused);
        assert_eq!(editor.protect(VirtAddr::new(virt), size, Access::ReadOnly), refused);
        assert_eq!(editor.unmap(VirtAddr::new(virt), size), refused);
    }
    for (virt, size) in [(HIGH + GIB, 0x1000), (HIGH + 2 * GIB - 0x2000, 0x2000), (u64::MAX - 0x1fff, 0x1000)]
    {
        assert!(editor.map(at(virt, size)).is_ok(), "{virt:#x}");
        assert!(editor.protect(VirtAddr::new(virt), size, Access::ReadOnly).is_ok(), "{virt:#x}");
        assert!(editor.unmap(VirtAddr::new(virt), size).is_ok(), "{virt:#x}");
    }
    // SAFETY: no hart runs this machine.
    let behind = unsafe { editor.unmap_anywhere(VirtAddr::new(HIGH + 2 * GIB), 0x1000) };
    assert!(behind.is_ok());
}

fn registers(size: u64) -> Mapping {
    Mapping { virt: VirtAddr::new(0), phys: PhysAddr::new(0x1000_0000), size, access: Access::ReadWrite }
}

#[test]
fn no_region_owns_a_stretch_that_leaves_it() {
    let region = |start, size| VirtRange::new(VirtAddr::new(start), size);
    assert!(region(HIGH, 0x2000).contains(region(HIGH + 0x1000, 0x1000)));
    assert!(!region(HIGH, 0x2000).contains(region(HIGH + 0x1000, u64::MAX - 0xfff)));
    assert!(!VirtRange::EMPTY.contains(region(0, 0x1000)));
}
