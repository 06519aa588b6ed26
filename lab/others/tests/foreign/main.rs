//! Kernels and firmware of other projects, through `landfall check`: it handles all and panics on
//! none. The page `docs/foreign.md` has its findings.
//!
//! They are Debian 13's, by hash: Linux's image, its ELF as far as the image determines it, U-Boot,
//! OpenSBI, EDK2. The test fails if the findings differ from the page. `LANDFALL_WRITE=1` writes
//! the page anew.
//!
//! It fetches 120 MB, so a plain `cargo test` passes it over: `cargo test -p landfall-others --test
//! foreign -- --include-ignored`.

#[path = "../support/answer.rs"]
mod answer;
mod kallsyms;
mod vmlinux;

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use answer::Answer;
use landfall_host::setup::archive::{Set, newer, table, unpacked};

/// A file, and what is asked about it.
struct File {
    set: &'static Set,
    /// Its place in the folder of the set.
    path: &'static str,
    arguments: &'static [&'static str],
    /// Its description.
    about: &'static str,
    /// The exit status of `check`: 0 or 1 if it reads the file, 2 if it does not.
    readable: Readable,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Readable {
    Yes,
    No,
}

/// Linux's image by a name without its version, and the ELF that is made of it.
const IMAGE: &str = "boot/Image";
const VMLINUX: &str = "boot/vmlinux";

const FILES: [File; 8] = [
    file(&table::LINUX, IMAGE, "Linux, the image that Debian ships"),
    File {
        arguments: &["--profile", "linux"],
        ..file(&table::LINUX, VMLINUX, "Linux, an ELF made of that image")
    },
    file(&table::U_BOOT, "usr/lib/u-boot/qemu-riscv64/uboot.elf", "U-Boot for machine mode"),
    file(&table::U_BOOT, "usr/lib/u-boot/qemu-riscv64_smode/uboot.elf", "U-Boot for supervisor mode"),
    file(&table::OPENSBI, "usr/lib/riscv64-linux-gnu/opensbi/generic/fw_dynamic.elf", "OpenSBI"),
    file(
        &table::OPENSBI,
        "usr/lib/riscv64-linux-gnu/opensbi/generic/fw_jump.elf",
        "OpenSBI, jumping to a fixed address",
    ),
    File {
        readable: Readable::No,
        ..file(
            &table::OPENSBI,
            "usr/lib/riscv64-linux-gnu/opensbi/generic/fw_jump.bin",
            "OpenSBI, flat and without a header",
        )
    },
    File {
        readable: Readable::No,
        ..file(
            &table::EDK2,
            "usr/share/qemu-efi-riscv64/RISCV_VIRT_CODE.fd",
            "EDK2: a firmware volume, for Debian ships no ELF of it",
        )
    },
];

const fn file(set: &'static Set, path: &'static str, about: &'static str) -> File {
    File { set, path, arguments: &[], about, readable: Readable::Yes }
}

const SETS: [&Set; 4] = [&table::LINUX, &table::U_BOOT, &table::OPENSBI, &table::EDK2];

/// `check` lists no more findings of one code.
const LISTED: usize = landfall_inspect::inspection::KEPT;

const HEAD: &str = include_str!("head.in");

fn page_file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/foreign.md")
}

/// Returns its kind, findings by code, and skipped checks, as cells of a table.
fn cells(answer: &Answer) -> String {
    let Some(kind) = answer.json["kind"].as_str() else { return "refused: exit status 2 | | ".to_owned() };
    let codes = answer.codes();
    let codes = codes.iter().map(|(code, count)| {
        let many = if *count == LISTED { " or more" } else { "" };
        format!("{count}{many} `{code}`")
    });
    let accepted = answer.json["accepted"].as_u64().filter(|count| *count != 0);
    let found: Vec<_> = codes.chain(accepted.map(|count| format!("{count} accepted"))).collect();
    let found = if found.is_empty() { "none".to_owned() } else { found.join(", ") };
    let unchecked: Vec<_> =
        answer.list("not_checked").iter().filter_map(|entry| entry["what"].as_str()).collect();
    format!("{kind} | {found} | {}", unchecked.join("; "))
}

/// The folder of `set`. Linux's has [`IMAGE`] and [`VMLINUX`] too.
fn folder(set: &Set) -> PathBuf {
    static LINUX: OnceLock<PathBuf> = OnceLock::new();
    let fetch = || {
        let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("debian");
        unpacked(set, &[], &cache).expect("the packages")
    };
    if *set == table::LINUX { LINUX.get_or_init(|| with_elf(fetch())).clone() } else { fetch() }
}

