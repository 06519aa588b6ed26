//! Make and CMake.

use std::path::Path;
use std::process::Command;

use landfall_builds::{Tool, boot, library, path, run, sources};
use landfall_host::setup::{self, Program};

/// The compiler by which CMake links, and CMake.
const PROGRAMS: [Program<'_>; 2] = [
    Program { name: "cmake", package: "cmake" },
    Program { name: "riscv64-linux-gnu-gcc", package: "gcc-riscv64-linux-gnu" },
];

fn make(folder: &Path, linker: &Path) -> String {
    let mut command = Command::new("make");
    command.arg("-f").arg(sources().join("make/Makefile")).current_dir(folder);
    for (name, value) in [
        ("LIBRARY", library().expect("a library")),
        ("SOURCES", sources()),
        ("LD", linker),
        ("LANDFALL", &path().expect("the command")),
    ] {
        command.arg(format!("{name}={}", value.display()));
    }
    run(&mut command).expect("make")
}

#[test]
#[ignore = "needs the kernels' Rust target, GNU's tools and QEMU: cargo test -- --include-ignored"]
fn make_links_with_either_linker_and_repeats_nothing() {
    for tool in [Tool::Gnu, Tool::Rust] {
        let folder = landfall_host::private::folder("landfall-").expect("a folder");
        let linker = tool.program().expect("a linker");
        make(folder.path(), &linker);
        boot(&folder.path().join("kernel.bin")).unwrap_or_else(|console| panic!("{tool:?}:\n{console}"));
        let again = make(folder.path(), &linker);
        assert!(again.contains("up to date") || !again.contains("seal"), "{tool:?}: {again}");
    }
}

#[test]
#[ignore = "needs the kernels' Rust target, CMake, gcc for RISC-V and QEMU: cargo test -- --include-ignored"]
fn cmake_links_by_a_compiler_and_seals() {
    setup::programs(&PROGRAMS, "tests of CMake").expect("CMake and gcc");
    let folder = landfall_host::private::folder("landfall-").expect("a folder");
    let define = |name: &str, value: &Path| format!("-D{name}={}", value.display());
    run(Command::new("cmake")
        .arg("-S")
        .arg(sources().join("cmake"))
        .arg("-B")
        .arg(folder.path())
        .args(["-DCMAKE_SYSTEM_NAME=Generic", "-DCMAKE_ASM_COMPILER=riscv64-linux-gnu-gcc"])
        .arg(define("LIBRARY", library().expect("a library")))
        .arg(define("SOURCES", sources()))
        .arg(define("LANDFALL", &path().expect("the command"))))
    .expect("a configuration");
    run(Command::new("cmake").arg("--build").arg(folder.path())).expect("a build");
    boot(&folder.path().join("kernel.elf")).expect("a landing");
    boot(&folder.path().join("kernel.bin")).expect("a landing");
}

#[test]
fn the_page_shows_the_files_that_are_tested() {
    let page = std::fs::read_to_string(sources().join("../../docs/build-systems.md")).expect("a page");
    let blocks: Vec<_> =
        page.split("```text\n").skip(1).filter_map(|rest| rest.split("\n```").next()).collect();
    let files = ["make/Makefile", "cmake/CMakeLists.txt"];
    assert_eq!(blocks.len(), files.len());
    for (block, file) in blocks.into_iter().zip(files) {
        let text = std::fs::read_to_string(sources().join(file)).expect("a file");
        let text = text.replace("${SOURCES}/", "");
        for line in block.lines().filter(|line| !line.is_empty()) {
            assert!(text.lines().any(|own| own == line), "{file} has no line \"{line}\"");
        }
    }
}
