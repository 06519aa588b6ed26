//! New kernels in C: they land where Make builds them, and without the checkout.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Stdio};

use landfall_builds::{NewKernel, Tool, checkout, files, landfall, run};
use landfall_host::private;
use serde_json::Value;

/// The line of the kernel's `main`.
const LINE: &str = "Hello from C.";

fn new(name: &str) -> NewKernel {
    NewKernel::make(name).unwrap_or_else(|error| panic!("{error}"))
}

fn make(kernel: &NewKernel, arguments: &[&str]) -> String {
    kernel.make_target(arguments).unwrap_or_else(|text| panic!("make {arguments:?}:\n{text}"))
}

#[test]
#[ignore = "needs the kernels' Rust target, gcc, Make and QEMU: cargo test -- --include-ignored"]
fn a_new_kernel_in_c_lands_and_each_landing_is_judged() {
    let kernel = new("my-kernel");
    let built = make(&kernel, &["CFLAGS=-std=gnu11 -O2 -g -Wall -Wextra -Wpedantic -Werror"]);
    assert!(built.contains("build/my-kernel.bin"), "{built}");
    let console = make(&kernel, &["run", "ARGUMENTS=--harts 3 --memory 512M --format json"]);
    assert!(console.contains(LINE) && console.contains("The handler has a breakpoint."), "{console}");
    let report = console.lines().find(|line| line.starts_with("{\"")).expect("a report");
    let report: Value = serde_json::from_str(report).expect("JSON");
    assert_eq!(report["harts"]["online"], 3, "{report}");
    for (axis, passed) in [("mode", "3 passed, 0 failed"), ("harts", "2 passed, 0 failed")] {
        let tested = make(&kernel, &["test", &format!("ARGUMENTS=--only {axis}")]);
        assert!(tested.contains(passed), "{tested}");
    }
}

#[test]
#[ignore = "needs the kernels' Rust target, gcc, Make and QEMU: cargo test -- --include-ignored"]
fn a_kernel_in_c_moves_without_the_checkout() {
    let mut kernel = new("my-kernel");
    make(&kernel, &[]);
    let checkout = checkout().to_str().expect("UTF-8").as_bytes();
    let binary = |path: &Path| {
        path.extension().is_some_and(|end| ["a", "o", "elf", "linked", "bin"].iter().any(|b| end == *b))
    };
    let texts: Vec<_> =
        files(kernel.folder()).expect("files").into_iter().filter(|path| !binary(path)).collect();
    assert!(texts.iter().any(|path| path.ends_with("build/main.d")), "{texts:?}");
    for path in texts {
        let text = fs::read(&path).expect("a file");
        let named = text.windows(checkout.len()).any(|part| part == checkout);
        assert!(!named, "{} names the checkout", path.display());
    }
    kernel.rename("it's $moved & (not) built #again").expect("another name");
    let console = make(&kernel, &["run"]);
    assert!(console.contains(LINE), "{console}");
}

#[test]
#[ignore = "needs the kernels' Rust target, gcc, Make and QEMU: cargo test -- --include-ignored"]
fn make_links_again_for_another_linker_alone() {
    let kernel = new("my-kernel");
    make(&kernel, &[]);
    let again = make(&kernel, &[]);
    assert!(!again.contains("seal"), "{again}");
    let lld = Tool::Rust.program().expect("a linker");
    let other = make(&kernel, &["run", &format!("LD={}", lld.display())]);
    assert!(other.contains("seal") && other.contains(LINE), "{other}");
}

#[test]
#[ignore = "needs the kernels' Rust target, gcc and Make: cargo test -- --include-ignored"]
fn a_section_of_the_kernels_own_needs_a_script() {
    let kernel = new("my-kernel");
    let write = |name: &str, text: &str| fs::write(kernel.folder().join(name), text).expect("a file");
    write("words.c", "const char word[] __attribute__((section(\".words\"), used, retain)) = \"word\";\n");
    let sources = "SOURCES=main.c words.c";
    let (success, text) = kernel.try_make(&[sources], |_| {}).expect("Make");
    assert!(!success && text.contains(".words"), "{text}");
    write("words.ld", "SECTIONS { .words : { KEEP(*(.words)) } } INSERT AFTER .rodata;\n");
    make(&kernel, &[sources, "LINK_ARGS=--sections words.ld"]);
}