fn with_elf(folder: PathBuf) -> PathBuf {
    let shipped = fs::read_dir(folder.join("boot")).expect("Linux's files").find_map(|entry| {
        let entry = entry.expect("a file");
        entry.file_name().to_string_lossy().starts_with("vmlinux-").then(|| entry.path())
    });
    let image = fs::read(shipped.expect("Linux's image")).expect("Linux's image");
    let elf = vmlinux::elf(&image).expect("the kernel's tables of symbols");
    fs::write(folder.join(IMAGE), image).expect("an image");
    fs::write(folder.join(VMLINUX), elf).expect("an ELF");
    folder
}

/// The packages that the page is about, as the table has them.
fn packages() -> String {
    let packages = SETS.iter().flat_map(|set| set.packages);
    let packages: Vec<_> = packages.map(|package| format!("{} {}", package.name, package.version)).collect();
    format!("Packages: {}.", packages.join(", "))
}

#[test]
#[ignore = "needs Debian's archive"]
fn what_check_says_of_foreign_files_is_what_the_page_says() {
    let mut table = String::from("| file | size | kind | findings | not checked |\n|---|---|---|---|---|\n");
    let mut words = String::new();
    for file in &FILES {
        let folder = folder(file.set);
        let size = fs::metadata(folder.join(file.path)).expect("the file").len();
        let answer = Answer::of(&folder, file.path, file.arguments);
        assert_eq!(answer.is_readable(), file.readable == Readable::Yes, "{}: {}", file.path, answer.words);
        let _ = writeln!(table, "| {} | {size} | {} |", file.about, cells(&answer));
        if file.path == VMLINUX || file.readable == Readable::No {
            let _ = writeln!(words, "\n## {}\n\n```text\n{}\n```", file.about, answer.words.trim_end());
        }
    }
    let newer: Vec<_> = SETS.iter().filter_map(|set| newer(&folder(set))).collect();
    if !newer.is_empty() {
        println!("not compared with docs/foreign.md, which is about older packages:\n{}", newer.concat());
        return;
    }
    let page = format!("{HEAD}\n{}\n\n{table}{words}", packages());
    if std::env::var_os("LANDFALL_WRITE").is_some() {
        fs::write(page_file(), page).expect("the page");
        return;
    }
    let before = fs::read_to_string(page_file()).expect("the page");
    assert!(
        before == page,
        "docs/foreign.md is not what comes out; look why, then:\n\
         LANDFALL_WRITE=1 cargo test -p landfall-others --test foreign -- --include-ignored, and git diff"
    );
}

/// The symbols of the image against what its header says: a table that is misread has them
/// elsewhere.
#[test]
#[ignore = "needs Debian's archive"]
fn the_symbols_of_linux_agree_with_its_header() {
    let image = fs::read(folder(&table::LINUX).join(IMAGE)).expect("Linux's image");
    let symbols = kallsyms::symbols(&image).expect("the kernel's tables of symbols");
    let place = |name: &str| {
        let mut places = symbols.iter().filter(|symbol| symbol.name == name).map(|symbol| symbol.offset);
        let place = places.next().unwrap_or_else(|| panic!("{name}"));
        usize::try_from(place).expect("an offset")
    };
    let field = |at: usize| u64::from_le_bytes(image[at..at + 8].try_into().expect("8 bytes"));
    assert_eq!(u64::try_from(place("_end")).expect("a size"), field(16), "image_size");
    assert_eq!(place("_edata"), image.len(), "the file ends where the data does");
    // The header's first instruction is half of "MZ"; the second, 4 bytes long, is a jump to the
    // kernel's start.
    let jump = u32::from_le_bytes(image[2..6].try_into().expect("4 bytes"));
    assert_eq!(jump & 0xfff, 0x06f, "jal zero");
    // The offset's bits 20, 10 to 1, 11 and 19 to 12, as the format J has them from bit 31 on down.
    // This one is positive.
    let offset = (jump >> 20 & 0x7fe) | (jump >> 9 & 0x800) | (jump & 0xf_f000);
    assert_eq!(2 + usize::try_from(offset).expect("an offset"), place("_start_kernel"));
    assert!(symbols.len() > 50_000 && symbols.is_sorted_by_key(|symbol| symbol.offset), "{}", symbols.len());
}
