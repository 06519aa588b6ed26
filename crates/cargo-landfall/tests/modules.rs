//! Modules as their author meets them: built for a kernel, checked against it, and named in a log.
//!
//! They build the kernel `hello`, so a plain `cargo test` passes them over: `cargo test -p
//! cargo-landfall --test modules -- --ignored`.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use landfall_inspect::module::About;
use landfall_inspect::subject::Part;
use landfall_inspect::{Kind, Subject};
use tempfile::TempDir;

const MANIFEST: &str = "[package]
name = \"greet\"
version = \"0.1.0\"
edition = \"2024\"
[lib]
crate-type = [\"staticlib\"]
[profile.release]
debug = \"line-tables-only\"
[workspace]
";

/// A module without a crate of landfall's: its records are written by hand.
const SOURCE: &str = "#![no_std]
const ABOUT: &str = concat!(\"name=greet\\0kernel=\", env!(\"LANDFALL_KERNEL_BUILD_ID\"), \"\\0\");
#[used]
#[unsafe(link_section = \".landfall.module\")]
static RECORD: [u8; ABOUT.len()] = *ABOUT.as_bytes().first_chunk().unwrap();
static NAMES: [&str; 3] = [\"a\", \"bb\", \"ccc\"];
#[inline(never)]
fn work(number: usize) -> usize {
    core::hint::black_box(NAMES[number % 3].len())
}
#[unsafe(no_mangle)]
extern \"C\" fn landfall_init() -> i32 {
    IMPORT
    (work(core::hint::black_box(2)) - 3) as i32
}
#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! { loop {} }
";

/// A package with this source.
fn package(manifest: &str, source: &str) -> TempDir {
    let folder = landfall_host::private::folder("landfall-").expect("a directory");
    fs::create_dir(folder.path().join("src")).expect("a directory");
    fs::write(folder.path().join("Cargo.toml"), manifest).expect("a manifest");
    fs::write(folder.path().join("src/lib.rs"), source).expect("a source");
    folder
}

fn landfall(folder: &Path, arguments: &[&str], input: &str) -> (Option<i32>, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-landfall"));
    // The packages have one name, and each needs a folder of its own.
    command.args(arguments).current_dir(folder).env_remove("CARGO_TARGET_DIR").stdin(Stdio::piped());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the command");
    child.stdin.take().expect("stdin").write_all(input.as_bytes()).expect("input");
    let Output { status, stdout, stderr } = child.wait_with_output().expect("the command runs");
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    (status.code(), text(stdout), text(stderr))
}

/// The ELF of `hello`.
fn kernel() -> String {
    let checkout = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let (status, stdout, stderr) = landfall(&checkout, &["build", "hello", "--format", "elf"], "");
    assert_eq!(status, Some(0), "{stderr}");
    stdout.trim().to_owned()
}

/// Builds the module of `folder` for `hello`.
fn build(folder: &Path) -> (Option<i32>, String, String) {
    landfall(folder, &["build", "--module", "--kernel", &kernel()], "")
}

#[test]
#[ignore = "builds a kernel"]
fn a_module_is_built_checked_and_named_in_a_log() {
    let folder = package(MANIFEST, &SOURCE.replace("IMPORT", ""));
    let (status, stdout, stderr) = build(folder.path());
    assert_eq!(status, Some(0), "{stderr}");
    let path = PathBuf::from(stdout.trim());
    assert_eq!(path.file_name().and_then(|name| name.to_str()), Some("greet.ko"), "{stdout}");

    let file = fs::read(&path).expect("a module");
    let subject = Subject::read(&file).expect("a module");
    assert_eq!(subject.kind(), Kind::Module);
    assert_eq!(About::of(&subject).name, Some("greet"));
    for section in [".text", ".rodata", ".landfall.module"] {
        assert_eq!(subject.sections().iter().filter(|found| found.name == section).count(), 1, "{section}");
    }

    let work = subject.symbols().find("work").expect("a function").address;
    let offset = work.wrapping_offset_from(Part::Text.base());
    let line =
        "landfall: module greet text 0xffffffd000001000 constants 0xffffffd000101000 data 0xffffffd000201000";
    let log = format!("{line}\nat {:#x}\nlandfall: module greet unloaded\n", 0xffff_ffd0_0000_1000 + offset);
    let kernel = kernel();
    let module = path.display().to_string();
    let (status, stdout, stderr) =
        landfall(folder.path(), &["symbolize", &kernel, "--module", &module], &log);
    assert_eq!(status, Some(0), "{stderr}");
    let named: Vec<_> = stdout.lines().filter(|line| line.starts_with("    ")).collect();
    assert!(
        named.iter().any(|line| line.contains("greet::work [greet], ") && line.ends_with("src/lib.rs:8")),
        "{stdout}"
    );

    let placed = format!("{module}@0x1000:0x2000:0x3000");
    let log = format!("at {:#x}\n", 0x1000 + offset);
    let (_, stdout, _) = landfall(folder.path(), &["symbolize", &kernel, "--module", &placed], &log);
    assert!(stdout.contains("greet::work [greet]"), "{stdout}");

    let (status, stdout, _) = landfall(folder.path(), &["check", &module, "--kernel", &kernel], "");
    assert_eq!(status, Some(0), "{stdout}");
    let (status, _, stderr) = landfall(folder.path(), &["run", &module], "");
    assert_eq!(status, Some(2));
    assert!(stderr.contains("is a module, and no kernel"), "{stderr}");
}

#[test]
#[ignore = "builds a kernel"]
fn a_symbol_that_the_kernel_does_not_export_stops_the_build_by_name() {
    let import = "unsafe extern \"C\" { fn missing(); } unsafe { missing(); }";
    let folder = package(MANIFEST, &SOURCE.replace("IMPORT", import));
    let (status, _, stderr) = build(folder.path());
    assert_eq!(status, Some(1), "{stderr}");
    assert!(stderr.contains("module-symbol") && stderr.contains("symbol missing"), "{stderr}");
    assert!(stderr.contains("is not fit to be loaded"), "{stderr}");
    assert!(!folder.path().join("target/riscv64gc-unknown-none-elf/release/greet.ko").exists());
}

#[test]
#[ignore = "builds a kernel"]
fn a_package_that_is_no_module_is_refused_with_the_line_to_write() {
    let folder = package(&MANIFEST.replace("[\"staticlib\"]", "[\"rlib\"]"), "#![no_std]");
    let (status, _, stderr) = build(folder.path());
    assert_eq!(status, Some(2), "{stderr}");
    assert!(stderr.contains("crate-type = [\"staticlib\"]"), "{stderr}");
    let source = "#![no_std]\n#[panic_handler]\nfn panic(_: &core::panic::PanicInfo) -> ! { loop {} }\n";
    let folder = package(MANIFEST, source);
    let (status, _, stderr) = build(folder.path());
    assert_eq!(status, Some(1), "{stderr}");
    assert!(stderr.contains("none of its object files"), "{stderr}");
}
