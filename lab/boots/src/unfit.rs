//! Damages every bit and every word of a good file's headers and tables: `check` finds the damage,
//! or the file boots as before.

use std::ops::Range;
use std::path::Path;
use std::time::Duration;

use landfall_inspect::{Hints, Subject, inspect, inspect_tables};
use object::elf::PT_LOAD;
use object::read::elf::{ElfFile64, ProgramHeader};
use object::{LittleEndian, Object, ObjectSection};
use serde_json::Value;
use tempfile::TempDir;

use super::bench::Bench;
use super::check::{Check, Outcome};
use super::session::as_text;
use super::settings::Extent;
use landfall_host::machine::Machine;
use landfall_host::output;
use landfall_host::qemu::Qemu;
use landfall_host::verdict::Verdict;

/// The number of files with undetected damage that are booted, unless all are.
const FEW: usize = 6;
const PATIENCE: Duration = Duration::from_secs(240);
/// The size of boot header and landfall record, in bytes.
const HEADER: u64 = 0x80;
const BOOT_HEADER: &str = "unfit/boot-header-and-record";

/// Flipped bits of the 8 bytes at `at`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Damage {
    at: usize,
    bits: u64,
}

impl Damage {
    fn apply(self, good: &[u8]) -> Vec<u8> {
        let mut bad = good.to_vec();
        if let Some(word) = bad.get_mut(self.at..).and_then(<[u8]>::first_chunk_mut) {
            *word = (u64::from_le_bytes(*word) ^ self.bits).to_le_bytes();
        }
        bad
    }

    /// Returns damage of every bit of `range`, and of every word, with values that are small,
    /// large, or near the old one.
    fn all(good: &[u8], range: Range<usize>) -> Vec<Self> {
        let words = range.step_by(8).filter_map(|at| {
            let word = good.get(at..)?.first_chunk().map(|word| u64::from_le_bytes(*word))?;
            Some((at, word))
        });
        let values = |word: u64| {
            let near =
                [1, 8, 0x1000, 0x20_0000].map(|step| [word.wrapping_add(step), word.wrapping_sub(step)]);
            [[0, u64::MAX], [word.swap_bytes(), word.rotate_left(32)]].into_iter().chain(near).flatten()
        };
        let all = words.flat_map(|(at, word)| {
            let bits = (0..64).map(|bit| 1 << bit).chain(values(word).map(move |value| value ^ word));
            bits.filter(|bits| *bits != 0).map(move |bits| Self { at, bits }).collect::<Vec<_>>()
        });
        all.collect()
    }
}

/// The parts of the file that are damaged.
const PARTS: [&str; 6] = [
    "unfit/elf-header",
    "unfit/program-headers",
    BOOT_HEADER,
    "unfit/policy",
    "unfit/sites",
    "unfit/relocations",
];

/// Returns a test for each part of the ELF of `hello`, and one for the judge.
pub(super) fn checks(extent: Extent) -> Vec<Check> {
    let part = |name| Check::new(name, move || with_hello(|elf, qemu| part(elf, name, qemu, extent)));
    let checks = PARTS.into_iter().map(part);
    checks.chain([Check::new("unfit/judge", || with_hello(judge)).always()]).collect()
}

fn with_hello(test: impl FnOnce(&[u8], &Qemu) -> Outcome) -> Outcome {
    let Bench { qemu, kernels } = Bench::get()?;
    test(&as_text(std::fs::read(&kernels.get("hello")?.elf))?, qemu)
}

/// Returns the place of a part in the file.
fn range(file: &[u8], part: &str) -> Result<Range<usize>, String> {
    let elf = as_text(ElfFile64::<LittleEndian>::parse(file))?;
    let headers = elf.elf_program_headers();
    let section = |name: &str| {
        let range = elf.section_by_name(name).and_then(|section| section.file_range());
        let (start, size) = range.ok_or_else(|| format!("there is no {name}"))?;
        range_of(start, size)
    };
    match part {
        "unfit/elf-header" => Ok(0..64),
        "unfit/program-headers" => Ok(64..64 + size_of_val(headers)),
        BOOT_HEADER => {
            let loaded = headers.iter().filter(|header| header.p_type(LittleEndian) == PT_LOAD);
            let image = loaded.map(|header| header.p_offset(LittleEndian)).min();
            range_of(image.ok_or("nothing is loaded")?, HEADER)
        }
        "unfit/policy" => section(".landfall.policy"),
        "unfit/sites" => section(".landfall.sites"),
        "unfit/relocations" => section(".relr.dyn"),
        other => Err(format!("no part {other}")),
    }
}

