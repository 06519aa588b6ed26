#![doc = include_str!("../README.md")]
#![cfg_attr(not(test), no_std)]
#![cfg_attr(
    not(all(target_arch = "riscv64", not(any(unix, windows)), feature = "irq", feature = "smp")),
    allow(dead_code, reason = "on a host only tests use what is pure; features use the rest of it")
)]

// The traits of the one or the other version, by one name.
#[cfg(feature = "preview")]
extern crate axplat_preview as axplat;

pub use landfall;

pub mod config;

mod clock;
mod devices;
mod regions;

#[cfg(all(target_arch = "riscv64", not(any(unix, windows))))]
mod machine;

#[doc(hidden)]
#[cfg(all(target_arch = "riscv64", not(any(unix, windows))))]
pub use machine::boot;

/// Enters the kernel with a policy of its own. Only without the feature `entry`, by which the
/// platform does it with its usual policy.
///
/// ```ignore
/// use axplat_riscv64_landfall::landfall::Policy;
///
/// const POLICY: Policy = Policy::new();
///
/// axplat_riscv64_landfall::entry!(policy = &POLICY);
/// ```
#[macro_export]
macro_rules! entry {
    (policy = $policy:expr) => {
        $crate::__enter!($policy);
    };
}

#[doc(hidden)]
#[macro_export]
#[cfg(feature = "smp")]
macro_rules! __enter {
    ($policy:expr) => {
        $crate::landfall::entry!($crate::boot::main, secondary = $crate::boot::secondary, policy = $policy);
    };
}

#[doc(hidden)]
#[macro_export]
#[cfg(not(feature = "smp"))]
macro_rules! __enter {
    ($policy:expr) => {
        $crate::landfall::entry!($crate::boot::main, policy = $policy);
    };
}

#[cfg(all(feature = "entry", target_arch = "riscv64", not(any(unix, windows))))]
entry!(policy = &USUAL_POLICY);

/// Random addresses in the best mode that the machine has. ArceOS 0.3.0-preview builds tables of
/// its own: those of sv39, with the kernel where the linear map has it.
pub const USUAL_POLICY: landfall::Policy = {
    let policy = landfall::Policy::new();
    let policy = if cfg!(feature = "preview") {
        policy
            .with_modes(landfall::paging::Mode::Sv39..=landfall::paging::Mode::Sv39)
            .with_placement(landfall::policy::Placement::LinearMap)
    } else {
        policy
    };
    if cfg!(feature = "addresses") {
        policy.with_disclosure(landfall::policy::Disclosure::Disclose)
    } else {
        policy
    }
};
