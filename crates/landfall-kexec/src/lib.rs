//! Starts another kernel from a RISC-V kernel that runs: a landfall kernel, Linux, or any other
//! with Linux's boot header or an ELF.
//!
//! ```text
//! running   the kernel that runs
//! next      the wishes: image, initrd, command line, place, seed
//! blob      bytes of the running kernel, and the memory that holds them
//! image     the kind of the image, and the places of its bytes
//! read      an image of any format
//!   flat      with a boot header
//!   elf       an ELF
//! memory    the memory that the next kernel may be given
//! places    the places of image and initrd
//! targets   the steps that fill them, and those that wipe the old kernel
//! steps     the copies, in an order in which none overwrites what a later one reads
//! handed    the new tree in the block, and EFI's memory map
//!   tree      the tree
//!   chosen    the values of /chosen
//! block     the memory of the jump: tables, copier, steps, tree
//! tables    its tables, which map two pages
//! check     the rules of the boot contract, before anything is overwritten
//! plan      all of that, in order
//! handover  the next kernel as files in an initrd
//! crash     a crash kernel, prepared in memory of its own
//! machine   the effects: other harts stop, and the copier starts the next kernel
//! ```
//!
//! The plan is made while the running kernel could go on: [`KexecPlan::new`] changes the block and
//! nothing else. `Prepared::start` carries it out.
//!
//! Everything about the image is untrusted: an error states the fault, and nothing was changed.

#![no_std]
#![cfg_attr(not(all(target_arch = "riscv64", not(any(unix, windows)))), forbid(unsafe_code))]

mod blob;
mod block;
mod check;
mod chosen;
pub mod crash;
mod elf;
mod error;
mod flat;
mod handed;
mod handover;
mod image;
mod memory;
mod next;
mod place;
mod places;
mod plan;
mod read;
mod running;
mod steps;
mod sum;
mod tables;
mod targets;
mod tree;

#[cfg(all(target_arch = "riscv64", not(any(unix, windows))))]
mod machine;

pub use blob::Blob;
pub use block::{Block, Parts};
pub use error::{KexecError, Part};
pub use handover::Handover;
pub use image::{ALIGNMENT, Image, ImageError, ImageKind, MAX_SEGMENTS, Segment, Whereabouts};
pub use next::Next;
pub use place::Place;
pub use plan::KexecPlan;
pub use running::Running;
pub use steps::Step;
pub use sum::sum;
pub use tables::{LeavePage, build as build_tables};

#[cfg(all(target_arch = "riscv64", not(any(unix, windows))))]
pub use machine::{
    CrashListener, LoadError, Prepared, StartError, block_of, crash as start_crash_kernel, linear,
    listen_for_crash, load_crash_kernel, prepare, quiet_plic, stop_if_asked, stop_if_crashed,
};

#[cfg(test)]
extern crate std;

#[doc = include_str!("../README.md")]
#[cfg(doctest)]
struct Readme;
