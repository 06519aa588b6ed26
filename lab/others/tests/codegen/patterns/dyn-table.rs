//! A table of functions behind a pointer: `dyn` in Rust, a struct of operations in C.
#![no_std]

pub trait Device {
    fn read(&self, at: u64) -> u64;
    fn name(&self) -> u64;
}

struct Plain(u64);
struct Doubled(u64);

impl Device for Plain {
    fn read(&self, at: u64) -> u64 {
        self.0 + at
    }
    fn name(&self) -> u64 {
        1
    }
}

impl Device for Doubled {
    fn read(&self, at: u64) -> u64 {
        self.0 * at
    }
    fn name(&self) -> u64 {
        2
    }
}

static PLAIN: Plain = Plain(3);
static DOUBLED: Doubled = Doubled(4);

#[unsafe(no_mangle)]
pub static DEVICES: [&(dyn Device + Sync); 2] = [&PLAIN, &DOUBLED];

#[unsafe(no_mangle)]
pub extern "C" fn pattern(which: usize, at: u64) -> u64 {
    let device = DEVICES[which & 1];
    device.read(at) + device.name()
}
