//! The two models agree with each other, and refuse what is mapped twice.

use landfall_judge::Permission;
use landfall_judge::model::{MappedTwice, Pages, Span, Spans};

const HIGH: u64 = 0xffff_ffff_ffff_0000;

fn span(virt: u64, phys: u64, size: u64) -> Span {
    Span { virt, phys, size, permission: Permission::READ_WRITE }
}

#[test]
fn pieces_and_order_do_not_matter() {
    let whole = [span(HIGH, 0x8000, 0x1_0000)];
    let pieces = [span(HIGH + 0x3000, 0xb000, 0xd000), span(HIGH, 0x8000, 0x3000)];
    assert_eq!(Spans::of(pieces), Spans::of(whole));
    assert_eq!(Pages::of(pieces), Pages::of(whole));
}

#[test]
fn another_frame_or_permission_is_another_map() {
    let first = span(HIGH, 0x8000, 0x1000);
    let same = [first, span(HIGH + 0x1000, 0x9000, 0x1000)];
    let frame = [first, span(HIGH + 0x1000, 0xa000, 0x1000)];
    let permission = [first, Span { permission: Permission::READ, ..same[1] }];
    for other in [frame, permission] {
        assert_ne!(Spans::of(other), Spans::of(same));
        assert_ne!(Pages::of(other), Pages::of(same));
    }
}

#[test]
fn what_is_mapped_twice_is_named() {
    let twice = [span(HIGH, 0x8000, 0x2000), span(HIGH + 0x1000, 0x9000, 0x1000)];
    let error = MappedTwice { virt: HIGH + 0x1000 };
    assert_eq!(Spans::of(twice), Err(error));
    assert_eq!(Pages::of(twice), Err(error));
}

#[test]
fn a_lookup_gives_the_byte_behind_an_address() {
    let map = [span(HIGH, 0x8000, 0x2000), span(HIGH + 0xf000, 0, 0x1000)];
    let (spans, pages) = (Spans::of(map).expect("a map"), Pages::of(map).expect("a map"));
    for (virt, expected) in
        [(HIGH + 0x1234, Some(0x9234)), (HIGH + 0x2000, None), (HIGH - 1, None), (u64::MAX, Some(0xfff))]
    {
        let expected = expected.map(|phys| (phys, Permission::READ_WRITE));
        assert_eq!((spans.get(virt), pages.get(virt)), (expected, expected), "{virt:#x}");
    }
    assert_eq!(spans.within(HIGH + 0x2000, 0xd000).count(), 0);
    assert_eq!(spans.within(HIGH + 0x1fff, 0xd002).count(), 2);
}
