//! Regions, parts and splits of address spaces that are known by heart.

use landfall_audit::region::{Cause, MOST_REGIONS, REST, Region, Split};
use landfall_audit::{Kind, Known, LeafSize, Mode, PAGE, Phys, Span, Virt, linux};

use crate::machine::{A, D, IO, KERNEL, Machine, R, U, V, W, X};

const IMAGE: u64 = 0xffff_ffff_8000_0000;
const MODULE: u64 = 0xffff_ffff_0123_4000;
const LINEAR: u64 = 0xffff_ffd6_0000_0000;
const VMALLOC: u64 = 0xffff_ffc6_0000_0000;
const RAM: u64 = 0x8000_0000;

/// Something like a Linux in sv39: a linear map, an image, a module, a stack, a UART and a process.
/// The linear map has 1 GiB and 4 MiB, with read-only text at 4 MiB.
fn linux_like() -> Machine {
    let mut machine = Machine::new(Mode::Sv39);
    machine.map(LINEAR, RAM, 1, 2, R | W | KERNEL);
    machine.map(LINEAR + (4 << 20), RAM + (4 << 20), 1, 1, R | KERNEL);
    machine.map(LINEAR + (6 << 20), RAM + (6 << 20), 1, 509, R | W | KERNEL);
    machine.map(LINEAR + (1 << 30), RAM + (1 << 30), 0, 1024, R | W | KERNEL);
    machine.map(IMAGE, RAM + (4 << 20), 1, 1, R | X | KERNEL);
    machine.map(IMAGE + (2 << 20), RAM + (6 << 20), 1, 1, R | W | KERNEL);
    machine.map(MODULE, RAM + 0x1000, 0, 2, R | X | KERNEL);
    machine.map(VMALLOC, RAM + 0x8000, 0, 4, R | W | KERNEL);
    machine.map(VMALLOC + 0x10_0000, 0x1000_0000, 0, 1, R | W | KERNEL | IO);
    machine.map(0x1_0000, RAM + 0x7000, 0, 1, V | R | X | U | A);
    machine.map(0x3f_ffff_f000, RAM + 0x6000, 0, 1, V | R | W | U | A | D);
    machine
}

fn kinds(regions: &[Region]) -> Vec<(Kind, &str, u64, u64)> {
    regions.iter().map(|region| (region.kind, region.name.as_str(), region.start.0, region.mapped)).collect()
}

#[test]
fn regions_are_found_by_shape() {
    let audit = linux_like().audit(Known::default());
    assert_eq!(
        kinds(&audit.roots[0].regions),
        [
            (Kind::User, "user", 0x1_0000, 0x2000),
            (Kind::Dynamic, "dynamic", VMALLOC, 0x4000),
            (Kind::Devices, "devices", VMALLOC + 0x10_0000, 0x1000),
            (Kind::LinearMap, "linear-map", LINEAR, (1 << 30) + (4 << 20)),
            (Kind::Modules, "modules", MODULE, 0x2000),
            (Kind::Image, "image", IMAGE, 4 << 20),
        ]
    );
}

#[test]
fn the_kernel_s_own_pages_of_the_lower_half_are_no_user_regions() {
    let mut machine = Machine::new(Mode::Sv39);
    machine.map(0x1_0000, RAM + 0x5000, 0, 1, R | W | U | A | D | V);
    machine.map(0x3f_ffff_f000, RAM + 0x6000, 0, 1, R | X | KERNEL);
    let audit = machine.audit(Known::default());
    let found = kinds(&audit.roots[0].regions);
    let right = [(Kind::User, "user", 0x1_0000, 0x1000), (Kind::Other, "other", 0x3f_ffff_f000, 0x1000)];
    assert_eq!(found, right);
    // The summary of user mode hides no page of the kernel's.
    let text = audit.text(landfall_audit::UserRegions::Summary).to_string();
    assert!(text.contains("0x0000003ffffff000") && !text.contains("2 regions"), "{text}");
    assert_eq!(audit.findings.total(), 0);
}

