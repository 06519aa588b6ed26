//! A module of the demo, in Rust: it prints as often as its parameter says.
//! `cargo landfall build --module module-hello --kernel demo` builds it.

#![no_std]

use landfall_modules::{import, module, param};

module! { name: "hello", init: init, exit: exit }

param!("count", COUNT: u32 = 1);
const MOST: u32 = 100;

#[import(stable)]
unsafe extern "C" {
    fn demo_print(text: *const u8, size: usize);
}

fn print(text: &str) {
    // SAFETY: the text has that many bytes.
    unsafe { demo_print(text.as_ptr(), text.len()) }
}

fn init() -> Result<(), i32> {
    if COUNT.get() > MOST {
        // The kernel prints the code, and unloads the module.
        return Err(1);
    }
    (0..COUNT.get()).for_each(|_| print("Hello from a module.\n"));
    Ok(())
}

fn exit() {
    print("Goodbye from a module.\n");
}
