//! Files: the kernel's own, modules, and those that the kernel names.

mod machine;

use landfall_limine::{Executable, Facts, File, Refusal};
use landfall_paging::{PhysAddr, PhysRange, VirtAddr};
use machine::{HHDM, KERNEL, Kernel, Machine};

const PLACED: Facts<'static> = Facts {
    hhdm_offset: HHDM,
    executable: Executable { phys: PhysAddr::new(0x8123_4000), virt: VirtAddr::new(KERNEL) },
    ..Facts::UNKNOWN
};

fn file(start: u64, path: &'static str, text: &'static str) -> File<'static> {
    let range = PhysRange::new(PhysAddr::new(start), 0x1234);
    File { range, path: path.as_bytes(), text: text.as_bytes() }
}

/// Reads a description: the address, the path and the text. All else is 0.
fn described(machine: &Machine, at: u64) -> (u64, String, String) {
    let [revision, address, size, path, text, rest @ ..] = machine.words::<14>(at);
    assert_eq!((revision, size, rest), (0, 0x1234, [0; 9]));
    (address, machine.text(path), machine.text(text))
}

fn modules(machine: &Machine) -> Vec<(u64, String, String)> {
    let [revision, count, list] = machine.answer(machine::MODULES);
    // Revision 1 finds internal modules, and unpacks none.
    assert_eq!(revision, 1);
    machine.array(list, count).into_iter().map(|at| described(machine, at)).collect()
}

/// A kernel with internal modules: path, text, flags.
fn with_internal(internal: &[(&str, Option<&str>, u64)]) -> Kernel {
    of_revision(1, internal)
}

/// The same, with a request of this revision.
fn of_revision(revision: u64, internal: &[(&str, Option<&str>, u64)]) -> Kernel {
    let mut kernel = Kernel::of_revision(6);
    let list: Vec<u64> = internal
        .iter()
        .map(|(path, text, flags)| {
            let path = kernel.add(format!("{path}\0").as_bytes());
            let text = text.map_or(0, |text| kernel.add(format!("{text}\0").as_bytes()));
            kernel.add(&[path, text, *flags].map(u64::to_le_bytes).concat())
        })
        .collect();
    let count = list.len() as u64;
    let list = kernel.add(&list.into_iter().flat_map(u64::to_le_bytes).collect::<Vec<_>>());
    kernel.request(machine::MODULES, revision, &[count, list])
}

#[test]
fn the_file_of_the_kernel_has_the_command_line_as_its_text() {
    let own = Some(file(0x9000_0000, "/kernel", "not this"));
    let facts = Facts { executable_file: own, command_line: b"quiet", ..PLACED };
    let kernel = Kernel::of_revision(6).request(machine::FILE, 0, &[]).request(machine::LINE, 0, &[]);
    let machine = kernel.answer(&facts).expect("answers");
    let [0, at] = machine.answer(machine::FILE) else { panic!("another revision") };
    let expected = (0x9000_0000_u64.wrapping_add(HHDM), "/kernel".to_owned(), "quiet".to_owned());
    assert_eq!(described(&machine, at), expected);
    // One text, not two equal ones.
    assert_eq!(machine.word(at + 32), machine.answer::<2>(machine::LINE)[1]);
}

#[test]
fn modules_keep_their_order() {
    let all = [file(0x9000_0000, "/one", "1"), file(0x9001_0000, "/two", "")];
    let facts = Facts { modules: &all, ..PLACED };
    let machine = Kernel::of_revision(6).request(machine::MODULES, 0, &[]).answer(&facts).expect("answers");
    let names: Vec<_> = modules(&machine).into_iter().map(|(_, path, text)| path + " " + &text).collect();
    assert_eq!(names, ["/one 1", "/two "]);
}

#[test]
fn internal_modules_come_first_with_the_text_of_the_kernel() {
    let all =
        [file(0x9000_0000, "/one", "1"), file(0x9001_0000, "/two", "2"), file(0x9002_0000, "/three", "3")];
    let facts = Facts { modules: &all, ..PLACED };
    let kernel = with_internal(&[("three", Some("mine"), 1), ("absent", Some(""), 0), ("./two", None, 0)]);
    let machine = kernel.answer(&facts).expect("answers");
    let names: Vec<_> = modules(&machine).into_iter().map(|(_, path, text)| path + " " + &text).collect();
    assert_eq!(names, ["/three mine", "/two ", "/one 1"]);
}

