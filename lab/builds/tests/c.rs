//! Kernels in C: what they print, by compiler, linker, boot path and mode.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use landfall_builds::{Compiler, Tool, c_kernel, c_module, fixed_kernel, landfall};
use landfall_host::scratch::Scratch;
use serde_json::Value;

/// Runs a kernel, and returns what it prints. `success` is its exit status.
fn run(kernel: &Path, arguments: &[&str]) -> (bool, String) {
    let kernel = kernel.to_str().expect("UTF-8");
    let all: Vec<_> =
        ["run", kernel, "--timeout", "60"].into_iter().chain(arguments.iter().copied()).collect();
    let mut command = landfall(&all, Path::new(env!("CARGO_MANIFEST_DIR"))).expect("the command");
    let output = command.stdin(Stdio::null()).output().expect("a run");
    let text = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    (output.status.success(), text.concat())
}

/// Runs a kernel that checks itself, and returns what it prints.
fn passes(kernel: &Path, arguments: &[&str], tests: usize) -> String {
    let (success, console) = run(kernel, arguments);
    let passed = console.lines().filter(|line| line.contains("test ") && line.ends_with(" ok")).count();
    assert!(success && !console.contains(" failed") && passed >= tests, "{arguments:?}:\n{console}");
    console
}

fn folder() -> Scratch {
    Scratch::create().expect("a folder")
}

/// A kernel that several tests boot, and its folder.
type Shared = LazyLock<(Scratch, PathBuf)>;

static INTERFACE: Shared = LazyLock::new(|| {
    let folder = folder();
    let tools = (Compiler::Gcc, Tool::Gnu);
    let elf = c_kernel("lab/kernels/c-interface", "c-interface", tools, folder.path());
    let elf = elf.unwrap_or_else(|error| panic!("{error}"));
    (folder, elf)
});

#[test]
#[ignore = "needs the kernels' Rust target, gcc, clang and QEMU: cargo test -- --include-ignored"]
fn own_c_lands_as_each_compiler_and_linker_make_it() {
    for tools in [(Compiler::Gcc, Tool::Gnu), (Compiler::Gcc, Tool::Rust), (Compiler::Clang, Tool::Rust)] {
        let folder = folder();
        let elf = c_kernel("kernels/own-c", "own-c", tools, folder.path());
        let elf = elf.unwrap_or_else(|error| panic!("{tools:?}: {error}"));
        passes(&elf, &["--harts", "4"], 6);
    }
}

#[test]
#[ignore = "needs the kernels' Rust target, gcc and QEMU: cargo test -- --include-ignored"]
fn own_c_lands_on_every_path_and_in_every_mode() {
    let folder = folder();
    let elf = c_kernel("kernels/own-c", "own-c", (Compiler::Gcc, Tool::Gnu), folder.path());
    let flat = elf.unwrap_or_else(|error| panic!("{error}")).with_extension("bin");
    for arguments in [
        ["--mode", "sv39"],
        ["--mode", "sv48"],
        ["--mode", "sv57"],
        ["--at", "0x84321000"],
        ["--memory", "8G"],
        ["--firmware", "uefi"],
        ["--firmware", "u-boot"],
    ] {
        passes(&flat, &[&arguments[..], &["--harts", "3"]].concat(), 6);
    }
}

#[test]
#[ignore = "needs the kernels' Rust target, gcc and QEMU: cargo test -- --include-ignored"]
fn a_port_does_what_the_kernel_at_a_fixed_address_did() {
    let folder = folder();
    let fixed = fixed_kernel(folder.path()).unwrap_or_else(|error| panic!("{error}"));
    let mut qemu = Command::new("qemu-system-riscv64");
    qemu.args(["-machine", "virt", "-m", "128M", "-smp", "2", "-bios", "none", "-nographic", "-kernel"]);
    let before = qemu.arg(fixed).stdin(Stdio::null()).output().expect("QEMU").stdout;
    let before = String::from_utf8_lossy(&before).into_owned();
    let landed = c_kernel("kernels/port/landed", "port", (Compiler::Gcc, Tool::Gnu), folder.path());
    let (success, after) = run(&landed.unwrap_or_else(|error| panic!("{error}")), &["--harts", "2"]);
    let lines = |text: &str| -> Vec<String> {
        let lines = text.lines().filter(|line| line.starts_with("port: "));
        lines.map(|line| line.trim_end().replace("on the stack", "on a page")).collect()
    };
    assert_eq!(lines(&before), lines(&after));
    assert!(success && lines(&after).len() == 4, "{after}");
}

/// Returns the value that the kernel `c-interface` prints for a name.
fn said(console: &str, name: &str) -> u64 {
    let start = format!("c: {name} 0x");
    let line = console.lines().find_map(|line| line.trim_end().strip_prefix(&start));
    u64::from_str_radix(line.unwrap_or_else(|| panic!("no {name}:\n{console}")), 16).expect("a number")
}

