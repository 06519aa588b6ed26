//! Numbers that the privileged specification gives.

use landfall_paging::{
    Access, Entry, Label, LeafFormat, LeafSize, MemoryType, Mode, PhysAddr, Satp, VirtAddr,
};

#[test]
fn modes_have_the_numbers_of_the_specification() {
    let numbers = |mode: Mode| (mode as u8, mode.levels(), mode.virtual_bits(), mode.upper_half().get());
    assert_eq!(numbers(Mode::Sv39), (8, 3, 39, 0xffff_ffc0_0000_0000));
    assert_eq!(numbers(Mode::Sv48), (9, 4, 48, 0xffff_8000_0000_0000));
    assert_eq!(numbers(Mode::Sv57), (10, 5, 57, 0xff00_0000_0000_0000));
    assert_eq!(Mode::BEST_FIRST, [Mode::Sv57, Mode::Sv48, Mode::Sv39]);
    assert!(Mode::Sv39 < Mode::Sv48 && Mode::Sv48 < Mode::Sv57);
}

#[test]
fn a_mode_is_found_by_its_name_alone() {
    for mode in Mode::BEST_FIRST {
        assert_eq!(Mode::from_name(mode.name()), Some(mode));
    }
    for name in ["", "sv32", "SV39", "riscv,sv39", "sv39 "] {
        assert_eq!(Mode::from_name(name), None, "{name}");
    }
}

#[test]
fn an_address_is_canonical_where_its_upper_bits_are_alike() {
    for mode in Mode::BEST_FIRST {
        let half = 1_u64 << (mode.virtual_bits() - 1);
        for (address, canonical) in [
            (0, true),
            (half - 1, true),
            (half, false),
            (half.wrapping_neg() - 1, false),
            (half.wrapping_neg(), true),
            (u64::MAX, true),
            (1 << 63, false),
        ] {
            assert_eq!(mode.is_canonical(VirtAddr::new(address)), canonical, "{address:#x} in {mode}");
        }
    }
}

#[test]
fn the_largest_leaf_is_an_entry_of_the_root() {
    let largest = Mode::BEST_FIRST.map(|mode| mode.largest_leaf().bytes());
    assert_eq!(largest, [1 << 48, 1 << 39, 1 << 30]);
    assert_eq!(LeafSize::ALL.map(LeafSize::bytes), [1 << 12, 1 << 16, 1 << 21, 1 << 30, 1 << 39, 1 << 48]);
    assert_eq!(LeafSize::ALL.map(LeafSize::name), ["4K", "64K", "2M", "1G", "512G", "256T"]);
}

#[test]
fn entries_have_the_bits_of_the_specification() {
    // Page 0x80203 in bits 53:10; D A G . X W R V.
    let target = PhysAddr::new(0x8020_3000);
    let bits = |access| Entry::leaf(target, access).bits();
    assert_eq!(bits(Access::ReadOnly), 0x80203 << 10 | 0b1110_0011);
    assert_eq!(bits(Access::ReadWrite), 0x80203 << 10 | 0b1110_0111);
    assert_eq!(bits(Access::ReadExecute), 0x80203 << 10 | 0b1110_1011);
    assert_eq!(Entry::table(target).bits(), 0x80203 << 10 | 1);
    let highest = PhysAddr::new((1 << 56) - 4096);
    assert_eq!(Entry::table(highest).bits(), ((1 << 44) - 1) << 10 | 1);
    assert_eq!(Entry::leaf(highest, Access::ReadOnly).target(), highest);
}

#[test]
fn a_leaf_of_64_kib_has_the_bits_of_svnapot() {
    // N is bit 63. Of the page number's low bits, 1000 says 64 KiB; those above are the target's.
    let leaf = Entry::leaf(PhysAddr::new(0x8021_0000), Access::ReadWrite);
    assert_eq!(leaf.formatted(LeafFormat::Napot, LeafSize::K64).bits(), 0x8000_0000_2008_60e7);
    assert_eq!(0x8000_0000_2008_60e7_u64, 1 << 63 | 0x80218 << 10 | 0b1110_0111);
    for size in LeafSize::ALL.into_iter().filter(|size| *size != LeafSize::K64) {
        assert_eq!(leaf.formatted(LeafFormat::Napot, size), leaf, "{size}");
    }
}

