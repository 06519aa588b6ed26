//! The cost of a split gigabyte: misses of translation caches, by layout of the address space.
//!
//! A kernel that works on all memory lands on the simulator, which shows each access to a model of
//! translation caches. The model counts. It is no measurement of a part.
//!
//! ```text
//! layout   the layouts: by the kernel's policy, and by other leaves for the same accesses
//! observe  counts the accesses of one boot, as they are and by other leaves
//! boot     one boot
//! row      counts of all seeds as rows; an earlier result
//! chart    the chart
//! facts    the parts' numbers and their sources
//! ```

mod boot;
mod chart;
mod facts;
mod layout;
mod observe;
mod row;

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::Error;

use boot::Kernels;
use layout::BOOTS;
use row::Rows;

pub use chart::chart;
pub use facts::facts;
pub use row::{Row, Spread, earlier, table};

/// The kernel.
const KERNEL: &str = "compare-memory";
/// The seeds: each has its places in the address space, and its order of the work.
pub const SEEDS: u64 = 20;
/// Rounds of the work in one boot.
const ROUNDS: u64 = 1024;

/// Boots each layout with each of the seeds from 0 on. Calls `progress` before each seed.
///
/// # Errors
/// [`Error`] where the kernel does not build or land, or where its work comes to a wrong result.
pub fn measure(seeds: u64, progress: impl Fn(&str) + Sync) -> Result<Vec<Row>, Error> {
    let kernels = Kernels::build()?;
    let (next, rows) = (AtomicU64::new(0), Mutex::new(Rows::default()));
    let work = || -> Result<(), Error> {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= seeds {
                return Ok(());
            }
            progress(&format!("seed {seed}"));
            for index in 0..BOOTS.len() {
                let counted = kernels.boot(index, seed)?;
                rows.lock().map_err(|_| Error::msg("another seed has failed"))?.add(counted);
            }
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        threads
            .into_iter()
            .try_for_each(|thread| thread.join().unwrap_or_else(|_| Err(Error::msg("a boot has panicked"))))
    })?;
    let rows = rows.into_inner().map_err(|_| Error::msg("a seed has failed"))?;
    Ok(rows.finish())
}
