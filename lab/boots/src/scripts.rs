//! Linker scripts with one mistake each: the link must stop, name what is missing or misplaced, and say what to write.
//!
//! A kernel is compiled once; its own link is then repeated with damaged scripts, by the command that the compiler prints.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use landfall_host::build::TARGET;
use landfall_host::kernel::cargo;

/// What is done to a script: each line that holds the first text gets the second in its place. All of the first must be there.
type Damage = &'static [(&'static str, &'static str)];

/// A mistake: its name, what is done to the script, and words that the message must have, the last of them being what to write.
type Mistake = (&'static str, Damage, &'static [&'static str]);

/// In the script of `own-layout`, which has all of a landing.
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

/// In the script of `own-start`, which takes the rebase alone.
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

/// Runs them all: name and result of each.
pub(super) fn run() -> Vec<(String, Result<(), String>)> {
    let directory = match landfall_host::private::folder("landfall-scripts-") {
        Ok(directory) => directory,
        Err(error) => return vec![("script".to_owned(), Err(error.to_string()))],
    };
    let kernels = [("own-layout", LAYOUT.as_slice()), ("own-start", START.as_slice())];
    let results = kernels.into_iter().flat_map(|(kernel, mistakes)| {
        let link = Link::of(kernel, directory.path());
        mistakes.iter().map(move |(mistake, damage, words)| {
            let result = link.as_ref().map_err(Clone::clone).and_then(|link| link.stops(damage, words));
            (format!("script/{kernel}/{mistake}"), result)
        })
    });
    results.collect()
}

/// The link of a kernel, to be repeated.
struct Link<'a> {
    /// As a shell has it.
    command: String,
    /// The kernel's own script: its path, and what is in it.
    script: (PathBuf, String),
    directory: &'a Path,
}

impl<'a> Link<'a> {
    /// Compiles the kernel in `directory`, and keeps its object files.
    fn of(kernel: &str, directory: &'a Path) -> Result<Self, String> {
        let told = |error: std::io::Error| error.to_string();
        let output = cargo()
            .args(["rustc", "--quiet", "--release", "--target", TARGET, "--package", kernel])
            // A folder of its own: where nothing is to be done, nothing is printed.
            .arg("--target-dir")
            .arg(directory)
            .args(["--", "--print=link-args", "-Csave-temps"])
            .env_remove("LANDFALL_BUILD")
            .stdin(Stdio::null())
            .output()
            .map_err(told)?;
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        let command = printed.lines().find(|line| line.contains("-flavor")).map(str::to_owned);
        let command = command
            .ok_or_else(|| format!("{kernel} does not link: {}", String::from_utf8_lossy(&output.stderr)))?;
        let script = command.split('"').filter_map(|word| word.strip_prefix("-T"));
        let script = script.map(PathBuf::from).find(|path| path.ends_with("src/kernel.ld"));
        let script = script.ok_or("the command has no script of the kernel's own")?;
        let text = fs::read_to_string(&script).map_err(told)?;
        Ok(Self { command, script: (script, text), directory })
    }

    /// Links with a damaged script: it must fail with one message, which has these words; without words it must not fail.
    fn stops(&self, damage: Damage, words: &[&str]) -> Result<(), String> {
        let (path, text) = &self.script;
        let mut damaged = text.clone();
        for (from, to) in damage {
            if !damaged.contains(from) {
                return Err(format!("the script does not say \"{from}\" any more"));
            }
            damaged = damaged.replace(from, to);
        }
        let said = self.link_with(path, &damaged)?;
        let messages: Vec<_> = said.lines().filter(|line| line.starts_with("landfall: ")).collect();
        match (messages.as_slice(), words) {
            ([], []) if !said.contains("error") => Ok(()),
            ([message], [_, ..]) if words.iter().all(|word| message.contains(word)) => Ok(()),
            _ => Err(format!("one message with {words:?} is right, and the linker says: {said}")),
        }
    }

    fn link_with(&self, path: &Path, script: &str) -> Result<String, String> {
        let told = |error: std::io::Error| error.to_string();
        let damaged = self.directory.join("damaged.ld");
        fs::write(&damaged, script).map_err(told)?;
        let command = self.command.replace(&path.display().to_string(), &damaged.display().to_string());
        let output = Command::new("sh")
            .args(["-c", &format!("{command} -o \"{}\"", self.directory.join("linked").display())])
            .stdin(Stdio::null())
            .output()
            .map_err(told)?;
        Ok(String::from_utf8_lossy(&output.stderr).into_owned())
    }
}
