//! An application of ArceOS: it uses the allocator, page tables, threads and the timer's
//! interrupts, and says what it has seen.

#![no_std]
#![no_main]

#[macro_use]
extern crate axstd as std;
extern crate alloc;
extern crate axplat_riscv64_landfall;

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

const THREADS: usize = 8;
const WORK: u64 = 200_000;

static DONE: AtomicUsize = AtomicUsize::new(0);
static SPINNING: AtomicUsize = AtomicUsize::new(0);

#[unsafe(no_mangle)]
fn main() {
    println!("Hello from an application of ArceOS");
    memory();
    threads();
    preemption();
    sleep();
    println!("arceos: done");
}

/// 16 MiB in pieces, and a tree.
fn memory() {
    let pieces: Vec<Vec<u8>> = (0..64_u8).map(|index| alloc::vec![index; 256 << 10]).collect();
    assert!(pieces.iter().zip(0..).all(|(piece, index)| piece.iter().all(|byte| *byte == index)));
    let squares: BTreeMap<u64, u64> = (0..1000).map(|number| (number, number * number)).collect();
    assert_eq!(squares.values().sum::<u64>(), 332_833_500);
    println!("arceos: memory ok");
}

fn threads() {
    let work = |seed: usize| {
        let sum = (0..WORK).fold(seed as u64, |sum, step| sum.rotate_left(7) ^ step);
        DONE.fetch_add(1, Ordering::SeqCst);
        sum
    };
    let running: Vec<_> = (0..THREADS).map(|seed| (seed, thread::spawn(move || work(seed)))).collect();
    for (seed, thread) in running {
        assert_eq!(thread.join().expect("it ends"), (0..WORK).fold(seed as u64, |sum, step| sum.rotate_left(7) ^ step));
    }
    assert_eq!(DONE.load(Ordering::SeqCst), THREADS);
    println!("arceos: threads ok");
}

/// More threads than there are CPUs never yield: each gets its turn only by the timer's interrupts.
fn preemption() {
    const MORE: usize = 10;
    let running: Vec<_> = (0..MORE)
        .map(|_| {
            thread::spawn(|| {
                SPINNING.fetch_add(1, Ordering::SeqCst);
                while SPINNING.load(Ordering::SeqCst) < MORE {
                    core::hint::spin_loop();
                }
            })
        })
        .collect();
    running.into_iter().for_each(|thread| thread.join().expect("it ends"));
    println!("arceos: preemption ok");
}

fn sleep() {
    let before = Instant::now();
    thread::sleep(Duration::from_millis(30));
    assert!(before.elapsed() >= Duration::from_millis(30));
    println!("arceos: sleep ok");
}
