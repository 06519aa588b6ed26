//! Landfall lands a RISC-V 64 kernel: one image that any boot loader may put at any physical address, that finds out what the machine is,
//! picks sv39, sv48 or sv57 at run time, relocates itself, builds its page tables, and enters `main` at a random virtual
//! address outside the linear map, with every permission right from the first entry.
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
//! The landing itself is one function, `land` in `machine/land.rs`: begin reading there. On a host only what is pure is compiled: the device
//! tree's reader and the types.

#![no_std]

#[cfg(all(target_arch = "riscv64", target_os = "none"))]
mod machine;

pub use landfall_efi::{Descriptor, Efi, MemoryMap, MemoryMapError, Use};
pub use landfall_paging::{
    Access, EditError, Editor, Entry, Fence, Frames, LeafCount, LeafFormat, LeafSize, Mapping, Mode,
    PhysAddr, Satp, Translation, VirtAddr,
};
pub use landfall_plan::{
    Absence, Alias, CommandLine, Disclosure, Extension, Extensions, Facts, Hart, Harts, Kaslr, KaslrState,
    LinearPin, Mmu, Modes, Movement, Physical, Placement, Plan, Policy, Range, RangeSet, Reason, Refusal,
    STACK_GUARD, Seed, SeedSource, Starting, Stretches, VirtRange,
};
pub use landfall_tree::{Entropy, Found, MAX_DEPTH, MAX_SIZE, Seeds, Tree};
#[cfg(all(target_arch = "riscv64", target_os = "none"))]
pub use machine::{
    AddressError, HartIndex, HartState, ImageAddr, Json, KernelEntropy, LandedTables, Landing, LinearAddr,
    LinearTables, Report, console::Console, exit, power_off, print_fmt, trap, virt_to_phys,
    wait_for_interrupt,
};

/// Names the kernel's `main`, its function for the other harts, and its policy.
///
/// ```ignore
/// #![no_std]
/// #![no_main]
///
/// use landfall::{Disclosure, HartIndex, Landing, Policy};
///
/// const POLICY: Policy = Policy::new().addresses(Disclosure::Tell);
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
/// Every other hart calls `secondary` as soon as it has landed, on its own stack, while the boot hart may not have entered `main` yet.
/// Without `secondary` the other harts stay with the firmware. Without `policy` it is `Policy::new()`.
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
            $crate::entry!(@ $main, no_secondary, $crate::Starting::BootHart, $policy);
        };
    };
    ($main:path, secondary = $secondary:path, policy = $policy:expr) => {
        $crate::entry!(@ $main, $secondary, $crate::Starting::AllHarts, $policy);
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
                policy.starting($starting).record()
            };
        };
    };
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
