//! Each response, as a kernel reads it.

mod machine;

use landfall_limine::{
    Executable, Facts, Firmware, HartFacts, HartRecord, Loader, MemoryKind, MemoryRange, Performance,
    Refusal, Requests, Room, answer,
};
use landfall_paging::{Mode, PhysAddr, PhysRange, VirtAddr};
use machine::{HHDM, KERNEL, Kernel, ROOM};

/// Facts about the place of the kernel alone.
const PLACED: Facts<'static> = Facts {
    hhdm_offset: HHDM,
    executable: Executable { phys: PhysAddr::new(0x8123_4000), virt: VirtAddr::new(KERNEL) },
    ..Facts::UNKNOWN
};

/// A kernel of base revision 6 with one request.
fn asking(id: [u64; 2]) -> Kernel {
    Kernel::of_revision(6).request(id, 0, &[])
}

fn range(start: u64, size: u64) -> PhysRange {
    PhysRange::new(PhysAddr::new(start), size)
}

#[test]
fn what_is_not_known_has_no_response() {
    for id in [
        machine::FRAMEBUFFER,
        machine::MEMORY,
        machine::FILE,
        machine::MODULES,
        machine::RSDP,
        machine::SMBIOS,
        machine::SYSTEM_TABLE,
        machine::EFI_MEMORY,
        machine::DATE,
        machine::TREE,
        machine::PERFORMANCE,
        machine::FREQUENCY,
    ]
    .into_iter()
    .chain(machine::UNANSWERED)
    {
        let machine = asking(id).answer(&PLACED).expect("answers");
        assert_eq!(machine.response(id), None, "{id:x?}");
    }
    let kernel = Kernel::of_revision(6).request(machine::ENTROPY, 0, &[4]);
    assert_eq!(kernel.answer(&PLACED).expect("answers").response(machine::ENTROPY), None);
}

#[test]
fn an_unknown_request_stays_as_it_is() {
    let unknown = [1, 2];
    assert_eq!(asking(unknown).answer(&PLACED).expect("answers").response(unknown), None);
}

#[test]
fn a_request_of_a_revision_to_come_is_answered() {
    let kernel = Kernel::of_revision(6).request(machine::LINEAR, u64::MAX, &[]);
    assert_eq!(kernel.answer(&PLACED).expect("answers").answer(machine::LINEAR), [0, HHDM]);
}

#[test]
fn numbers_are_those_of_the_facts() {
    let facts = Facts {
        mode: Mode::Sv57,
        boot_hart: 7,
        stack_size: 0x1_0000,
        firmware: Firmware::Efi,
        date: Some(-5),
        timer_frequency: Some(10_000_000),
        performance: Some(Performance { reset: 1, loader: 2, kernel: 3 }),
        ..PLACED
    };
    let kernel = Kernel::of_revision(6)
        .request(machine::LINEAR, 0, &[])
        .request(machine::MODE, 0, &[2])
        .request(machine::BOOT_HART, 0, &[])
        .request(machine::FIRMWARE, 0, &[])
        .request(machine::DATE, 0, &[])
        .request(machine::FREQUENCY, 0, &[])
        .request(machine::PERFORMANCE, 0, &[])
        .request(machine::ADDRESS, 0, &[]);
    let machine = kernel.answer(&facts).expect("answers");
    assert_eq!(machine.answer(machine::LINEAR), [0, HHDM]);
    assert_eq!(machine.answer(machine::MODE), [0, 2]);
    assert_eq!(machine.answer(machine::BOOT_HART), [0, 7]);
    assert_eq!(machine.answer(machine::FIRMWARE), [0, 2]);
    assert_eq!(machine.answer(machine::DATE), [0, u64::MAX - 4]);
    assert_eq!(machine.answer(machine::FREQUENCY), [0, 10_000_000]);
    assert_eq!(machine.answer(machine::PERFORMANCE), [0, 1, 2, 3]);
    assert_eq!(machine.answer(machine::ADDRESS), [0, 0x8123_4000, KERNEL]);
    let sbi = asking(machine::FIRMWARE).answer(&PLACED).expect("answers");
    assert_eq!(sbi.answer(machine::FIRMWARE), [0, 3]);
}