#[test]
fn a_file_is_one_module_only() {
    let all = [file(0x9000_0000, "/one", "1")];
    let facts = Facts { modules: &all, ..PLACED };
    let machine =
        with_internal(&[("one", Some("a"), 0), ("one", Some("b"), 0)]).answer(&facts).expect("answers");
    assert_eq!(modules(&machine).len(), 1);
    let kernel = with_internal(&[("one", Some("a"), 1), ("one", Some("b"), 1)]);
    assert_eq!(kernel.answer(&facts).expect_err("refused"), Refusal::NoModule { index: 1 });
}

#[test]
fn a_required_module_that_is_absent_refuses_the_kernel() {
    let kernel = with_internal(&[("absent", Some(""), 0), ("wanted", Some(""), 1)]);
    assert_eq!(kernel.answer(&PLACED).expect_err("refused"), Refusal::NoModule { index: 1 });
    // With a hash behind its name it must be verified.
    let all = [file(0x9000_0000, "/one#00", "")];
    let facts = Facts { modules: &all, ..PLACED };
    let kernel = with_internal(&[("one#00", Some(""), 1)]);
    assert_eq!(kernel.answer(&facts).expect_err("refused"), Refusal::NoModule { index: 0 });
}

#[test]
fn internal_modules_are_read_from_revision_1_on() {
    let wanted = [("wanted", Some(""), 1)];
    assert!(of_revision(0, &wanted).answer(&PLACED).is_ok());
    for revision in [1, 2, u64::MAX] {
        let refusal = of_revision(revision, &wanted).answer(&PLACED).expect_err("refused");
        assert_eq!(refusal, Refusal::NoModule { index: 0 });
    }
}

#[test]
fn a_list_of_modules_that_is_not_in_the_kernel_is_refused() {
    for (count, list) in [(1, 0), (1, KERNEL - 8), (1, KERNEL + 0x1000), (1, u64::MAX), (64, KERNEL)] {
        let kernel = Kernel::of_revision(6).request(machine::MODULES, 1, &[count, list]);
        assert_eq!(
            kernel.answer(&PLACED).expect_err("refused"),
            Refusal::InternalModules,
            "{count} at {list:#x}"
        );
    }
    let kernel = Kernel::of_revision(6).request(machine::MODULES, 1, &[65, KERNEL]);
    assert_eq!(kernel.answer(&PLACED).expect_err("refused"), Refusal::TooManyModules { modules: 65 });
}

#[test]
fn a_text_without_an_end_is_refused() {
    let mut kernel = Kernel::of_revision(6);
    let module = KERNEL + 8 * (kernel.0.len() as u64 + 1);
    let path = module + 8 * (3 + 8);
    let list = kernel.add(&module.to_le_bytes());
    kernel.add(&[path, 0, 0].map(u64::to_le_bytes).concat());
    let kernel = kernel.request(machine::MODULES, 1, &[1, list]);
    // Up to the end of the image, and further than any path.
    for words in [1, 1000] {
        let kernel = kernel.clone().words(&vec![u64::from_le_bytes(*b"no zero!"); words]).words(&[0]);
        let without_zero = Kernel(kernel.0[..kernel.0.len() - 1].to_vec());
        assert_eq!(without_zero.answer(&PLACED).expect_err("refused"), Refusal::InternalModules);
        assert_eq!(kernel.answer(&PLACED).is_err(), words == 1000);
    }
}

#[test]
fn files_begin_at_pages() {
    let all = [file(0x9000_0800, "/one", "")];
    let facts = Facts { modules: &all, ..PLACED };
    assert_eq!(Kernel::of_revision(6).answer(&facts).expect_err("refused"), Refusal::File);
    let facts = Facts { executable_file: Some(all[0]), ..PLACED };
    assert_eq!(Kernel::of_revision(6).answer(&facts).expect_err("refused"), Refusal::File);
}