fn hex(value: &Value) -> u64 {
    let text = value.as_str().and_then(|text| text.strip_prefix("0x"));
    u64::from_str_radix(text.unwrap_or_else(|| panic!("{value}")), 16).expect("a number")
}

#[test]
#[ignore = "needs the kernels' Rust target, gcc and QEMU: cargo test -- --include-ignored"]
fn the_structures_in_c_have_the_values_of_the_report() {
    let (_, elf) = &*INTERFACE;
    let (success, console) =
        run(elf, &["--harts", "3", "--memory", "512M", "--format", "json", "--append", "a b"]);
    let report = console.lines().find(|line| line.starts_with('{')).expect("a report");
    let report: Value = serde_json::from_str(report).expect("JSON");
    assert!(success && !console.contains(" failed") && console.contains("c: command-line a b"), "{console}");
    for (name, value) in [
        ("image", &report["kernel"]["virtual"]),
        ("image-memory", &report["kernel"]["physical"]),
        ("linear", &report["linear_map"]["virtual"]),
        ("dynamic", &report["dynamic"]["virtual"]),
        ("near", &report["near"]["virtual"]),
    ] {
        assert_eq!(said(&console, name), hex(value), "{name}");
    }
    for (name, value) in [
        ("image-size", &report["kernel"]["size"]),
        ("dynamic-size", &report["dynamic"]["size"]),
        ("near-size", &report["near"]["size"]),
        ("seed-bits", &report["kaslr"]["seed_bits"]),
        ("online", &report["harts"]["online"]),
        ("boot-hart", &report["harts"]["boot"]),
    ] {
        assert_eq!(Some(said(&console, name)), value.as_u64(), "{name}");
    }
    assert_eq!(report["mode"], format!("sv{}", said(&console, "mode")));
    assert_eq!(said(&console, "ram-tables"), report["table_pages"].as_u64().expect("a number") * 4096);
    let offset = said(&console, "linear").wrapping_sub(hex(&report["linear_map"]["physical"]));
    assert_eq!(said(&console, "linear-offset"), offset);
    let offset = said(&console, "image").wrapping_sub(said(&console, "image-memory"));
    assert_eq!(said(&console, "image-offset"), offset);
    assert_eq!(said(&console, "leaf"), 0x8000_0000 >> 2 | 0xeb, "V, R, X, G, A and D");
}

#[test]
#[ignore = "needs the kernels' Rust target, gcc and QEMU: cargo test -- --include-ignored"]
fn modules_and_kexec_work_from_c() {
    let (folder, elf) = &*INTERFACE;
    let module = c_module(folder.path()).unwrap_or_else(|error| panic!("{error}"));
    let console = passes(elf, &["--append", "module", "--initrd", module.to_str().expect("UTF-8")], 30);
    assert!(console.contains("test module-unloaded ok"), "{console}");
    let flat = elf.with_extension("bin");
    let arguments = ["--harts", "2", "--append", "kexec", "--initrd", flat.to_str().expect("UTF-8")];
    let console = passes(elf, &arguments, 30);
    assert!(console.contains("test kexec-damaged ok") && console.contains("test kexec ok"), "{console}");
}

#[test]
#[ignore = "needs the kernels' Rust target, gcc and QEMU: cargo test -- --include-ignored"]
fn a_panic_in_c_is_a_failure() {
    let (_, elf) = &*INTERFACE;
    let (success, console) = run(elf, &["--append", "panic"]);
    assert!(!success && console.contains("landfall: panic on purpose"), "{console}");
}

#[test]
#[ignore = "needs the kernels' Rust target, gcc and QEMU: cargo test -- --include-ignored"]
fn the_kernels_in_documents_land() {
    let checkout = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for document in ["docs/c.md", "crates/landfall-c/README.md"] {
        let text = std::fs::read_to_string(checkout.join(document)).expect("a document");
        let block = text.split("```c\n").nth(1).and_then(|rest| rest.split("```").next());
        let (source, build) = (folder(), folder());
        std::fs::write(source.path().join("main.c"), block.expect("a kernel")).expect("a file");
        let rules = checkout.join("crates/landfall-c/kernel.mk");
        let makefile = format!("KERNEL := hello\nSOURCES := main.c\ninclude {}\n", rules.display());
        std::fs::write(source.path().join("Makefile"), makefile).expect("a file");
        let place = source.path().to_str().expect("UTF-8");
        let elf = c_kernel(place, "hello", (Compiler::Gcc, Tool::Gnu), build.path());
        let (success, console) = run(&elf.unwrap_or_else(|error| panic!("{document}: {error}")), &[]);
        assert!(success && console.contains("hello from C"), "{document}:\n{console}");
    }
}
