//! Landfall lands a RISC-V 64 kernel: one image that any boot loader may put at any physical
//! address. The image reads the machine's facts, picks sv39, sv48 or sv57 at run time, relocates
//! itself and builds its page tables. It enters `main` at a random virtual address outside the
//! linear map. Every permission is right from the first page-table entry.
//!
//! ```ignore
//! #![no_std]
//! #![no_main]
//!
//! landfall::entry!(main);
//!
//! fn main(landing: &'static landfall::Landing) -> ! {
//!     landfall::print!("{}", landing.report());
//!     // The line by which `cargo landfall run` knows that the kernel has landed.
//!     landfall::println!("landfall: report {}", landing.report().json());
//!     landfall::exit(0)
//! }
//! ```
//!
//! # Features
//!
//! All are on by default. A kernel that needs less turns `default-features` off and names what it
//! needs.
//!
//! | feature | part | without it |
//! |---|---|---|
//! | `panic-handler` | prints a panic, and powers off | the kernel brings its own |
//! | `efi` | the loader for EFI firmware | the image has no PE header |
//! | `acpi` (includes `efi`) | machines with ACPI tables alone | rule 27 refuses them |
//! | `report` | `Landing::report` | the run ends with `exit`, or `--until` |
//! | `relocate` | the move in physical memory | a policy that moves does not compile |
//!
//! The image's record lists what was compiled out, and `cargo landfall` refuses by name what needs
//! it.
//!
//! The landing itself is one function, `land` in `machine/land.rs`: begin reading there. On a host
//! only what is pure is compiled: the device tree's reader and the types.

#![no_std]

#[cfg(all(target_arch = "riscv64", not(any(unix, windows))))]
mod machine;

pub use landfall_plan::Policy;
pub use landfall_plan::harts::HartIndex;
#[cfg(all(target_arch = "riscv64", not(any(unix, windows))))]
pub use machine::{Landing, exit, power_off, print_fmt, reboot, trap, wait_for_interrupt};

pub mod address;

#[cfg(all(target_arch = "riscv64", not(any(unix, windows))))]
pub mod console;

#[cfg(feature = "efi")]
pub mod efi;

#[cfg(all(target_arch = "riscv64", not(any(unix, windows))))]
pub mod entropy;

pub mod harts;

pub mod memory;

pub mod paging;

pub mod plan;

pub mod policy;

#[cfg(all(target_arch = "riscv64", not(any(unix, windows)), feature = "report"))]
pub mod report;

pub mod space;

pub mod tree;

/// Names the kernel's `main`, its function for the other harts, and its policy.
///
/// ```ignore
/// #![no_std]
/// #![no_main]
///
/// use landfall::policy::Disclosure;
/// use landfall::{HartIndex, Landing, Policy};
///
/// const POLICY: Policy = Policy::new().with_disclosure(Disclosure::Disclose);
///
/// landfall::entry!(main, secondary = second, policy = &POLICY);
///
/// fn main(landing: &'static Landing) -> ! {
///     landfall::println!("landfall: report {}", landing.report().json());
///     landfall::exit(0)
/// }
///
/// fn second(_landing: &'static Landing, _hart: HartIndex) -> ! {
///     loop {
///         core::hint::spin_loop();
///     }
/// }
/// ```
///
/// Every other hart calls `secondary` as soon as it has landed, on its own stack, while the boot
/// hart may not have entered `main` yet. Without `secondary` the other harts stay with the
/// firmware. Without `policy` it is `Policy::new()`.
#[macro_export]
macro_rules! entry {
    ($main:path) => {
        $crate::entry!($main, policy = &$crate::Policy::new());
    };
    ($main:path, secondary = $secondary:path) => {
        $crate::entry!($main, secondary = $secondary, policy = &$crate::Policy::new());
    };
    ($main:path, policy = $policy:expr) => {
        const _: () = {
            fn no_secondary(_: &'static $crate::Landing, _: $crate::HartIndex) -> ! {
                $crate::power_off()
            }
            $crate::entry!(@ $main, no_secondary, $crate::policy::Starting::BootHart, $policy);
        };
    };
    ($main:path, secondary = $secondary:path, policy = $policy:expr) => {
        $crate::entry!(@ $main, $secondary, $crate::policy::Starting::AllHarts, $policy);
    };
    (@ $main:path, $secondary:path, $starting:expr, $policy:expr) => {
        const _: () = {
            #[unsafe(export_name = "__landfall_main")]
            fn landfall_main(landing: &'static $crate::Landing) -> ! {
                let main: fn(&'static $crate::Landing) -> ! = $main;
                main(landing)
            }
            #[unsafe(export_name = "__landfall_secondary")]
            fn landfall_secondary(landing: &'static $crate::Landing, hart: $crate::HartIndex) -> ! {
                let secondary: fn(&'static $crate::Landing, $crate::HartIndex) -> ! = $secondary;
                secondary(landing, hart)
            }
            #[used]
            #[unsafe(link_section = ".landfall.policy")]
            static LANDFALL_POLICY: [u8; $crate::Policy::RECORD_SIZE] = {
                let policy: &$crate::Policy = $policy;
                $crate::policy_record(&policy.with_starting($starting))
            };
        };
    };
}

/// Returns the record of a policy that this build of the crate can carry out. For [`entry!`].
#[doc(hidden)]
#[must_use]
pub const fn policy_record(policy: &Policy) -> [u8; Policy::RECORD_SIZE] {
    assert!(
        cfg!(feature = "relocate") || matches!(policy.physical_placement(), policy::PhysicalPlacement::Stay),
        "the policy moves the kernel in physical memory, and the crate `landfall` is built without its feature `relocate`; enable the feature, or use PhysicalPlacement::Stay"
    );
    policy.record()
}

/// Prints to the SBI console. All of it stays together, whatever other harts print.
#[macro_export]
macro_rules! print {
    ($($argument:tt)*) => { $crate::print_fmt(::core::format_args!($($argument)*)) };
}

/// Prints a line to the SBI console. All of it stays together, whatever other harts print.
#[macro_export]
macro_rules! println {
    () => { $crate::print!("\n") };
    ($($argument:tt)*) => { $crate::print_fmt(::core::format_args!("{}\n", ::core::format_args!($($argument)*))) };
}
