//! Tests without a boot: a kernel that must not build, and conversions that must not load.

use std::process::Stdio;

use super::application;
use super::check::{Check, Outcome};
use super::image::Image;
use super::kernels::KERNELS;
use super::set_up;
use landfall_host::build::{self, TARGET};
use landfall_host::kernel::cargo;
use landfall_judge::instruction::{self, Kind};

/// A kernel with a pointer that RELR cannot describe.
const PACKED: &str = "packed";

/// Returns the tests.
pub(super) fn checks() -> Vec<Check> {
    let of_image = |name: &'static str, kernel: &'static str, test: fn(&Image) -> Outcome| {
        Check::new(name, move || test(&KERNELS.get(kernel)?.image)).always()
    };
    vec![
        Check::new("build/packed-is-named", packed_is_named).always(),
        Check::new("build/packed-does-not-link", packed_does_not_link).always(),
        of_image("build/efi-application", "hello", application::check),
        of_image("build/efi-application-of-own-layout", "own-layout", application::check),
        of_image("build/harts-start-after-a-fence", "rules", harts_start_after_a_fence),
        of_image("conversions/linear", "rules", |image| {
            conversion(image, &["linear_to_virt", "linear_to_phys"], Some(3))
        }),
        of_image("conversions/image", "rules", |image| {
            conversion(image, &["image_to_virt", "image_to_phys"], Some(6))
        }),
        of_image("conversions/either", "rules", |image| conversion(image, &["either_to_phys"], None)),
    ]
}

/// `cargo landfall build` names the relocation and its symbol.
fn packed_is_named() -> Result<(), String> {
    set_up::rust_target()?;
    match build::named(PACKED) {
        Ok(_) => Err("the kernel builds, but must not".to_owned()),
        Err(error) => {
            let messages = error.to_string();
            let named = messages.contains("R_RISCV_RELATIVE") && messages.contains("PACKED");
            if named {
                Ok(())
            } else {
                Err(format!("the message does not name both relocation and symbol: {messages}"))
            }
        }
    }
}

/// The linker's ASSERT stops plain Cargo.
fn packed_does_not_link() -> Result<(), String> {
    set_up::rust_target()?;
    let output = cargo()
        .args(["build", "--release", "--target", TARGET, "--package", PACKED])
        .env_remove("LANDFALL_BUILD")
        .stdin(Stdio::null())
        .output()
        .map_err(|error| error.to_string())?;
    let messages = String::from_utf8_lossy(&output.stderr);
    match (output.status.success(), messages.contains("landfall: the kernel has relocations other than RELR"))
    {
        (true, _) => Err("the kernel links, but must not".to_owned()),
        (false, true) => Ok(()),
        (false, false) => Err(format!("the link fails with another message: {messages}")),
    }
}

/// Checks for a fence before the first `ecall` that starts a hart. The hart must see its record,
/// and an `ecall` orders no data. So the fence orders earlier stores (W) before later stores and
/// device output (O).
fn harts_start_after_a_fence(image: &Image) -> Result<(), String> {
    const STORES: u8 = 0b0001;
    const STORES_AND_DEVICES: u8 = 0b0101;
    let kinds = instruction::decode(image.code("landfall_start_by_hsm")?)?;
    let call = kinds.iter().position(|kind| *kind == Kind::Call).ok_or("the function has no `ecall`")?;
    let orders = |kind: &Kind| matches!(kind, Kind::Fence { before, after } if before & STORES != 0 && after & STORES_AND_DEVICES == STORES_AND_DEVICES);
    if kinds.iter().take(call).any(orders) {
        Ok(())
    } else {
        let before: Vec<_> = kinds.iter().take(call).map(ToString::to_string).collect();
        Err(format!("no fence orders stores before the first `ecall`: {}", before.join(" ")))
    }
}

/// Checks functions of the kernel `rules` that are one conversion and a `ret` each.
fn conversion(image: &Image, names: &[&str], longest: Option<usize>) -> Result<(), String> {
    for name in names {
        let kinds = instruction::decode(image.code(name)?)?;
        let list = || kinds.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
        if kinds.iter().any(|kind| matches!(kind, Kind::Load | Kind::Store)) || !kinds.contains(&Kind::Return)
        {
            return Err(format!("{name} touches memory, or does not return: {}", list()));
        }
        let Some(longest) = longest else { continue };
        let work: Vec<_> = kinds.iter().filter(|kind| **kind != Kind::Return).collect();
        let simple = work
            .iter()
            .all(|kind| matches!(kind, Kind::LoadUpper | Kind::Shift | Kind::Add | Kind::AddImmediate));
        if !simple || work.len() > longest {
            return Err(format!("{name} should take {longest} instructions of arithmetic: {}", list()));
        }
    }
    Ok(())
}