#[test]
fn a_leaf_for_t_head_says_that_it_maps_ordinary_memory() {
    // Strongly ordered 63 and trusted 59 clear; cacheable 62, bufferable 61, shareable 60 set.
    let leaf = Entry::leaf(PhysAddr::new(0x4000_0000), Access::ReadExecute);
    for size in LeafSize::BY_LEVEL {
        assert_eq!(leaf.formatted(LeafFormat::Thead, size).bits(), 0x7000_0000_1000_00eb, "{size}");
        assert_eq!(leaf.formatted(LeafFormat::Plain, size), leaf, "{size}");
    }
    assert_eq!(0x7000_0000_1000_00eb_u64, 1 << 62 | 1 << 61 | 1 << 60 | 0x40000 << 10 | 0b1110_1011);
}

#[test]
fn a_leaf_states_its_memory_type_where_the_format_has_one() {
    use MemoryType::{Device, Ordinary, Uncached};
    let leaf = Entry::leaf(PhysAddr::new(0x1000_0000), Access::ReadWrite);
    let low = 0x0400_00e7;
    assert_eq!((leaf.bits(), low), (low, 0x10000 << 10 | 0b1110_0111));
    // T-Head: strongly ordered 63, cacheable 62, bufferable 61, shareable 60. Svpbmt: 62 is IO, 61
    // NC.
    let thead = [(Ordinary, 0b0111 << 60), (Uncached, 0b0011 << 60), (Device, 0b1001 << 60)];
    let svpbmt = [(Ordinary, 0), (Uncached, 1 << 61), (Device, 1 << 62)];
    for (format, types) in [
        (LeafFormat::Thead, thead),
        (LeafFormat::Svpbmt, svpbmt),
        (LeafFormat::NapotSvpbmt, svpbmt),
        // The place itself has a memory type.
        (LeafFormat::Plain, svpbmt.map(|(memory, _)| (memory, 0))),
        (LeafFormat::Napot, svpbmt.map(|(memory, _)| (memory, 0))),
    ] {
        for (memory, upper) in types {
            assert_eq!(leaf.of_type(memory, format).bits(), upper | low, "{format:?}, {memory:?}");
        }
    }
    // A leaf of 64 KiB keeps its size.
    let large = leaf.formatted(LeafFormat::NapotSvpbmt, LeafSize::K64);
    let large = large.of_type(Device, LeafFormat::NapotSvpbmt);
    assert_eq!(large.bits(), 1 << 63 | 1 << 62 | 0b1000 << 10 | low);
}

#[test]
fn a_label_lies_in_rsw_alone() {
    let leaf = Entry::leaf(PhysAddr::new(0x8000_0000), Access::ReadOnly);
    for number in 0..4 {
        let label = Label::new(number).expect("below 4");
        let labelled = leaf.labelled(label);
        assert_eq!(labelled.bits() ^ leaf.bits(), u64::from(number) << 8);
        assert_eq!((labelled.label(), labelled.access()), (label, leaf.access()));
    }
    assert_eq!(Label::new(4), None);
}

#[test]
fn satp_has_room_for_an_asid() {
    let satp = Satp::new(Mode::Sv48, PhysAddr::new(0x8000_0000));
    let with = satp.with_asid(0xabcd);
    assert_eq!(with.bits(), 9 << 60 | 0xabcd << 44 | 0x8_0000);
    assert_eq!((with.asid(), with.mode(), with.root()), (0xabcd, satp.mode(), satp.root()));
    assert_eq!(with.with_asid(0), satp);
}

#[test]
fn one_encoding_alone_is_64_kib() {
    for low in 0..16_u64 {
        let bits = 0x8020 << 14 | low << 10 | 0xe3;
        assert_eq!(Entry::from_bits(1 << 63 | bits).is_napot(), low == 0b1000, "{low:#06b}");
        assert!(!Entry::from_bits(bits).is_napot(), "{low:#06b}");
    }
}

#[test]
fn an_entry_tells_what_it_was_made_of() {
    for access in [Access::ReadOnly, Access::ReadWrite, Access::ReadExecute] {
        let entry = Entry::leaf(PhysAddr::new(0x5000), access);
        assert_eq!((entry.is_valid(), entry.is_leaf(), entry.access()), (true, true, Some(access)));
    }
    let pointer = Entry::table(PhysAddr::new(0x5000));
    assert_eq!((pointer.is_valid(), pointer.is_leaf(), pointer.access()), (true, false, None));
    assert!(!Entry::INVALID.is_valid());
}

#[test]
fn satp_holds_mode_and_page_number() {
    let root = PhysAddr::new(0x8020_3000);
    assert_eq!(Satp::new(Mode::Sv39, root).bits(), 0x8000_0000_0008_0203);
    assert_eq!(Satp::new(Mode::Sv48, root).bits(), 0x9000_0000_0008_0203);
    assert_eq!(Satp::new(Mode::Sv57, root).bits(), 0xa000_0000_0008_0203);
}

