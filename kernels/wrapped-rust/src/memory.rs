//! Checks of the memory map.

use crate::access::Access;
use crate::console::Console;
use crate::protocol::{Range, Wrapped, usage};

pub(crate) fn check(console: &mut Console, boot: &Wrapped) {
    let map = boot.memory();
    let ascends = map.windows(2).all(|two| two[0].start + two[0].size <= two[1].start);
    let is_known = |part: &Range| part.size != 0 && (usage::USABLE..=usage::UNREACHED).contains(&part.usage);
    console.report("memory-map", ascends && map.len() > 2 && map.iter().all(is_known));

    let of = |usage| map.iter().filter(move |part| part.usage == usage);
    let is_whole = |part: &Range| part.start.is_multiple_of(4096) && part.size.is_multiple_of(4096);
    let usable = of(usage::USABLE).all(is_whole) && of(usage::USABLE).count() != 0;
    let mut free = of(usage::USABLE).chain(of(usage::RECLAIMABLE));
    console.report("usable", usable && free.all(|part| is_writable(boot, part)));

    let is_absent = |part: &Range| Access::load(boot.linear(part.start)) == Access::LoadFault;
    console.report("firmware", of(usage::FIRMWARE).all(is_absent));
    let is_kernel = |part: &Range| part.start == boot.kernel_phys && part.size == boot.kernel_size;
    console.report("kernel", of(usage::KERNEL).count() == 1 && of(usage::KERNEL).all(is_kernel));
}

/// The first and the last word can be written through the linear map.
fn is_writable(boot: &Wrapped, part: &Range) -> bool {
    let words = [part.start, part.start + part.size - 8];
    // SAFETY: harts that wait write nothing, and this one does not write to these words.
    words.into_iter().all(|word| unsafe { Access::store(boot.linear(word)) } == Access::Done)
}