#[test]
fn texts_are_ascii_and_end_with_a_zero() {
    let facts = Facts {
        loader: Loader { name: "Landfall", version: "1.2" },
        command_line: "quiet caf\u{e9}\0hidden".as_bytes(),
        ..PLACED
    };
    let kernel = asking(machine::LOADER).request(machine::LINE, 0, &[]);
    let machine = kernel.answer(&facts).expect("answers");
    let [0, name, version] = machine.answer(machine::LOADER) else { panic!("another revision") };
    assert_eq!((machine.text(name).as_str(), machine.text(version).as_str()), ("Landfall", "1.2"));
    let [0, line] = machine.answer(machine::LINE) else { panic!("another revision") };
    assert_eq!(machine.text(line), "quiet caf??");
}

#[test]
fn a_stack_size_has_a_response_if_the_stacks_have_that_size() {
    let facts = Facts { stack_size: 0x2_0000, ..PLACED };
    for (size, granted) in [(0, true), (0x2_0000, true), (0x2_0001, false), (u64::MAX, false)] {
        let kernel = Kernel::of_revision(6).request(machine::STACK, 0, &[size]);
        let response = kernel.answer(&facts).expect("answers").response(machine::STACK);
        assert_eq!(response.is_some(), granted, "{size:#x}");
    }
}

#[test]
fn an_entry_must_lie_in_the_kernel() {
    let kernel = |entry| Kernel::of_revision(6).request(machine::ENTRY, 0, &[entry]);
    let size = kernel(0).bytes().len() as u64;
    for entry in [KERNEL, KERNEL + size - 1] {
        let machine = kernel(entry).answer(&PLACED).expect("answers");
        assert_eq!(machine.answer(machine::ENTRY), [0]);
    }
    for entry in [0, KERNEL - 1, KERNEL + size, u64::MAX] {
        let entry_refused = Refusal::Entry { entry: VirtAddr::new(entry) };
        assert_eq!(kernel(entry).answer(&PLACED).expect_err("refused"), entry_refused);
    }
}

#[test]
fn the_memory_map_has_the_kinds_of_its_revision() {
    let kinds = [
        (MemoryKind::Usable, 0),
        (MemoryKind::Reserved, 1),
        (MemoryKind::AcpiReclaimable, 2),
        (MemoryKind::AcpiNvs, 3),
        (MemoryKind::BadMemory, 4),
        (MemoryKind::LoaderReclaimable, 5),
        (MemoryKind::ExecutableAndModules, 6),
        (MemoryKind::Framebuffer, 7),
        (MemoryKind::ReservedMapped, 8),
    ];
    let map: Vec<_> = (1..)
        .zip(kinds)
        .map(|(index, (kind, _))| MemoryRange { range: range(index << 20, 0x1000 * index), kind })
        .collect();
    let facts = Facts { memory: &map, ..PLACED };
    for revision in 3..=6 {
        let kernel = Kernel::of_revision(revision).request(machine::MEMORY, 0, &[]);
        let machine = kernel.answer(&facts).expect("answers");
        let [0, count, entries] = machine.answer(machine::MEMORY) else { panic!("another revision") };
        let found: Vec<[u64; 3]> =
            machine.array(entries, count).into_iter().map(|entry| machine.words(entry)).collect();
        let number = |number| if number == 8 && revision == 3 { 1 } else { number };
        let expected: Vec<_> =
            (1..).zip(kinds).map(|(at, (_, kind))| [at << 20, 0x1000 * at, number(kind)]).collect();
        assert_eq!(found, expected);
    }
}

