//! `kexec`: starts the kernel in the initrd. `cargo landfall run demo --then IMAGE` puts one there,
//! and asks for it by a word of the command line.

use landfall::HartIndex;
use landfall::space::SbiIpi;
use landfall_kexec::{Handover, Step, block_of, prepare};

use crate::kernel::kernel;
use crate::memory;

/// Starts it, with a command line or else with the initrd's. Only a failure returns.
pub(crate) fn start(line: &str) {
    let landing = kernel().landing;
    let found = Handover::of(landing.initrd().unwrap_or_default()).map(|found| found.next());
    let (Some(mut next), Ok(memory)) = (found, memory::take(64)) else {
        return landfall::println!("error: the initrd holds no landfall/next, or no memory is left");
    };
    let seed = landing.next_seed();
    next = seed.as_ref().map_or(next, |seed| next.with_seed(seed));
    next = if line.is_empty() { next } else { next.with_command_line(line.as_bytes()) };
    // SAFETY: the memory is this function's. It is given back when nothing refers to it any more.
    let (mut block, mut steps) = (unsafe { block_of(memory.range()) }, [Step::None; 32]);
    match prepare(landing, HartIndex::BOOT, &next, &mut block, &mut steps) {
        // The timer brings each other hart to `stop_if_asked`. No device of this kernel uses DMA.
        Ok(prepared) => landfall::println!("error: {}", prepared.start(&SbiIpi::of(landing), || {})),
        Err(error) => landfall::println!("error: {error}"),
    }
    memory::give_back(memory);
}