fn range_of(start: u64, size: u64) -> Result<Range<usize>, String> {
    let index = |offset: u64| usize::try_from(offset).map_err(|error| error.to_string());
    Ok(index(start)?..index(start + size)?)
}

/// Checks that a boot reports a kernel that refuses its damaged record; otherwise a boot proves
/// nothing.
fn judge(good: &[u8], qemu: &Qemu) -> Outcome {
    let header = range(good, BOOT_HEADER)?;
    let damage = Damage { at: header.start + landfall_image::record::OFFSET, bits: 1 };
    match boot_all(good, &[damage], qemu) {
        Err(objection) if objection.contains("does not land") => Ok(()),
        other => Err(format!("the boot of a kernel with a damaged record passed: {other:?}")),
    }
}

/// Damages a part, bit by bit and word by word, and boots files whose damage `check` does not find.
fn part(good: &[u8], name: &str, qemu: &Qemu, extent: Extent) -> Outcome {
    let mut passed = Damage::all(good, range(good, name)?);
    let count = passed.len();
    passed.retain(|damage| passes(&damage.apply(good)));
    let found = count - passed.len();
    let booted = choose(&passed, if extent == Extent::Soak { usize::MAX } else { FEW });
    output::note(format_args!(
        "{name}: damaged {count} times; {found} found, {} not found, {} of these booted",
        passed.len(),
        booted.len()
    ));
    boot_all(good, &booted, qemu)
}

fn passes(file: &[u8]) -> bool {
    Subject::read(file).is_ok_and(|subject| {
        // Nearly all damage is in tables, so the code is inspected only afterwards.
        inspect_tables(&subject).findings().is_empty()
            && inspect(&subject, &Hints::default()).findings().is_empty()
    })
}

/// Returns at most `count` of them, evenly distributed.
fn choose(damages: &[Damage], count: usize) -> Vec<Damage> {
    damages.iter().step_by(damages.len().div_ceil(count).max(1)).copied().collect()
}

/// Boots each damaged file, which must land like the good one.
fn boot_all(good: &[u8], damages: &[Damage], qemu: &Qemu) -> Result<(), String> {
    if damages.is_empty() {
        return Ok(());
    }
    let scratch = landfall_host::private::folder("landfall-").map_err(|error| error.to_string())?;
    let right = boot(good, &scratch, qemu)?;
    let harm = |damage: &Damage| match boot(&damage.apply(good), &scratch, qemu) {
        Ok(report) if report == right => None,
        Ok(_) => Some(format!("{damage:x?} is not found, and the kernel lands otherwise")),
        Err(error) => Some(format!("{damage:x?} is not found, and the kernel does not land: {error}")),
    };
    let harmful: Vec<_> = damages.iter().filter_map(harm).collect();
    if harmful.is_empty() { Ok(()) } else { Err(harmful.join("\n    ")) }
}

/// Returns the report of a boot without random numbers, which is the same each time.
fn boot(elf: &[u8], scratch: &TempDir, qemu: &Qemu) -> Result<Value, String> {
    let path = scratch.path().join("damaged.elf");
    write(&path, elf)?;
    let machine = Machine { kernel: Some(path), append: Some("nokaslr".into()), ..Machine::default() };
    let boot = qemu.boot(machine.arguments(), PATIENCE, |_| {}).map_err(|error| error.to_string())?;
    match boot.verdict {
        Some(Verdict::Landed(report)) => Ok(report.into_json()),
        verdict => Err(format!("{verdict:?}, {}", boot.errors.trim())),
    }
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), String> {
    std::fs::write(path, bytes).map_err(|error| format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_is_spread_and_no_larger_than_asked() {
        let all: Vec<_> = (0..100).map(|at| Damage { at, bits: 1 }).collect();
        let few = choose(&all, 6);
        assert!(few.len() <= 6 && few.len() > 3, "{few:?}");
        assert_eq!(choose(&all, usize::MAX), all);
        assert_eq!(choose(&[], 6), []);
    }
}
