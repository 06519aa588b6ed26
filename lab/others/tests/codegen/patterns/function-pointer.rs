//! A function's address in a static that may change, and a call through it.
#![no_std]

use core::sync::atomic::{AtomicPtr, Ordering};

extern "C" fn first(number: u64) -> u64 {
    number + 1
}

#[unsafe(no_mangle)]
pub static HANDLER: AtomicPtr<()> = AtomicPtr::new(first as extern "C" fn(u64) -> u64 as *mut ());

#[unsafe(no_mangle)]
pub unsafe extern "C" fn pattern(number: u64) -> u64 {
    let handler = HANDLER.load(Ordering::Relaxed);
    let handler = unsafe { core::mem::transmute::<*mut (), extern "C" fn(u64) -> u64>(handler) };
    handler(number)
}