#[test]
fn devices_are_found_by_the_ram_that_is_known() {
    let mut machine = Machine::new(Mode::Sv39);
    machine.map(VMALLOC, 0x1000_0000, 0, 1, R | W | KERNEL);
    let ram = vec![Span::new(Phys(RAM), 1 << 30)];
    assert_eq!(machine.audit(Known { ram, ..Known::default() }).roots[0].regions[0].kind, Kind::Devices);
    assert_eq!(machine.audit(Known::default()).roots[0].regions[0].kind, Kind::Dynamic);
    // Registers with more bytes than the linear map, which begins before the RAM.
    machine.map(VMALLOC + (4 << 30), 0x3000_0000, 1, 640, R | W | KERNEL);
    machine.map(LINEAR, RAM - (2 << 20), 1, 2, R | W | KERNEL);
    let ram = vec![Span::new(Phys(RAM + PAGE), PAGE), Span::new(Phys(RAM), PAGE)];
    let kinds = |audit: &landfall_audit::Audit| {
        audit.roots[0].regions.iter().map(|region| region.kind).collect::<Vec<_>>()
    };
    let audit = machine.audit(Known { ram, ..Known::default() });
    assert_eq!(kinds(&audit), [Kind::Devices, Kind::LinearMap]);
}

#[test]
fn regions_have_the_names_of_a_layout_and_parts_those_of_symbols() {
    let names = [(Virt(IMAGE), "head and text".to_owned()), (Virt(IMAGE + (2 << 20)), "data".to_owned())];
    let known = Known { layout: linux::layout(Mode::Sv39), names: names.into(), ..Known::default() };
    let audit = linux_like().audit(known);
    let regions = &audit.roots[0].regions;
    let names: Vec<_> = regions.iter().map(|region| (region.kind, region.name.as_str())).collect();
    assert_eq!(
        names,
        [
            (Kind::User, "user"),
            (Kind::Dynamic, "vmalloc/ioremap"),
            (Kind::LinearMap, "direct mapping"),
            (Kind::Modules, "modules, BPF"),
            (Kind::Image, "kernel"),
        ]
    );
    let parts: Vec<_> = regions[4].parts.iter().map(|part| part.name.as_deref()).collect();
    assert_eq!(parts, [Some("head and text"), Some("data")]);
}

#[test]
fn a_region_has_its_leaves_parts_tables_and_offset() {
    let audit = linux_like().audit(Known::default());
    let root = &audit.roots[0];
    let linear = &root.regions[3];
    assert_eq!(linear.leaves.to_string(), "512 x 2M + 1024 x 4K");
    assert_eq!(linear.offset, Some(LINEAR - RAM));
    let parts: Vec<_> =
        linear.parts.iter().map(|part| (part.virt.0 - LINEAR, part.size, part.attributes.access())).collect();
    let mib = 1 << 20;
    // The last part goes on from leaves of 2 MiB to those of 4 KiB.
    let right = [(0, 4 * mib, "RW-"), (4 * mib, 2 * mib, "R--"), (6 * mib, 1022 * mib, "RW-")];
    assert_eq!(parts, right.map(|(start, size, access)| (start, size, access.to_owned())));
    // Two tables of 2 MiB leaves, and two of 4 KiB leaves.
    assert_eq!(linear.tables, 4);
    assert_eq!(root.tables, audit.cost.tables);
    // The root alone, and the tables that the stack shares with the UART.
    let owned: u64 = root.regions.iter().map(|region| region.tables).sum();
    assert_eq!((root.tables_of_several, root.tables_of_none), (root.tables - owned, 0));
    assert_eq!(audit.roots[0].leaves()[LeafSize::M2], 514);
}

#[test]
fn a_split_names_the_larger_leaf_and_each_obstacle() {
    let audit = linux_like().audit(Known::default());
    let splits = &audit.roots[0].regions[3].splits;
    let split = |start, blocks, leaf, causes: &[Cause]| Split {
        start: Virt(start),
        blocks,
        leaf,
        causes: causes.to_vec(),
    };
    let text = Cause::Permission(Virt(LINEAR + (4 << 20)));
    let hole = Cause::Hole(Virt(LINEAR + (1 << 30) + (4 << 20)));
    let k64 = |causes: &[Cause]| split(LINEAR + (1 << 30), 64, LeafSize::K64, causes);
    assert_eq!(
        splits.listed,
        [
            split(LINEAR, 1, LeafSize::G1, &[text]),
            split(LINEAR + (1 << 30), 1, LeafSize::G1, &[hole]),
            split(LINEAR + (1 << 30), 2, LeafSize::M2, &[Cause::Nothing]),
            k64(&[Cause::Nothing]),
        ]
    );
    assert_eq!((splits.blocks, splits.free), (68, 66));
}

