//! The wrapper: a landfall kernel that starts another kernel, the inner one, which knows nothing of
//! landfall. `cargo landfall wrap` builds it.
//!
//! ```text
//! boot loader --> landing --> main --> places, loads and relocates the inner kernel
//!                                      writes the boot information and new page tables
//!                             all harts leave together, and nothing leads back
//!
//! target/choose       the inner kernel: the one in this image, or the initrd
//!        placed       its places, and its bytes at them
//!        protocol     Limine's or the plain one
//!        space        the new page tables
//!        linear       the linear map in them
//!        block        the memory for tables, boot information and stacks
//!        information  the contents of the boot information
//!        framebuffer  the framebuffer of firmware
//!        memory       RAM by its use, for the inner kernel
//!        plain        the boot information of the plain protocol
//!        limine       that of Limine's
//!        tickets      the registers of each hart
//!        departure    all harts leave
//!        leave        the page by which they do
//!        refusal      reasons against a start
//! ```

#![cfg_attr(target_os = "none", no_std, no_main)]

#[cfg(all(target_arch = "riscv64", target_os = "none"))]
mod target;

#[cfg(not(all(target_arch = "riscv64", target_os = "none")))]
fn main() -> Result<(), &'static str> {
    Err("the wrapper is a kernel; `cargo landfall wrap` builds it")
}
