//! An inner kernel that traps before it has set `stvec`.

use std::fs;
use std::time::Duration;

use landfall_host::machine::Machine;
use landfall_host::verdict::Verdict;
use landfall_image::inner::Options;
use object::{Object, ObjectSymbol};

use super::bench::Bench;
use super::check::{Check, Outcome};
use super::session::as_text;
use super::wrapped::{DISCLOSE, build_with, inner_elf};

const PATIENCE: Duration = Duration::from_secs(240);
const KERNEL: &str = "wrapped-traps";

/// Returns the tests.
pub(super) fn checks() -> Vec<Check> {
    vec![
        Check::new("wrapped/trap-before-stvec", || trap("wrapped-traps", "withheld", &[])).always(),
        Check::new("wrapped/trap-with-addresses", || trap("wrapped-traps-disclosed", "0x", DISCLOSE)),
    ]
}

/// Boots the kernel that traps at the symbol `trapping`. The panic must begin a line, and state
/// that address as linked. The text of `stval` must begin with `stval`.
fn trap(into: &str, stval: &str, policy: &[&str]) -> Outcome {
    let built = build_with(KERNEL, into, Options::default(), policy)?;
    let elf = as_text(fs::read(inner_elf(KERNEL)?))?;
    let elf = as_text(object::File::parse(&*elf))?;
    let symbol = elf.symbols().find(|symbol| symbol.name() == Ok("trapping"));
    let linked = symbol.ok_or("the kernel has no symbol `trapping`")?.address();
    let machine = Machine { kernel: Some(built.flat), ..Machine::default() };
    let boot = as_text(Bench::get()?.qemu.boot(machine.arguments(), PATIENCE, |_| {}))?;
    let right = format!(
        "landfall: panic the inner kernel trapped before it set stvec: scause 0xf, sepc {linked:#x} as linked, stval {stval}"
    );
    let is_right = boot.console.iter().any(|line| line.starts_with(&right));
    if is_right && matches!(boot.verdict, Some(Verdict::Panicked { .. })) {
        return Ok(());
    }
    Err(format!("{right:?} is right, and the console ends with {}", boot.console.join("\n")))
}