#[test]
fn each_obstacle_to_a_larger_leaf_is_found() {
    let causes = |change: fn(&mut Machine)| {
        let mut machine = Machine::new(Mode::Sv39);
        machine.map(LINEAR, RAM, 0, 1024, R | W | KERNEL);
        change(&mut machine);
        let audit = machine.audit(Known::default());
        let regions = &audit.roots[0].regions;
        let linear = regions.iter().find(|region| region.kind == Kind::LinearMap).expect("the linear map");
        let m2 = linear.splits.listed.iter().filter(|split| split.leaf == LeafSize::M2);
        m2.map(|split| (split.blocks, split.causes.clone())).collect::<Vec<_>>()
    };
    let at = |page: u64| Virt(LINEAR + page * 4096);
    let with = |cause: Cause| vec![(1, vec![cause]), (1, vec![Cause::Nothing])];
    assert_eq!(causes(|_| ()), [(2, vec![Cause::Nothing])]);
    let unmapped: fn(&mut Machine) = |machine| machine.set(LINEAR + 7 * 4096, 0, 0);
    assert_eq!(causes(unmapped), with(Cause::Hole(at(7))));
    assert_eq!(
        causes(|machine| machine.map(LINEAR + 7 * 4096, RAM + 7 * 4096, 0, 1, R | KERNEL)),
        with(Cause::Permission(at(7)))
    );
    assert_eq!(
        causes(|machine| machine.map(LINEAR + 7 * 4096, RAM + 7 * 4096, 0, 1, V | R | W | A | D)),
        with(Cause::Attribute(at(7)))
    );
    let shifted = |machine: &mut Machine| machine.map(LINEAR, RAM + 4096, 0, 1024, R | W | KERNEL);
    assert_eq!(causes(shifted), [(2, vec![Cause::Alignment])]);
}

#[test]
fn other_memory_and_other_regions_prevent_a_larger_leaf() {
    let mut machine = Machine::new(Mode::Sv39);
    machine.map(LINEAR, RAM, 0, 1024, R | W | KERNEL);
    // Other memory, by its offset of another region.
    machine.map(LINEAR + 9 * 4096, RAM, 0, 1, R | W | KERNEL);
    let audit = machine.audit(Known::default());
    let regions = &audit.roots[0].regions;
    assert_eq!(
        regions.iter().map(|region| region.kind).collect::<Vec<_>>(),
        [Kind::LinearMap, Kind::Dynamic, Kind::LinearMap]
    );
    let split = &regions[2].splits.listed[0];
    assert_eq!(
        (split.start, &split.causes[..]),
        (Virt(LINEAR), &[Cause::Offset(Virt(LINEAR + 9 * 4096))][..])
    );
}

#[test]
fn mappings_beyond_the_limit_of_regions_are_a_region_of_their_own() {
    let regions = |pages: u64| {
        let mut machine = Machine::new(Mode::Sv39);
        machine.map(IMAGE, RAM, 0, 2, R | X | KERNEL);
        for page in 0..pages {
            // Code and data by turns; each has an offset of its own.
            let flags = if page % 2 == 0 { R | X } else { R | W };
            machine.map(VMALLOC + page * 8192, RAM + (1 << 30), 0, 1, flags | KERNEL);
        }
        machine.audit(Known::default()).roots.remove(0).regions
    };
    let all = regions(MOST_REGIONS as u64 - 1);
    assert_eq!((all.len(), all[MOST_REGIONS - 1].kind), (MOST_REGIONS, Kind::Image));
    let cut = regions(MOST_REGIONS as u64 + 10);
    assert_eq!((cut.len(), cut[MOST_REGIONS - 2].kind), (MOST_REGIONS, Kind::Modules));
    let rest = &cut[MOST_REGIONS - 1];
    // The last of the limit, ten more, and the image.
    assert_eq!((rest.kind, rest.name.as_str(), rest.mapped), (Kind::Other, REST, 13 * 4096));
}
