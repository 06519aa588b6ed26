//! One fixed workload: what a kernel does all day, on the tables, statics and trait objects of
//! another crate.
//!
//! Each part gives a number that depends on everything before it, so the last one is a checksum of
//! the whole.

#![no_std]
#![expect(
    clippy::cast_possible_truncation,
    reason = "a machine word has 64 bits, and what is narrower is masked"
)]

use core::fmt::{self, Write};
use core::sync::atomic::Ordering;

use compare_parts::{COUNTERS, CRC, DEVICES, OPERATIONS, TOTAL, WORDS, count};

/// Rounds of the workload.
const ROUNDS: u64 = 16;

/// Runs everything, and gives the checksum. Statics keep what it did: a second run gives another.
pub extern "C" fn run(seed: &mut u64) -> u64 {
    (0..ROUNDS).fold(*seed, |state, round| {
        let state = interpret(state ^ round);
        let state = poll(state);
        let state = u64::from(sort(state)) << 32 ^ state;
        let mut text = Text::default();
        // The buffer's end cuts the text off; there is no other error.
        let _ = describe(&mut text, state);
        statistics(u64::from(crc(text.written())) ^ state)
    })
}

/// CRC-32 by a table of another crate.
#[must_use]
pub fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc: u32, byte| CRC[usize::from(crc as u8 ^ byte)] ^ crc >> 8)
}

/// Interprets the nibbles of a number by a table of functions.
fn interpret(program: u64) -> u64 {
    (0..16).fold(program, |state, step| {
        let operation = OPERATIONS[(program >> (4 * step)) as usize % OPERATIONS.len()];
        operation(state, program >> step)
    })
}

/// Asks every device.
fn poll(command: u64) -> u64 {
    DEVICES.iter().enumerate().fold(command, |state, (index, device)| {
        count(index, device.name().len() as u64);
        state.rotate_left(8) ^ device.read(state)
    })
}

/// Sorts the words, which lie in an order of their own each time.
fn sort(order: u64) -> u32 {
    let mut words = WORDS;
    let length = words.len();
    for index in 0..length {
        words.swap(index, (order >> (index as u64 % 57)) as usize % length);
    }
    words.sort_unstable();
    count(4, words[order as usize % length].len() as u64);
    words.iter().fold(0, |crc_so_far, word| crc_so_far ^ crc(word.as_bytes()).rotate_left(word.len() as u32))
}

/// A report in words and numbers.
fn describe(text: &mut Text, state: u64) -> fmt::Result {
    for (device, word) in DEVICES.iter().zip(WORDS) {
        write!(text, "{:>8}: {word} {state:#x} ", device.name())?;
    }
    write!(text, "total {}", TOTAL.load(Ordering::Relaxed))
}

/// Reads every counter of the other crate.
fn statistics(state: u64) -> u64 {
    COUNTERS.iter().fold(state, |state, counter| state.rotate_left(5) ^ counter.load(Ordering::Relaxed))
}

/// A buffer for text.
#[derive(Debug)]
struct Text {
    bytes: [u8; 256],
    length: usize,
}

impl Default for Text {
    fn default() -> Self {
        Self { bytes: [0; 256], length: 0 }
    }
}

impl Text {
    fn written(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }
}

impl Write for Text {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let room = self.bytes.get_mut(self.length..).and_then(|rest| rest.get_mut(..text.len()));
        room.ok_or(fmt::Error)?.copy_from_slice(text.as_bytes());
        self.length += text.len();
        Ok(())
    }
}
