//! A kernel in memory against the oracle, page by page.

use landfall_paging::{Access, VirtAddr};
use landfall_wrap::{Inner, Kind, WINDOW};

use crate::oracle::Oracle;

/// Bytes of a page.
const PAGE: u64 = 4096;

/// Checks all that a kernel says and loads, at the place that a draw chooses.
pub(crate) fn check(file: &[u8], draw: u64) {
    let inner = Inner::read(file).expect("the file breaks no rule");
    let oracle = Oracle::read(file);
    let (start, end) = oracle.span();
    assert_eq!((inner.span().start().get(), inner.span().end().get()), (start, end));
    check_segments(&inner, &oracle);
    let to = inner.virtual_place(Some(draw)).start;
    assert!(inner.kind() == Kind::Fixed || WINDOW.contains_address(to));
    let mut memory = vec![0xaa; usize::try_from(end - start).expect("a size")];
    inner.load(&mut memory, to).expect("a place");
    assert!(memory == oracle.load(to.get()), "the memory differs at {to}");
}

/// Checks each page: its permission is that of every segment in it, or less by RELRO.
fn check_segments(inner: &Inner<'_>, oracle: &Oracle<'_>) {
    let mut last = 0;
    for segment in inner.segments() {
        let (start, end) = (segment.virt.start().get(), segment.virt.end().get());
        assert!(start >= last && start < end && (start | end) % PAGE == 0, "{segment:?}");
        last = end;
    }
    let (start, end) = oracle.span();
    for page in (start..end).step_by(4096) {
        let found = inner.segments().find(|segment| segment.virt.contains_address(VirtAddr::new(page)));
        let pieces = oracle.segments();
        let mut pieces = pieces.iter().filter(|piece| piece.start < page + PAGE && piece.end > page);
        let Some(found) = found else {
            assert_eq!(pieces.next(), None, "{page:#x} is in a segment");
            continue;
        };
        let allowed: &[u32] = match found.access {
            Access::ReadExecute => &[1, 5],
            Access::ReadWrite => &[2, 6],
            Access::ReadOnly => &[4, 6],
        };
        assert!(
            pieces.clone().count() > 0 && pieces.all(|piece| allowed.contains(&piece.flags)),
            "{page:#x}"
        );
    }
}
