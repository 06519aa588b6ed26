//! Output of GNU's tools, under `check`: programs that move, and debug information in every form.
//!
//! The compiler comes from Debian, so a plain `cargo test` passes it over: `cargo test -p
//! landfall-others --test gnu -- --include-ignored`.

use std::fs;
use std::path::Path;
use std::process::Command;

use landfall_host::setup;
use landfall_inspect::{Hints, Subject, inspect};

/// Code and data with pointers of every kind that a kernel has.
const MOVES: &str = r#"
extern const char *const names[];
const char *const names[] = {"one", "two"};
static long numbers[4] = {1, 2, 3, 4};
long *first = numbers;
static long twice(long a) { return 2 * a; }
static long thrice(long a) { return 3 * a; }
long (*const table[])(long) = {twice, thrice};
long (*chosen)(long) = twice;
long zeros[1000];
void _start(void) { for (;;) { zeros[3] = table[numbers[1] & 1](*first) + chosen(names[0][0]); } }
"#;

/// Code that makes an absolute address where it is compiled with medlow, in line 4.
const ABSOLUTE: &str = "long counter = 5;\n\
    __attribute__((noinline)) long work(long a)\n\
    {\n\
    \tcounter += a;\n\
    \treturn counter;\n\
    }\n\
    void _start(void) { for (;;) work(1); }\n";

const SCRIPT: &str = "ENTRY(_start)
PHDRS { text PT_LOAD FLAGS(5); data PT_LOAD FLAGS(6); dyn PT_DYNAMIC FLAGS(6); }
SECTIONS {
 . = 0x80200000;
 .text : { *(.text*) } :text
 .rodata : { *(.rodata* .srodata*) } :text
 .dynsym : { *(.dynsym) } .dynstr : { *(.dynstr) } .hash : { *(.hash) } .gnu.hash : { *(.gnu.hash) }
 .rela.dyn : { *(.rela*) } :text
 . = ALIGN(4096);
 .data : { *(.data* .sdata*) } :data
 .dynamic : { *(.dynamic) } :data :dyn
 .got : { *(.got*) } :data
 .bss : { *(.bss* .sbss*) } :data
}
";

fn run(command: &mut Command) {
    let output = command.output().expect("a program");
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// Compiles and links `source` with these arguments.
fn gcc(folder: &Path, source: &str, arguments: &[&str]) -> Vec<u8> {
    let (from, to) = (folder.join("source.c"), folder.join("program.elf"));
    fs::write(&from, source).expect("a file");
    fs::write(folder.join("script.ld"), SCRIPT).expect("a file");
    let mut gcc = Command::new("riscv64-linux-gnu-gcc");
    gcc.args(["-O2", "-march=rv64gc", "-mabi=lp64d", "-ffreestanding", "-nostdlib"]).current_dir(folder);
    run(gcc.args(["-Wl,--build-id=none"]).args(arguments).arg("-o").args([&to, &from]));
    fs::read(&to).expect("a program")
}

/// Findings, a line each.
fn findings(file: &[u8]) -> Vec<String> {
    let subject = Subject::read(file).expect("an ELF");
    let inspection = inspect(&subject, &Hints::default());
    let line = |finding: &landfall_inspect::Finding| {
        format!("{} {}: {}", finding.code, subject.place(&finding.at), finding.found)
    };
    inspection.findings().iter().map(line).collect()
}

#[test]
#[ignore = "needs a compiler of Debian's archive"]
fn programs_that_move_have_no_finding() {
    setup::compilers().expect("gcc for RISC-V");
    let folder = landfall_host::private::folder("landfall-").expect("a folder");
    let pie = ["-mcmodel=medany", "-fpie", "-fvisibility=hidden"];
    for arguments in [
        &["-pie", "-Wl,--no-dynamic-linker,-T,script.ld"][..],
        &["-pie", "-Wl,--no-dynamic-linker,--no-relax,-T,script.ld"],
        &["-shared", "-Wl,-Bsymbolic,-T,script.ld"],
        &["-static-pie"],
        &["-static-pie", "-Wl,--no-relax"],
        &["-pie", "-Wl,--no-dynamic-linker,-z,relro,-z,now"],
    ] {
        let file = gcc(folder.path(), MOVES, &[&pie[..], arguments].concat());
        let found = findings(&file);
        assert!(found.is_empty(), "{arguments:?}:\n{}", found.join("\n"));
    }
}

/// The default script of GNU's linker puts .got.plt in front of .got.
#[test]
#[ignore = "needs a compiler of Debian's archive"]
fn the_linkers_word_behind_the_got_plt_is_no_finding() {
    setup::compilers().expect("gcc for RISC-V");
    let folder = landfall_host::private::folder("landfall-").expect("a folder");
    // `la` takes the address from the GOT.
    let more = "void named(void) {}\nvoid *taken(void) { void *at; __asm__(\"la %0, named\" : \"=r\"(at)); return at; }\n";
    let source = format!("{MOVES}{more}");
    let arguments = ["-mcmodel=medany", "-mno-relax", "-fpie", "-static-pie", "-Wl,--no-dynamic-linker"];
    let file = gcc(folder.path(), &source, &arguments);
    let found = findings(&file);
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
#[ignore = "needs a compiler of Debian's archive"]
fn compressed_debug_information_gives_the_same_line() {
    setup::compilers().expect("gcc for RISC-V");
    let folder = landfall_host::private::folder("landfall-").expect("a folder");
    let arguments = ["-g", "-mcmodel=medlow", "-static", "-no-pie", "-fno-pie"];
    let more = ["-Wl,--no-relax,-Ttext=0x10200000"];
    let libraries = Command::new("rustc").args(["--print", "target-libdir"]).output().expect("rustc");
    let libraries = String::from_utf8(libraries.stdout).expect("text");
    let objcopy = Path::new(libraries.trim()).with_file_name("bin").join("llvm-objcopy");
    let plain = gcc(folder.path(), ABSOLUTE, &[&arguments[..], &["-gz=none"], &more].concat());
    let legacy = gcc(folder.path(), ABSOLUTE, &[&arguments[..], &["-gz=zlib-gnu"], &more].concat());
    let mut files = vec![("none", plain.clone()), ("zlib-gnu", legacy)];
    for format in ["zlib", "zstd"] {
        let (from, to) = (folder.path().join("plain.elf"), folder.path().join("compressed.elf"));
        fs::write(&from, &plain).expect("a file");
        run(Command::new(&objcopy).arg(format!("--compress-debug-sections={format}")).args([&from, &to]));
        files.push((format, fs::read(&to).expect("a file")));
    }
    for (format, file) in files {
        let found = findings(&file);
        let absolute = found.iter().find(|line| line.starts_with("code-absolute")).expect("a finding");
        assert!(absolute.contains("source.c:4"), "{format}: {absolute}");
    }
}
