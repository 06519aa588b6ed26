//! Modules made wrong on purpose. Each gives the finding that it was made for, and no other.

mod hostile;
mod lines;
mod made;
#[path = "../hostile/memory.rs"]
mod memory;
mod wrong;

use std::fs;
use std::path::Path;

use landfall_inspect::module::{About, Interface};
use landfall_inspect::{Code, Hints, Kind, Subject, inspect};
use object::elf;

use made::{BUILD_ID, Made, PRINT, kernel};

/// The interface of the kernel that the good module was built for.
fn interface() -> Interface {
    let file = kernel(&[&format!("print={PRINT}"), "ticks="], &BUILD_ID);
    Interface::of_kernel(&file).expect("a kernel")
}

/// The findings about a module, with what was found.
fn found(file: &[u8], kernel: Option<Interface>, loaded: Vec<Interface>) -> Vec<(Code, String)> {
    let subject = Subject::read(file).expect("a module");
    assert_eq!(subject.kind(), Kind::Module);
    let inspection = inspect(&subject, &Hints { kernel, loaded, ..Hints::default() });
    let words =
        |finding: &landfall_inspect::Finding| format!("{} {}", subject.place(&finding.at), finding.found);
    inspection.findings().iter().map(|finding| (finding.code, words(finding))).collect()
}

/// A module with many relocations of one type.
fn relocations(kind: elf::RelocationType, count: u64) -> Vec<u8> {
    let mut made = Made::good();
    for _ in 0..count {
        made.relocate(made.text, 16, kind, made.init(), 6);
    }
    made.write()
}

/// The fuzz target `check` begins with this one.
#[test]
fn the_corpus_of_the_fuzz_target_has_a_good_module() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/check/seed-module");
    let good = Made::good().write();
    if std::env::var_os("LANDFALL_WRITE_CORPUS").is_some() {
        fs::write(&path, &good).expect("a seed");
    }
    assert_eq!(fs::read(&path).expect("a seed"), good, "run this test with LANDFALL_WRITE_CORPUS=1");
}

#[test]
fn a_good_module_has_no_finding_with_its_kernel_or_without() {
    let file = Made::good().write();
    assert_eq!(found(&file, Some(interface()), Vec::new()), []);
    assert_eq!(found(&file, None, Vec::new()), []);
}

#[test]
fn without_a_kernel_the_symbols_that_it_has_to_export_are_listed() {
    let file = Made::good().write();
    let subject = Subject::read(&file).expect("a module");
    let unchecked = inspect(&subject, &Hints::default()).unchecked().to_vec();
    assert!(unchecked.iter().any(|left| left.because.contains("print, ticks")), "{unchecked:?}");
    let hints = Hints { kernel: Some(interface()), ..Hints::default() };
    assert_eq!(inspect(&subject, &hints).unchecked(), []);
}

#[test]
fn a_module_of_no_build_binds_stable_exports_of_any_kernel() {
    for about in ["name=greet\0", &format!("name=greet\0kernel={}\0", "cd".repeat(20))] {
        let mut made = Made::empty();
        made.strings(".landfall.module", about);
        made.strings(".landfall.imports", &format!("print={PRINT}\0"));
        made.undefined("print");
        let file = made.write();
        assert_eq!(found(&file, Some(interface()), Vec::new()), []);
        assert_eq!(found(&file, None, Vec::new()), []);
    }
}

#[test]
fn another_module_exports_by_signature_alone() {
    let mut exporting = Made::good();
    exporting.export("more=", None);
    let loaded = Interface::of_module(&exporting.write()).expect("a module");
    let mut made = Made::empty();
    made.strings(".landfall.module", "name=second\0");
    made.strings(".landfall.imports", "greet=extern \"C\" fn()\0");
    made.undefined("greet");
    let file = made.write();
    assert_eq!(found(&file, Some(interface()), vec![loaded.clone()]), []);
    let codes = |file: &[u8]| found(file, Some(interface()), vec![loaded.clone()])[0].0;
    let mut made = Made::empty();
    made.strings(".landfall.module", "name=third\0");
    made.undefined("more");
    assert_eq!(codes(&made.write()), Code::ModuleSignature);
}

#[test]
fn a_module_states_name_kernel_and_version() {
    let file = Made::good().write();
    let about = About::of(&Subject::read(&file).expect("a module"));
    assert_eq!((about.name, about.version), (Some("greet"), Some("0.1.0")));
    assert_eq!(about.kernel, interface().build_id);
    assert!(about.kernel.is_some());
}

#[test]
fn an_interface_is_a_kernels_or_a_modules() {
    assert!(Interface::of_kernel(&Made::good().write()).is_err());
    assert!(Interface::of_module(&kernel(&[], &BUILD_ID)).is_err());
    assert!(Interface::of_kernel(&kernel(&["=print"], &BUILD_ID)).is_err());
    assert!(Interface::of_kernel(b"\x7fELF").is_err());
    let none = Interface::of_kernel(&kernel(&[], &[1; 8])).expect("a kernel");
    assert_eq!((none.build_id, none.signature("print")), (None, None));
}

#[test]
fn tables_for_unwinding_take_no_place_as_no_loader_loads_them() {
    let place = |frames: Option<&[u8]>| {
        let mut made = Made::good();
        if let Some(frames) = frames {
            made.section(".eh_frame", object::SectionKind::ReadOnlyData, frames, 8);
        }
        made.section(".rodata.last", object::SectionKind::ReadOnlyData, &[1; 8], 8);
        let file = made.write();
        let subject = Subject::read(&file).expect("a module");
        subject.section(".rodata.last").expect("a section").address
    };
    assert_eq!(place(Some(&[0; 64])), place(None));
}
