//! Each rule of a departure, broken by one change.

use landfall_judge::inner::Departure;
use landfall_judge::intervals::Interval;
use landfall_judge::{Flags, Leaf, Unreadable};

const VGAD: u64 = 0xe1;
const R: u64 = VGAD | 2;
const RW: u64 = VGAD | 6;
const RX: u64 = VGAD | 0xa;

const KERNEL: u64 = 0xffff_ffff_9000_0000;
const PHYS: u64 = 0x8400_0000;
const STACK: u64 = 0xffff_ffc8_0002_0000;
const WRAPPER: Interval = Interval { start: 0xffff_fff0_0000_0000, end: 0xffff_fff0_0010_0000 };
const JUMP: u64 = WRAPPER.start + 0x5000;

/// A kernel that is linked at 0: a page of text, one of constants, and two of data, of which RELRO
/// covers the first.
fn kernel() -> Vec<u8> {
    let mut file = vec![0; 0x4000];
    let mut put = |at: usize, bytes: &[u8]| file[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, b"\x7fELF\x02\x01\x01");
    put(16, &[3, 0, 243, 0, 1]);
    put(24, &0x10_u64.to_le_bytes());
    put(32, &64_u64.to_le_bytes());
    put(52, &[64, 0, 56, 0, 4, 0, 64]);
    let headers = [(1_u32, 5_u32, 0, 1), (1, 4, 1, 1), (1, 6, 2, 2), (0x6474_e552, 4, 2, 1)];
    for ((kind, flags, page, pages), at) in headers.into_iter().zip((64..).step_by(56)) {
        put(at, &kind.to_le_bytes());
        put(at + 4, &flags.to_le_bytes());
        let [start, size] = [page, pages].map(|pages: u64| pages * 0x1000);
        for (word, field) in [start, start, start, size, size, 0x1000].into_iter().zip(1..) {
            put(at + 8 * field, &word.to_le_bytes());
        }
    }
    file[0xff0..0x1000].fill(7);
    file
}

fn leaf(virt: u64, phys: u64, size: u64, flags: u64) -> Leaf {
    Leaf { virt, phys, size, flags: Flags::of(flags), memory: None, entry: 0 }
}

fn sound() -> Vec<Leaf> {
    let page = |index: u64, flags| leaf(KERNEL + index * 0x1000, PHYS + index * 0x1000, 0x1000, flags);
    vec![
        leaf(0xffff_ffc0_0000_0000, 0x8000_0000, 0x400_0000, RW),
        leaf(STACK - 0x1_0000, 0x8800_0000, 0x1_0000, RW),
        leaf(JUMP, 0x8020_5000, 0x1000, RX),
        page(0, RX),
        page(1, R),
        page(2, R),
        page(3, RW),
    ]
}

fn check(leaves: &[Leaf], change: impl Fn(&mut Departure<'_>)) -> Result<Vec<String>, Unreadable> {
    let (kernel, memory) = (kernel(), kernel());
    let entry = KERNEL + 0x10;
    let mut departure = Departure { kernel: &kernel, pc: JUMP + 0x40, entry, stack: STACK, wrapper: WRAPPER };
    change(&mut departure);
    departure.check(leaves, |at, size| part(&memory, at, size))
}

/// Returns bytes of the kernel's memory.
fn part(memory: &[u8], at: u64, size: u64) -> Result<Vec<u8>, Unreadable> {
    let [start, size] = [at - PHYS, size].map(|word| usize::try_from(word).expect("a size"));
    let bytes = memory.get(start..start + size);
    bytes.map(<[u8]>::to_vec).ok_or_else(|| Unreadable::from("no memory"))
}

#[test]
fn a_sound_departure_passes() {
    assert_eq!(check(&sound(), |_| {}), Ok(vec![]));
}

#[test]
fn each_fault_is_found() {
    type Change = fn(&mut Vec<Leaf>);
    let faults: [(&str, Change); 10] = [
        ("is None, and not", |leaves| leaves.truncate(6)),
        ("the inner kernel's page", |leaves| leaves[3].flags = Flags::of(R)),
        ("the inner kernel's page", |leaves| leaves[4].flags = Flags::of(RW)),
        ("the inner kernel's page", |leaves| leaves[5].flags = Flags::of(RW)),
        ("at another address", |leaves| leaves[0].size = 0x400_1000),
        ("one piece of memory", |leaves| leaves[6].phys += 0x1000),
        ("not the inner kernel's", |leaves| leaves[0].flags = Flags::of(RX)),
        ("still mapped", |leaves| leaves.push(leaf(WRAPPER.start, 0x8020_0000, 0x1000, R))),
        ("the guard", |leaves| leaves.push(leaf(STACK - 0x1_1000, 0x8700_0000, 0x1000, R))),
        ("the stack pointer", |leaves| leaves.retain(|leaf| leaf.virt != STACK - 0x1_0000)),
    ];
    for (finding, change) in faults {
        let mut leaves = sound();
        change(&mut leaves);
        let found = check(&leaves, |_| {}).expect("all input is there");
        assert!(found.iter().any(|found| found.contains(finding)), "{finding}: {found:?}");
    }
}

#[test]
fn changed_text_and_a_bad_stack_pointer_are_found() {
    let mut other = kernel();
    other[0xff8] = 8;
    let found = check(&sound(), |departure| departure.stack -= 8).expect("all input is there");
    assert!(found[0].contains("the stack pointer"), "{found:?}");
    let departure =
        Departure { kernel: &other, pc: JUMP, entry: KERNEL + 0x10, stack: STACK, wrapper: WRAPPER };
    let memory = kernel();
    let found = departure.check(&sound(), |at, size| part(&memory, at, size)).expect("all input is there");
    assert!(found[0].contains("not that of its file"), "{found:?}");
}

/// Limine's request for another entry than the file's, in the kernel's last page.
#[test]
fn a_requested_entry_is_not_the_files() {
    let (mut kernel, entry) = (kernel(), KERNEL + 0x18);
    let id = [0xc7b1_dd30_df4c_8b88, 0x0a82_e883_a194_f07b, 0x13d8_6c03_5a1c_d3e1, 0x2b0c_aa89_d8f3_026a];
    kernel[0x3010..0x3030].copy_from_slice(id.map(u64::to_le_bytes).as_flattened());
    let departure = Departure { kernel: &kernel, pc: JUMP, entry, stack: STACK, wrapper: WRAPPER };
    // A relocation has written the request in memory.
    let mut memory = kernel.clone();
    memory[0x3040..0x3048].copy_from_slice(&entry.to_le_bytes());
    let read = |at, size| part(&memory, at, size);
    assert_eq!(departure.check(&sound(), read), Ok(vec![]));
    assert_eq!(departure.place(&sound(), read), Ok(Interval::new(KERNEL, 0x4000)));
    // This entry is neither the file's nor the requested one.
    memory[0x3040] ^= 8;
    let found = departure.check(&sound(), |at, size| part(&memory, at, size)).expect("all input is there");
    assert!(!found.is_empty());
}