#[test]
#[ignore = "needs the kernels' Rust target, gcc and Make: cargo test -- --include-ignored"]
fn a_library_of_another_interface_does_not_link() {
    let kernel = new("my-kernel");
    let header = kernel.folder().join("landfall/include/landfall.h");
    let text = fs::read_to_string(&header).expect("a header");
    fs::write(&header, text.replace("LF_ABI 1", "LF_ABI 2").replace("lf_abi_1", "lf_abi_2")).expect("a file");
    let (success, text) = kernel.try_make(&[], |_| {}).expect("Make");
    assert!(!success && text.contains("undefined reference to `lf_abi_2'"), "{text}");
    // The library comes anew with its header.
    let mut library = landfall(&["library", "--out", "landfall"], kernel.folder()).expect("the command");
    run(library.env("LANDFALL_PATH", checkout()).stdin(Stdio::null())).expect("a library");
    make(&kernel, &[]);
}

#[test]
#[ignore = "needs the kernels' Rust target, gcc, Make and QEMU: cargo test -- --include-ignored"]
fn a_makefile_that_exists_links_by_the_lines_of_the_page() {
    let kernel = new("my-kernel");
    let page = fs::read_to_string(checkout().join("docs/c.md")).expect("a page");
    let blocks: Vec<_> =
        page.split("```text\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    let lines = blocks.iter().find(|block| block.contains("link-args")).expect("lines");
    let makefile = format!(
        "all: kernel.elf\nOBJECTS := main.o\nLD := riscv64-linux-gnu-ld\n{}\n%.o: %.c\n\t\
         riscv64-linux-gnu-gcc -march=rv64gc -mabi=lp64d -mcmodel=medany -fno-pic -ffreestanding \
         -I landfall/include -c -o $@ $<\n\nrun: kernel.elf\n\t$(LANDFALL) run $<\n",
        lines.replace("cargo-landfall", "$(LANDFALL)")
    );
    fs::write(kernel.folder().join("Makefile"), makefile).expect("a file");
    let console = make(&kernel, &["run"]);
    assert!(console.contains(LINE), "{console}");
}

#[test]
#[ignore = "needs the kernels' Rust target, gcc and Make: cargo test -- --include-ignored"]
fn a_missing_compiler_is_one_message_with_its_package() {
    let kernel = new("my-kernel");
    let programs = private::folder("landfall-").expect("a folder");
    let path = std::env::var_os("PATH").expect("a PATH");
    for name in ["sh", "make", "mkdir", "rm"] {
        let mut places = std::env::split_paths(&path).map(|folder| folder.join(name));
        let found = places.find(|place| place.is_file());
        symlink(found.expect("a program"), programs.path().join(name)).expect("a link");
    }
    let make = |arguments: &[&str]| {
        let path = |make: &mut Command| {
            make.env("PATH", programs.path());
        };
        kernel.try_make(arguments, path).expect("Make")
    };
    for (arguments, command) in [
        (&[][..], "riscv64-linux-gnu-gcc is missing; run `sudo apt install gcc-riscv64-linux-gnu`"),
        (&["CC=clang --target=riscv64-linux-gnu"], "clang is missing; run `sudo apt install clang`"),
        (&["CC=sh", "LANDFALL=cargo-landfall"], "cargo-landfall is missing; run `cargo install "),
    ] {
        let (success, text) = make(arguments);
        assert!(!success && text.lines().count() == 1 && text.contains(command), "{arguments:?}: {text}");
    }
    let (success, text) = make(&["clean"]);
    assert!(success, "{text}");
}
