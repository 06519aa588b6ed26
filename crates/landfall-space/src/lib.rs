//! A live address space of RISC-V: what the landing guarantees holds for as long as the kernel
//! runs.
//!
//! - Nothing writable is executable, at any address.
//! - Each mapping has a guard below and one above.
//! - No memory and no address is used again while a hart may still translate to it.
//!
//! ```text
//! kernel     the owner of the live tables, and their fences
//! map        mapping in the kernel's half: memory, stacks, registers of devices
//! area       a mapping of the kernel's half, with its guards
//! code       code that comes at run time
//! uncached   memory that no hart caches
//! user       user address spaces, which share the kernel's half
//! flush      changes whose fence is still to come
//! change     the fence that a change needs, given those before it
//! explain    what an address is
//! mapped     the list of what is mapped
//! place      free addresses, by what the tables say
//! machine    the contract with the machine under the tables
//! request    fences on other harts by the kernel's own interrupts
//! memory     physical memory with one owner
//! ```
//!
//! The state of addresses is in the tables: invalid entries say whether their addresses are free, a
//! guard, or withdrawn. So the space takes no memory besides tables, needs no allocator, and has no
//! second list that could differ from what harts see.
//!
//! Memory has one owner, so it is mapped once besides its linear address:
//!
//! ```
//! use landfall_paging::{PhysAddr, PhysRange};
//! use landfall_space::Memory;
//!
//! let range = PhysRange::new(PhysAddr::new(0x8800_0000), 0x4000);
//! // SAFETY: the example has no machine; a kernel takes free memory of its landing.
//! let memory = unsafe { Memory::new(range) };
//! let Ok((stack, rest)) = memory.split(0x3000) else { panic!("whole pages") };
//! assert_eq!(stack.range().size(), 0x3000);
//! assert_eq!(rest.into_range().start(), PhysAddr::new(0x8800_3000));
//! ```

#![no_std]

mod area;
mod asid;
mod asids;
mod change;
mod code;
mod error;
mod explain;
mod fence;
mod flush;
mod hart;
mod harts;
mod kernel;
mod kind;
mod lock;
mod machine;
mod map;
mod mapped;
mod memory;
mod place;
mod request;
mod uncached;
mod user;

pub use area::{Area, DataAccess, Device};
pub use asid::Asid;
pub use code::{Code, Constants, Draft};
pub use error::{Refused, SpaceError};
pub use explain::Explanation;
pub use fence::{FenceFailed, FenceRequest};
pub use flush::{Flush, Withdrawal};
pub use kernel::{KernelSpace, Options, Region, Svpbmt};
pub use kind::Kind;
pub use machine::Machine;
pub use mapped::Mapped;
pub use memory::Memory;
pub use place::Placing;
pub use request::{FenceSlot, Ipi};
pub use uncached::Uncached;
pub use user::{Entered, UserSpace};
