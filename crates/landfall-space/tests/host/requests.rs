//! Fences by interrupts, on harts that never take one: each serves while it waits.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::thread;

use landfall_plan::harts::{HartIndex, HartSet};
use landfall_space::{FenceRequest, FenceSlot};

const HARTS: usize = 8;
const REQUESTS: u64 = 12;

fn all_but(hart: usize) -> HartSet {
    (0..HARTS).filter(|other| *other != hart).map(index).collect()
}

fn index(hart: usize) -> HartIndex {
    HartIndex::new(hart as u64)
}

#[test]
fn eight_harts_with_interrupts_off_fence_each_other_and_each_request_is_executed_once_by_each() {
    let slot = FenceSlot::new();
    let executed = [const { AtomicU64::new(0) }; HARTS];
    let done = AtomicUsize::new(0);
    let work = |hart: usize| {
        let execute = |request| {
            assert_eq!(request, FenceRequest::Instructions);
            executed[hart].fetch_add(1, Ordering::Relaxed);
        };
        // SAFETY: this thread is that hart, and has no interrupts.
        let serve = || unsafe { slot.serve(index(hart), execute) };
        for _ in 0..REQUESTS {
            let before: Vec<u64> = executed.iter().map(|count| count.load(Ordering::Relaxed)).collect();
            // The interrupt is lost: interrupts are off.
            let serve_and_yield = || {
                serve();
                thread::yield_now();
            };
            // SAFETY: as above, and the set is without this hart.
            unsafe { slot.request(&all_but(hart), FenceRequest::Instructions, |_| {}, serve_and_yield) };
            for (other, before) in before.iter().enumerate().filter(|(other, _)| *other != hart) {
                assert!(executed[other].load(Ordering::Relaxed) > *before, "hart {other} has not fenced");
            }
        }
        done.fetch_add(1, Ordering::Release);
        while done.load(Ordering::Acquire) != HARTS {
            serve();
            thread::yield_now();
        }
    };
    thread::scope(|scope| {
        for hart in 0..HARTS {
            scope.spawn(move || work(hart));
        }
    });
    let each = REQUESTS * (HARTS as u64 - 1);
    assert!(executed.iter().all(|count| count.load(Ordering::Relaxed) == each), "{executed:?}");
}

#[test]
fn a_hart_is_one_of_those_that_serve_from_its_first_call_on() {
    let slot = FenceSlot::new();
    assert!(slot.serving().is_empty());
    // SAFETY: this thread is that hart.
    unsafe { slot.serve(index(5), |_| panic!("no fence was requested")) };
    assert!(slot.serving().iter().eq([index(5)]));
}

#[test]
fn a_fence_counts_as_executed_only_after_it_was() {
    let slot = FenceSlot::new();
    let fenced = AtomicUsize::new(0);
    thread::scope(|scope| {
        scope.spawn(|| {
            while fenced.load(Ordering::Acquire) == 0 {
                let execute = |_| {
                    thread::sleep(std::time::Duration::from_millis(20));
                    fenced.store(1, Ordering::Release);
                };
                // SAFETY: this thread is that hart, and has no interrupts.
                unsafe { slot.serve(index(1), execute) };
            }
        });
        let other = [index(1)].into_iter().collect();
        // SAFETY: this thread is another hart, without interrupts.
        unsafe { slot.request(&other, FenceRequest::Instructions, |_| {}, || {}) };
        assert_eq!(fenced.load(Ordering::Acquire), 1);
    });
}
