//! Linker scripts with one mistake each: the link must fail, name the missing or misplaced part,
//! and show the correct line.
//!
//! A kernel is compiled once; its own link is then repeated with damaged scripts, by the command
//! that the compiler prints.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};

use super::check::Check;
use super::session::as_text;
use super::{set_up, workshop};
use landfall_host::build::TARGET;
use landfall_host::kernel::cargo;

/// The changes of a script: the second text replaces the first one, which must exist.
type Damage = &'static [(&'static str, &'static str)];

/// A mistake: its name, the changes of the script, and words that the message must have. The last
/// words are the correct line.
type Mistake = (&'static str, Damage, &'static [&'static str]);

/// Mistakes in the script of `own-layout`, which has all parts of a landing.
const LAYOUT: [Mistake; 22] = [
    ("none", &[], &[]),
    (
        "no-image-start",
        &[("__landfall_image_start = .;", "")],
        &["does not define `__landfall_image_start`", "`__landfall_image_start = .;`"],
    ),
    (
        "no-text-end",
        &[("__landfall_text_end = .;", "")],
        &["does not define `__landfall_text_end`", "`. = ALIGN(4096); __landfall_text_end = .;`"],
    ),
    (
        "no-tables",
        &[(
            "INCLUDE landfall-tables.ld",
            ".relr.dyn : { __landfall_relr_start = .; *(.relr.dyn) __landfall_relr_end = .; } . = ALIGN(4096);",
        )],
        &["does not define `__landfall_sealed_start`", "`INCLUDE landfall-tables.ld`"],
    ),
    (
        "no-early",
        &[("__landfall_early_end = .;", "")],
        &["does not define `__landfall_early_end`", "`__landfall_early_end = .;`"],
    ),
    (
        "no-file-end",
        &[("__landfall_file_end = .;", "")],
        &["does not define `__landfall_file_end`", "`. = ALIGN(4096); __landfall_file_end = .;`"],
    ),
    (
        "no-bss-start",
        &[("__landfall_bss_start = .;", "")],
        &["does not define `__landfall_bss_start`", "`__landfall_bss_start = .;`"],
    ),
    (
        "no-bss-end",
        &[("__landfall_bss_end = .;", "")],
        &["does not define `__landfall_bss_end`", "`. = ALIGN(64); __landfall_bss_end = .;`"],
    ),
    (
        "no-image-end",
        &[("__landfall_image_end = .;", "")],
        &["does not define `__landfall_image_end`", "`. = ALIGN(4096); __landfall_image_end = .;`"],
    ),
    (
        "head-not-first",
        &[("KEEP(*(.landfall.head))", ""), ("*(.text .text.*)", "*(.text .text.*) KEEP(*(.landfall.head))")],
        &["the boot header is not at the image's start", "`KEEP(*(.landfall.head))`"],
    ),
    (
        "linked-low",
        &[(". = 0xffffffff00000000;", ". = 0;")],
        &["within 2 GiB of address 0", "`. = 0xffffffff00000000;`"],
    ),
    (
        "linked-high",
        &[(". = 0xffffffff00000000;", ". = 0xffffffff80000000;")],
        &["within 2 GiB of address 0", "`. = 0xffffffff00000000;`"],
    ),
    (
        "base-within-page",
        &[(". = 0xffffffff00000000;", ". = 0xffffffff00000800;")],
        &["the image begins within a page", "`. = ALIGN(4096);`"],
    ),
    (
        "text-within-page",
        &[("__landfall_text_end = .;", ". += 8; __landfall_text_end = .;")],
        &["the code does not end with a page", "`. = ALIGN(4096);`"],
    ),
    (
        "tables-before-code",
        &[
            ("__landfall_text_end = .;", ""),
            ("INCLUDE landfall-tables.ld", "INCLUDE landfall-tables.ld __landfall_text_end = .;"),
        ],
        &["the tables lie before the end of the code", "`INCLUDE landfall-tables.ld`"],
    ),
    (
        "constants-behind-tables",
        &[(
            "INCLUDE landfall-tables.ld",
            "INCLUDE landfall-tables.ld . += 0x2000; __landfall_constants_end = .;",
        )],
        &["a section lies between the tables and the end of the constants", "`INCLUDE landfall-tables.ld`"],
    ),
    (
        "early-elsewhere",
        &[(".landfall.early : {", ". += 4096; .landfall.early : {")],
        &[
            ".landfall.early does not fill whole pages",
            "`.landfall.early : { KEEP(*(.landfall.early)) . = ALIGN(4096); } __landfall_early_end = .;`",
        ],
    ),
    (
        "file-within-page",
        &[("__landfall_file_end = .;", ". += 8; __landfall_file_end = .;")],
        &["do not end on a page border", "`. = ALIGN(4096); __landfall_file_end = .;`"],
    ),
    (
        "bss-in-file",
        &[
            ("__landfall_file_end = .;", ""),
            ("__landfall_image_end = .;", "__landfall_file_end = .; __landfall_image_end = .;"),
        ],
        &[".bss does not lie between", "`.bss (NOLOAD) :"],
    ),
    (
        "image-within-page",
        &[("__landfall_image_end = .;", ". += 8; __landfall_image_end = .;")],
        &["the image does not end with a page", "`. = ALIGN(4096);`"],
    ),
    (
        "no-policy",
        &[("INCLUDE landfall-tables.ld", "/DISCARD/ : { *(.landfall.policy) } INCLUDE landfall-tables.ld")],
        &["there is no policy", "`landfall::entry!(main);`"],
    ),
    (
        "too-large",
        &[("*(.noinit .noinit.*)", "*(.noinit .noinit.*) . += 0x70000000;")],
        &["more than 1.75 GiB", "2 GiB"],
    ),
];

/// Mistakes in the script of `own-start`, which uses the rebase alone.
const START: [Mistake; 6] = [
    ("none", &[], &[]),
    (
        "no-image-start",
        &[
            ("__landfall_image_start = .;", "image_start = .;"),
            ("_end - __landfall_image_start", "_end - image_start"),
        ],
        &["does not define `__landfall_image_start`", "`__landfall_image_start = .;`"],
    ),
    (
        "no-relr-start",
        &[("__landfall_relr_start = .;", "")],
        &["does not define `__landfall_relr_start`", "`.relr.dyn : { __landfall_relr_start = .;"],
    ),
    (
        "no-relr-end",
        &[("__landfall_relr_end = .;", "")],
        &["does not define `__landfall_relr_end`", "__landfall_relr_end = .; }`"],
    ),
    (
        "relr-cut-off",
        &[(
            "__landfall_relr_start = .; *(.relr.dyn) __landfall_relr_end = .;",
            "__landfall_relr_start = .; __landfall_relr_end = .; *(.relr.dyn)",
        )],
        &["do not enclose all of .relr.dyn", "`.relr.dyn : { __landfall_relr_start = .;"],
    ),
    (
        "linked-high",
        &[(". = 0xffffffff00000000;", ". = 0xffffffff80200000;")],
        &["within 2 GiB of address 0", "`. = 0xffffffff00000000;`"],
    ),
];

/// Returns a test for each mistake.
pub(super) fn checks() -> Vec<Check> {
    let of = |kernel: &'static str, mistakes: &'static [Mistake]| {
        mistakes.iter().map(move |&(name, damage, words)| {
            let test = move || Link::of(kernel)?.stops(name, damage, words);
            let check = Check::new(format!("script/{kernel}/{name}"), test);
            if kernel == "own-start" { check.always() } else { check }
        })
    };
    of("own-layout", &LAYOUT).chain(of("own-start", &START)).collect()
}

/// The link of a kernel, to be repeated.
#[derive(Clone, Debug)]
struct Link {
    /// The command, for a shell.
    command: String,
    /// The kernel's own script: its path, and its text.
    script: (PathBuf, String),
    folder: PathBuf,
}

impl Link {
    /// Compiles the kernel, keeps its object files, and returns its link.
    fn of(kernel: &'static str) -> Result<Self, String> {
        static LINKS: Mutex<BTreeMap<&str, Result<Link, String>>> = Mutex::new(BTreeMap::new());
        let mut links = LINKS.lock().unwrap_or_else(PoisonError::into_inner);
        links.entry(kernel).or_insert_with(|| Self::compile(kernel)).clone()
    }

    fn compile(kernel: &str) -> Result<Self, String> {
        set_up::rust_target()?;
        let folder = workshop::folder("scripts")?;
        let _alone = workshop::lock(&folder)?;
        let output = cargo()
            .args(["rustc", "--quiet", "--release", "--target", TARGET, "--package", kernel])
            .arg("--target-dir")
            .arg(&folder)
            .args(["--", "--print=link-args", "-Csave-temps"])
            .env_remove("LANDFALL_BUILD")
            .stdin(Stdio::null())
            .output();
        let output = as_text(output)?;
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        let command = printed.lines().find(|line| line.contains("-flavor")).map(str::to_owned);
        // Cargo prints no command if the kernel is up to date; then the last command is used.
        let kept = folder.join(format!("{kernel}.link"));
        let command = match command {
            Some(command) => as_text(fs::write(&kept, &command)).map(|()| command)?,
            None if output.status.success() => as_text(fs::read_to_string(&kept))?,
            None => {
                let errors = String::from_utf8_lossy(&output.stderr);
                return Err(format!("{kernel} does not link: {errors}"));
            }
        };
        let script = command.split('"').filter_map(|word| word.strip_prefix("-T"));
        let script = script.map(PathBuf::from).find(|path| path.ends_with("src/kernel.ld"));
        let script = script.ok_or("the command has no script of the kernel's own")?;
        let text = as_text(fs::read_to_string(&script))?;
        Ok(Self { command, script: (script, text), folder })
    }

    /// Links with a damaged script. The link must fail with one message that has these words;
    /// without words it must not fail.
    fn stops(&self, name: &str, damage: Damage, words: &[&str]) -> Result<(), String> {
        let (path, text) = &self.script;
        let mut damaged = text.clone();
        for (from, to) in damage {
            if !damaged.contains(from) {
                return Err(format!("the script does not have \"{from}\""));
            }
            damaged = damaged.replace(from, to);
        }
        let output = self.link_with(name, path, &damaged)?;
        let messages: Vec<_> = output.lines().filter(|line| line.starts_with("landfall: ")).collect();
        match (messages.as_slice(), words) {
            ([], []) if !output.contains("error") => Ok(()),
            ([message], [_, ..]) if words.iter().all(|word| message.contains(word)) => Ok(()),
            _ => Err(format!("expected one message with {words:?}; the linker printed: {output}")),
        }
    }

    fn link_with(&self, name: &str, path: &Path, script: &str) -> Result<String, String> {
        let own = as_text(landfall_host::private::folder_in(&self.folder, name))?;
        let damaged = own.path().join("damaged.ld");
        as_text(fs::write(&damaged, script))?;
        let command = self.command.replace(&path.display().to_string(), &damaged.display().to_string());
        let output = Command::new("sh")
            .args(["-c", &format!("{command} -o \"{}\"", own.path().join("linked").display())])
            .stdin(Stdio::null())
            .output();
        Ok(String::from_utf8_lossy(&as_text(output)?.stderr).into_owned())
    }
}
