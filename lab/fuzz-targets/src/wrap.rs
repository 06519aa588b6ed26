//! Inner kernels: refused by a rule, or in memory as the crate `object` and plain loops say.

#[path = "../../../crates/landfall-wrap/tests/host/oracle.rs"]
mod oracle;

use landfall_paging::VirtAddr;
use landfall_wrap::Inner;
use oracle::Oracle;

/// The largest kernel that is loaded.
const LARGEST: u64 = 1 << 20;

/// Reads the input as an inner kernel, and loads it.
///
/// # Panics
/// If landfall fails on it.
pub fn run(file: &[u8]) {
    let inner = match Inner::read(file) {
        Err(refusal) => return assert!(!refusal.to_string().is_empty()),
        Ok(inner) => inner,
    };
    let mut end = VirtAddr::new(0);
    for segment in inner.segments() {
        assert!(segment.virt.start() >= end && inner.span().contains(segment.virt), "{segment:?}");
        end = segment.virt.end();
    }
    if inner.span().size() > LARGEST {
        return;
    }
    let oracle = Oracle::read(file);
    let (start, end) = oracle.span();
    for draw in [None, Some(u64::MAX / 3), Some(u64::MAX)] {
        let to = inner.virtual_place(draw).start;
        let mut memory = vec![0xaa; usize::try_from(end - start).expect("it is small")];
        inner.load(&mut memory, to).expect("a place of the kernel");
        assert!(memory == oracle.load(to.get()), "the memory differs at {to}");
    }
}