#[test]
fn a_sum_of_an_address_never_wraps_unless_it_says_so() {
    let (low, high) = (VirtAddr::new(0x1000), VirtAddr::new(u64::MAX - 0xfff));
    assert_eq!((low + 0x1000, low - 0x1000), (VirtAddr::new(0x2000), VirtAddr::new(0)));
    assert_eq!(high - low, u64::MAX - 0x1fff);
    assert_eq!((high.checked_add(0x1000), high.checked_add(0xfff)), (None, Some(VirtAddr::new(u64::MAX))));
    assert_eq!((low.checked_sub(0x1001), low.checked_offset_from(high)), (None, None));
    assert_eq!(high.checked_align_up(0x1000), Some(high));
    assert_eq!(VirtAddr::new(u64::MAX).checked_align_up(0x1000), None);
    assert_eq!(high.wrapping_add(0x1000), VirtAddr::new(0));
    assert_eq!(low.wrapping_sub(0x1001), VirtAddr::new(u64::MAX));
    for panics in [|| VirtAddr::new(u64::MAX) + 1, || VirtAddr::new(0) - 1] {
        assert!(std::panic::catch_unwind(panics).is_err());
    }
    assert!(std::panic::catch_unwind(|| PhysAddr::new(0) - PhysAddr::new(1)).is_err());
}

#[test]
fn both_ranges_have_the_same_ends() {
    use landfall_paging::{PhysRange, VirtRange};

    let virt = VirtRange::new(VirtAddr::new(u64::MAX - 0xfff), 0x2000);
    let phys = PhysRange::new(PhysAddr::new(u64::MAX - 0xfff), 0x2000);
    assert_eq!((virt.size(), virt.end().get()), (phys.size(), phys.end().get()));
    assert_eq!((virt.size(), virt.end().get()), (0xfff, u64::MAX), "the last byte is in no range");
    assert!(virt.contains_address(VirtAddr::new(u64::MAX - 1)));
    assert!(!virt.contains_address(VirtAddr::new(u64::MAX)) && !virt.contains_address(VirtAddr::new(0)));
    let page = |start| VirtRange::new(VirtAddr::new(start), 0x1000);
    assert!(VirtRange::between(VirtAddr::new(0x1000), VirtAddr::new(0x3000)).contains(page(0x2000)));
    assert!(!page(0x1000).contains(page(0x1800)) && page(0x1000).overlaps(page(0x1800)));
    assert!(page(0x1000).contains(VirtRange::EMPTY) && !VirtRange::EMPTY.contains(page(0x1000)));
    assert_eq!(page(0x1800).pages_within(), VirtRange::new(VirtAddr::new(0x2000), 0));
    assert_eq!(page(0x1800).pages_touched(), VirtRange::new(VirtAddr::new(0x1000), 0x2000));
}

#[test]
fn satp_gives_back_mode_and_root() {
    for mode in Mode::BEST_FIRST {
        let root = PhysAddr::new(0x8_7654_3000);
        let satp = Satp::new(mode, root);
        assert_eq!((satp.mode(), satp.root()), (mode, root));
    }
}

#[test]
fn an_access_has_the_name_that_reports_print() {
    let names = [Access::ReadOnly, Access::ReadWrite, Access::ReadExecute].map(Access::name);
    assert_eq!(names, ["R--", "RW-", "R-X"]);
}

#[test]
fn svpbmt_adds_memory_types_to_the_formats_of_the_specification() {
    for (format, with) in [
        (LeafFormat::Plain, LeafFormat::Svpbmt),
        (LeafFormat::Napot, LeafFormat::NapotSvpbmt),
        (LeafFormat::Svpbmt, LeafFormat::Svpbmt),
        (LeafFormat::NapotSvpbmt, LeafFormat::NapotSvpbmt),
        (LeafFormat::Thead, LeafFormat::Thead),
    ] {
        assert_eq!(format.with_svpbmt(), with);
    }
}

#[test]
fn a_leaf_that_has_its_format_keeps_it() {
    for format in [LeafFormat::Plain, LeafFormat::Napot, LeafFormat::NapotSvpbmt, LeafFormat::Thead] {
        let leaf = Entry::leaf(PhysAddr::new(0x8001_0000), Access::ReadWrite);
        let once = leaf.formatted(format, LeafSize::K64);
        assert_eq!(once.formatted(format, LeafSize::K64), once, "{format:?}");
    }
}
