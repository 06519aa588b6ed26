//! The harts of the machine, and what became of each.
//!
//! ```ignore
//! #![no_std]
//! #![no_main]
//!
//! use core::sync::atomic::{AtomicU64, Ordering};
//!
//! use landfall::harts::{HartState, LandingHart};
//! use landfall::{HartIndex, Landing};
//!
//! landfall::entry!(main, secondary = second);
//!
//! static ENTERED: AtomicU64 = AtomicU64::new(1);
//!
//! fn main(landing: &'static Landing) -> ! {
//!     for LandingHart { hart, state, .. } in landing.harts() {
//!         if state != HartState::Online {
//!             landfall::println!("hart {} is missing: {state}", hart.id);
//!         }
//!     }
//!     while ENTERED.load(Ordering::Acquire) != landing.online_harts().len() as u64 {
//!         core::hint::spin_loop();
//!     }
//!     landfall::exit(0)
//! }
//!
//! fn second(_landing: &'static Landing, _hart: HartIndex) -> ! {
//!     ENTERED.fetch_add(1, Ordering::Release);
//!     loop {
//!         landfall::wait_for_interrupt();
//!     }
//! }
//! ```

pub use landfall_plan::harts::{Absence, Extension, Extensions, Hart, HartSet, Harts, Mmu};

#[cfg(all(target_arch = "riscv64", not(any(unix, windows))))]
pub use crate::machine::{HartState, LandingHart, Patience};
