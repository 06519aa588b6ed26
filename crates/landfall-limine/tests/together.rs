//! All requests at once, in any order and at any distance: each response is where it must be.

mod machine;

use landfall_limine::{Executable, Facts, HartFacts, MemoryKind, MemoryRange};
use landfall_paging::{PhysAddr, PhysRange, VirtAddr};
use machine::{HHDM, KERNEL, Kernel, ROOM};
use proptest::prelude::*;

/// Requests, with the words behind the address of the response.
const REQUESTS: [([u64; 2], u64); 13] = [
    (machine::LOADER, 0),
    (machine::LINE, 0),
    (machine::FIRMWARE, 0),
    (machine::STACK, 0),
    (machine::LINEAR, 0),
    (machine::MODE, 0),
    (machine::MP, 0),
    (machine::BOOT_HART, 0),
    (machine::MEMORY, 0),
    (machine::ENTRY, KERNEL),
    (machine::ADDRESS, 0),
    (machine::DATE, 0),
    (machine::ENTROPY, 2),
];

proptest! {
    #[test]
    fn each_response_is_aligned_and_whole(
        order in Just(REQUESTS.to_vec()).prop_shuffle(),
        gaps in prop::collection::vec(0..4_usize, REQUESTS.len()),
        wanted in prop::collection::vec(any::<bool>(), REQUESTS.len()),
        line in "[ -~]{0,20}",
        ranges in 1..5_u64,
        others in 0..4_u64,
    ) {
        let kind = MemoryKind::Usable;
        let range = |index| PhysRange::new(PhysAddr::new(index << 30), 0x1000 * (index + 1));
        let memory: Vec<_> = (0..ranges).map(|index| MemoryRange { range: range(index), kind }).collect();
        let hart = |id| HartFacts { id, acpi_uid: 0, stack: VirtAddr::new(id << 20) };
        let harts: Vec<_> = (0..=others).map(hart).collect();
        let facts = Facts {
            hhdm_offset: HHDM,
            executable: Executable { phys: PhysAddr::new(0x8020_0000), virt: VirtAddr::new(KERNEL) },
            memory: &memory,
            harts: &harts,
            command_line: line.as_bytes(),
            date: Some(1),
            entropy: &[3, 4],
            ..Facts::UNKNOWN
        };
        let mut kernel = Kernel::of_revision(6);
        let mut asked = Vec::new();
        for (((id, operand), gap), wanted) in order.into_iter().zip(gaps).zip(wanted) {
            kernel = kernel.words(&vec![9; gap]);
            if wanted {
                kernel = kernel.request(id, 0, &[operand]);
                asked.push(id);
            }
        }
        let machine = kernel.answer(&facts).expect("answers");
        for id in asked {
            let at = machine.response(id).expect("a response");
            prop_assert!(at.is_multiple_of(8) && at >= ROOM, "{:x?} at {:#x}", id, at);
            match id {
                machine::LINE => prop_assert_eq!(machine.text(machine.word(at + 8)), line.as_str()),
                machine::LINEAR => prop_assert_eq!(machine.words(at), [0, HHDM]),
                machine::ADDRESS => prop_assert_eq!(machine.words(at), [0, 0x8020_0000, KERNEL]),
                machine::DATE => prop_assert_eq!(machine.words(at), [0, 1]),
                machine::FIRMWARE => prop_assert_eq!(machine.words(at), [0, 3]),
                machine::ENTROPY => {
                    let [_, count, values] = machine.words(at);
                    prop_assert_eq!(machine.array(values, count), [3, 4]);
                }
                machine::MEMORY => {
                    let [_, count, list] = machine.words(at);
                    prop_assert_eq!(count, ranges);
                    for (index, entry) in (0..).zip(machine.array(list, count)) {
                        prop_assert_eq!(machine.words(entry), [index << 30, 0x1000 * (index + 1), 0]);
                    }
                }
                machine::MP => {
                    let [_, flags, boot_hart, count, list] = machine.words(at);
                    prop_assert_eq!((flags, boot_hart, count), (0, 0, others + 1));
                    for (id, record) in (0..).zip(machine.array(list, count)) {
                        prop_assert_eq!(machine.words(record), [0, id, id << 20, 0, 0]);
                    }
                }
                _ => prop_assert_eq!(machine.word(at), 0),
            }
        }
    }
}
