//! Lines of source in a module, whose debug information is relocated when it is read.

use landfall_inspect::subject::Part;
use landfall_inspect::{Address, Subject};

/// Two functions in sections of their own, compiled by rustc with line tables.
const SOURCE: &str = "#![no_std]
#[unsafe(no_mangle)]
pub extern \"C\" fn first(number: u64) -> u64 {
    number.wrapping_mul(3)
}
#[unsafe(no_mangle)]
pub extern \"C\" fn second(number: u64) -> u64 {
    number.wrapping_mul(5)
}
";

#[test]
#[ignore = "needs the kernels' Rust target: cargo test -- --include-ignored"]
fn an_address_in_a_module_has_its_function_and_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let (source, object) = (folder.path().join("two.rs"), folder.path().join("two.o"));
    std::fs::write(&source, SOURCE).expect("a source");
    let status = std::process::Command::new("rustc")
        .args(["--target=riscv64gc-unknown-none-elf", "--edition=2024", "--crate-type=lib", "--emit=obj"])
        .args(["-Copt-level=1", "-Cdebuginfo=line-tables-only", "-Ccodegen-units=1", "-o"])
        .args([&object, &source])
        .status();
    assert!(status.expect("rustc").success());
    let file = std::fs::read(&object).expect("an object file");
    let subject = Subject::read(&file).expect("a module");
    for (function, line) in [("first", 4), ("second", 8)] {
        let address = subject.symbols().find(function).expect("a function").address;
        assert_eq!(Part::of_address(address), Some(Part::Text));
        let frames = subject.frames(address);
        // Functions that were inlined into it come first.
        let frame = frames.last().expect("a frame");
        assert_eq!(frame.function.as_deref(), Some(function));
        let source = frame.source.as_deref().expect("a line");
        assert!(source.ends_with(&format!("two.rs:{line}")), "{source}");
    }
    let place = subject.place(&Address(Part::Text.base().0 + 2).into());
    assert!(place.address < Some(Address(0x1000)), "a place counts from its section's start: {place}");
}
