//! An initrd that is an ELF replaces the inner kernel only if the image permits it.

use std::path::Path;
use std::time::Duration;

use landfall_host::build::Built;
use landfall_host::machine::Machine;
use landfall_image::inner::{Options, Replacement};

use super::bench::Bench;
use super::check::{Check, Outcome};
use super::session::as_text;
use super::wrapped::{DISCLOSE, build_with, inner_elf};

const PATIENCE: Duration = Duration::from_secs(240);

/// Returns the tests.
pub(super) fn checks() -> Vec<Check> {
    vec![
        Check::new("wrapped/initrd-replaces-if-permitted", || {
            let wrapper = build("limine-c-replaced", Replacement::ByInitrd)?;
            console(wrapper, &inner_elf("wrapped")?, &["wrapped: all ok"], "limine: ")
        })
        .always(),
        Check::new("wrapped/initrd-is-the-inner-kernels-own", || {
            let wrapper = build("limine-c-kept", Replacement::Refused)?;
            console(wrapper, &inner_elf("wrapped")?, &["limine: module /initrd"], "wrapped: ")
        }),
        Check::new("wrapped/replacement-is-checked-too", || {
            let wrapper = build("limine-c-checked", Replacement::ByInitrd)?;
            let folder = as_text(landfall_host::private::folder("landfall-test-"))?;
            let file = folder.path().join("initrd");
            as_text(std::fs::write(&file, b"\x7fELF, and no more"))?;
            console(wrapper, &file, &["landfall: refused W1: "], "limine: ")
        }),
    ]
}

/// Builds the kernel `limine-c` and a wrapper, into files of the name `into`.
fn build(into: &str, replacement: Replacement) -> Result<Built, String> {
    build_with("limine-c", into, Options::default().with_replacement(replacement), DISCLOSE)
}

/// Boots a wrapper with an initrd. The console must have lines that begin
/// with each of `lines`, and none that begins with `absent`.
fn console(wrapper: Built, initrd: &Path, lines: &[&str], absent: &str) -> Outcome {
    let machine =
        Machine { kernel: Some(wrapper.flat), initrd: Some(initrd.to_owned()), ..Machine::default() };
    let boot = as_text(Bench::get()?.qemu.boot(machine.arguments(), PATIENCE, |_| {}))?;
    let has = |words: &str| boot.console.iter().any(|line| line.starts_with(words));
    if lines.iter().all(|words| has(words)) && !has(absent) {
        return Ok(());
    }
    Err(format!(
        "{lines:?} without {absent:?} is right, and the console ends with {}",
        boot.console.join("\n")
    ))
}
