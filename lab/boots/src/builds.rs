//! What needs no boot: a kernel that must not build, and conversions that must not load.

use std::process::Stdio;

use super::application;
use super::instruction::{self, Kind};
use super::kernels::Kernels;
use landfall_host::build::{self, TARGET};
use landfall_host::kernel::cargo;

/// A kernel with a pointer that RELR cannot tell of.
const PACKED: &str = "packed";

/// Runs them all: name and result of each.
pub(super) fn run(kernels: &Kernels) -> Vec<(&'static str, Result<(), String>)> {
    vec![
        ("build/packed-is-named", packed_is_named()),
        ("build/packed-does-not-link", packed_does_not_link()),
        ("build/efi-application", kernels.get("hello").and_then(|kernel| application::check(&kernel.image))),
        (
            "build/efi-application-of-own-layout",
            kernels.get("own-layout").and_then(|kernel| application::check(&kernel.image)),
        ),
        ("build/harts-start-after-a-fence", harts_start_after_a_fence(kernels)),
        ("conversions/linear", conversion(kernels, &["linear_to_virt", "linear_to_phys"], Some(3))),
        ("conversions/image", conversion(kernels, &["image_to_virt", "image_to_phys"], Some(6))),
        ("conversions/either", conversion(kernels, &["either_to_phys"], None)),
    ]
}

/// `cargo landfall build` names the relocation and its symbol.
fn packed_is_named() -> Result<(), String> {
    match build::named(PACKED) {
        Ok(_) => Err("it was built".to_owned()),
        Err(error) => {
            let said = error.to_string();
            let named = said.contains("R_RISCV_RELATIVE") && said.contains("PACKED");
            if named {
                Ok(())
            } else {
                Err(format!("the message names not both relocation and symbol: {said}"))
            }
        }
    }
}

/// Plain Cargo stops at the linker's ASSERT.
fn packed_does_not_link() -> Result<(), String> {
    let output = cargo()
        .args(["build", "--release", "--target", TARGET, "--package", PACKED])
        .env_remove("LANDFALL_BUILD")
        .stdin(Stdio::null())
        .output()
        .map_err(|error| error.to_string())?;
    let said = String::from_utf8_lossy(&output.stderr);
    match (output.status.success(), said.contains("landfall: the kernel has relocations other than RELR")) {
        (true, _) => Err("it was linked".to_owned()),
        (false, true) => Ok(()),
        (false, false) => Err(format!("it failed with another message: {said}")),
    }
}

/// A hart that the firmware starts must see its record, and an `ecall` orders no data: a fence stands before the first, for stores (W) before it, and for stores and
/// devices (O) after it.
fn harts_start_after_a_fence(kernels: &Kernels) -> Result<(), String> {
    const STORES: u8 = 0b0001;
    const STORES_AND_DEVICES: u8 = 0b0101;
    let kinds = instruction::decode(kernels.get("rules")?.image.code("landfall_start_by_hsm")?)?;
    let call = kinds.iter().position(|kind| *kind == Kind::Call).ok_or("it starts no hart")?;
    let orders = |kind: &Kind| matches!(kind, Kind::Fence { before, after } if before & STORES != 0 && after & STORES_AND_DEVICES == STORES_AND_DEVICES);
    if kinds.iter().take(call).any(orders) {
        Ok(())
    } else {
        let before: Vec<_> = kinds.iter().take(call).map(ToString::to_string).collect();
        Err(format!("no fence orders stores before the first `ecall`: {}", before.join(" ")))
    }
}

/// Functions of the kernel `rules` that are one conversion each, and a `ret`.
fn conversion(kernels: &Kernels, names: &[&str], longest: Option<usize>) -> Result<(), String> {
    let image = &kernels.get("rules")?.image;
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
