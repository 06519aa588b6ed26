//! The parts of the workload that another crate owns, as a kernel's subsystems do: tables, statics,
//! functions behind pointers, trait objects.

#![no_std]
#![expect(
    clippy::cast_possible_truncation,
    reason = "a machine word has 64 bits, and what is narrower is masked"
)]

use core::sync::atomic::{AtomicU64, Ordering};

/// CRC-32 (IEEE 802.3) of each byte value.
pub static CRC: [u32; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut crc = byte as u32;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 1 == 0 { crc >> 1 } else { crc >> 1 ^ 0xedb8_8320 };
            bit += 1;
        }
        table[byte] = crc;
        byte += 1;
    }
    table
};

/// Counters that every crate adds to, as a kernel's statistics.
pub static COUNTERS: [AtomicU64; 8] = [const { AtomicU64::new(0) }; 8];

/// The sum of all that was counted.
pub static TOTAL: AtomicU64 = AtomicU64::new(0);

/// Adds to a counter, modulo their number, and to the total.
pub fn count(counter: usize, by: u64) {
    COUNTERS[counter % COUNTERS.len()].fetch_add(by, Ordering::Relaxed);
    TOTAL.store(TOTAL.load(Ordering::Relaxed).wrapping_add(by), Ordering::Relaxed);
}

/// An entry of a table of functions.
pub type Operation = fn(u64, u64) -> u64;

/// A table of functions, as of system calls.
pub static OPERATIONS: [Operation; 8] = [add, subtract, xor, rotate, multiply, mix, count_ones, keep];

fn add(a: u64, b: u64) -> u64 {
    a.wrapping_add(b)
}

fn subtract(a: u64, b: u64) -> u64 {
    a.wrapping_sub(b)
}

fn xor(a: u64, b: u64) -> u64 {
    a ^ b
}

fn rotate(a: u64, b: u64) -> u64 {
    a.rotate_left((b & 63) as u32)
}

fn multiply(a: u64, b: u64) -> u64 {
    a.wrapping_mul(b | 1)
}

fn mix(a: u64, b: u64) -> u64 {
    count(5, 1);
    a ^ b.swap_bytes()
}

fn count_ones(a: u64, b: u64) -> u64 {
    a.wrapping_add(u64::from(b.count_ones()))
}

fn keep(a: u64, b: u64) -> u64 {
    TOTAL.load(Ordering::Relaxed) ^ a ^ b
}

/// A device, as far as it can be read.
pub trait Device: Sync {
    /// Its name.
    fn name(&self) -> &'static str;
    /// Returns the answer to a command.
    fn read(&self, command: u64) -> u64;
}

/// Gives the bytes of its name, one after the other.
#[derive(Debug)]
pub struct Letters(&'static str);

/// Counts.
#[derive(Debug)]
pub struct Clock {
    step: u64,
    now: AtomicU64,
}

impl Device for Letters {
    fn name(&self) -> &'static str {
        self.0
    }

    fn read(&self, command: u64) -> u64 {
        let bytes = self.0.as_bytes();
        u64::from(bytes[command as usize % bytes.len()])
    }
}

impl Device for Clock {
    fn name(&self) -> &'static str {
        "clock"
    }

    fn read(&self, command: u64) -> u64 {
        count(7, command & 1);
        self.now.fetch_add(self.step, Ordering::Relaxed)
    }
}

static SLOW: Clock = Clock { step: 1, now: AtomicU64::new(0) };
static FAST: Clock = Clock { step: 1000, now: AtomicU64::new(7) };

/// All devices.
pub static DEVICES: [&dyn Device; 4] = [&Letters("serial"), &SLOW, &Letters("random"), &FAST];

/// Words to sort: keys of a kernel's command line.
pub static WORDS: [&str; 32] = [
    "console",
    "root",
    "init",
    "quiet",
    "debug",
    "loglevel",
    "nokaslr",
    "maxcpus",
    "mem",
    "initrd",
    "earlycon",
    "rw",
    "ro",
    "rootwait",
    "panic",
    "nosmp",
    "isolcpus",
    "hugepages",
    "noapic",
    "acpi",
    "cma",
    "crashkernel",
    "dyndbg",
    "fips",
    "ftrace",
    "hz",
    "ima",
    "irqfixup",
    "kasan",
    "lockdown",
    "nohz",
    "printk",
];
