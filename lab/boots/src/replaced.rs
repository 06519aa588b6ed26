//! An initrd that is an ELF replaces the inner kernel only if the image permits it.

use std::path::Path;
use std::time::Duration;

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
            let options = Options::default().with_replacement(Replacement::ByInitrd);
            let plain = inner_elf("wrapped")?;
            console(options, &plain, &["wrapped: all ok"], "limine: ")
        })
        .always(),
        Check::new("wrapped/initrd-is-the-inner-kernels-own", || {
            let plain = inner_elf("wrapped")?;
            console(Options::default(), &plain, &["limine: module /initrd"], "wrapped: ")
        }),
        Check::new("wrapped/replacement-is-checked-too", || {
            let options = Options::default().with_replacement(Replacement::ByInitrd);
            let folder = as_text(landfall_host::private::folder("landfall-test-"))?;
            let file = folder.path().join("initrd");
            as_text(std::fs::write(&file, b"\x7fELF, and no more"))?;
            console(options, &file, &["landfall: refused W1: "], "limine: ")
        }),
    ]
}

/// Boots the kernel `limine-c` in a wrapper with an initrd. The console must have lines that begin
/// with each of `lines`, and none that begins with `absent`.
fn console(options: Options, initrd: &Path, lines: &[&str], absent: &str) -> Outcome {
    let built = build_with("limine-c", "limine-c-initrd", options, DISCLOSE)?;
    let machine = Machine { kernel: Some(built.flat), initrd: Some(initrd.to_owned()), ..Machine::default() };
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