#[test]
fn harts_wait_in_records_with_their_stacks() {
    let hart = |id: u64| HartFacts { id, acpi_uid: id + 100, stack: VirtAddr::new(0x9000 * id) };
    let harts = [hart(4), hart(2), hart(9)];
    let facts = Facts { harts: &harts, boot_hart: 2, ..PLACED };
    let kernel = Kernel::of_revision(6).request(machine::MP, 0, &[0]);
    let machine = kernel.answer(&facts).expect("answers");
    let [0, 0, 2, 3, records] = machine.answer(machine::MP) else { panic!("another response") };
    let found: Vec<[u64; 5]> = machine.array(records, 3).into_iter().map(|at| machine.words(at)).collect();
    assert_eq!(found, [4, 2, 9].map(|id| [id + 100, id, 0x9000 * id, 0, 0]));

    // The loader gets the same addresses.
    let requests = kernel.find().expect("no fault").expect("a tag");
    let (mut image, mut memory) = (kernel.bytes(), vec![0; 0x1000]);
    let answers = answer(&requests, &mut image, &facts, &mut Room::new(&mut memory, VirtAddr::new(ROOM)));
    let answers = answers.expect("answers");
    let record = |virt| HartRecord { virt: VirtAddr::new(virt) };
    let known: Vec<_> = (0..4).map(|index| answers.hart(index)).collect();
    let expected = machine.array(records, 3).into_iter().map(|at| Some(record(at))).chain([None]);
    assert_eq!(known, expected.collect::<Vec<_>>());
}

#[test]
fn harts_without_the_boot_hart_are_refused() {
    let harts = [HartFacts { id: 1, acpi_uid: 0, stack: VirtAddr::new(0) }];
    let kernel = Kernel::of_revision(6).request(machine::MP, 0, &[0]);
    for harts in [&harts[..], &[]] {
        let facts = Facts { harts, boot_hart: 3, ..PLACED };
        assert_eq!(kernel.answer(&facts).expect_err("refused"), Refusal::NoBootHart { hart: 3 });
    }
}

#[test]
fn a_kernel_gets_as_many_random_numbers_as_there_are() {
    let facts = Facts { entropy: &[11, 12, 13], ..PLACED };
    for (wanted, expected) in [(0, &[][..]), (2, &[11, 12]), (3, &[11, 12, 13]), (u64::MAX, &[11, 12, 13])] {
        let kernel = Kernel::of_revision(6).request(machine::ENTROPY, 0, &[wanted]);
        let machine = kernel.answer(&facts).expect("answers");
        let [0, count, values] = machine.answer(machine::ENTROPY) else { panic!("another revision") };
        assert_eq!((machine.array(values, count).as_slice(), values == 0), (expected, wanted == 0));
    }
}

#[test]
fn memory_that_is_too_small_changes_nothing_in_the_kernel() {
    let kernel = asking(machine::LINEAR).request(machine::LOADER, 0, &[]);
    let requests = kernel.find().expect("no fault").expect("a tag");
    let needed = landfall_limine::needed(&requests, &kernel.bytes(), &PLACED).expect("a size");
    for size in 0..needed {
        let (mut image, mut memory) = (kernel.bytes(), vec![0; size]);
        let mut room = Room::new(&mut memory, VirtAddr::new(ROOM));
        let refusal = answer(&requests, &mut image, &PLACED, &mut room).expect_err("refused");
        assert_eq!(refusal, Refusal::Room { needed });
        assert_eq!(image, kernel.bytes());
    }
}

#[test]
fn another_image_than_the_searched_one_is_refused() {
    let requests: Requests = asking(machine::LINEAR).find().expect("no fault").expect("a tag");
    let mut memory = vec![0; 0x1000];
    let mut room = Room::new(&mut memory, VirtAddr::new(ROOM));
    let refusal = answer(&requests, &mut [0; 16], &PLACED, &mut room).expect_err("refused");
    assert_eq!(refusal, Refusal::OtherImage);
}
