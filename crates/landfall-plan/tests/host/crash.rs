//! Crash memory: each way to ask for it, each reason against it, and its place, by a model that
//! tries places from above.

use std::ops::Range as Bytes;

use landfall_paging::Mode::Sv48;
use landfall_paging::{PhysAddr, PhysRange};
use landfall_plan::facts::{BootOptions, CrashFault, CrashOption, CrashOptionFault};
use landfall_plan::harts::Mmu;
use landfall_plan::memory::{MAX_RANGES, RamUse};
use landfall_plan::plan::Note;
use landfall_plan::policy::Starting;
use landfall_plan::{Facts, Plan, Policy, Refusal};
use proptest::prelude::*;

use crate::drawn::all_landing_machines;
use crate::draws;
use crate::machine::{Machine, Svnapot, bytes, is_in, overlap, pages_touched};

const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;

/// Returns the facts of a machine with this command line, after the reservation.
fn reserved(machine: &Machine, command_line: &str, policy: &Policy) -> Facts {
    let mut facts = machine.facts();
    facts.options = BootOptions::parse(command_line);
    facts.reserve_crash_memory(policy);
    facts
}

fn place(start: u64, size: u64) -> PhysRange {
    PhysRange::new(PhysAddr::new(start), size)
}

/// A machine with this RAM, whose tree and image lie at 2 GiB.
fn with_ram(ram: Vec<Bytes<u64>>) -> Machine {
    let plain = Machine::plain(Sv48);
    let image = plain.image.parts.at(PhysAddr::new(0x8020_0000));
    Machine { ram, image, tree: 0x8000_0000..0x8000_1000, ..plain }
}

fn crash_codes(facts: &Facts, policy: &Policy, plan: &Plan) -> Vec<&'static str> {
    let codes = Note::of(facts, policy, plan).map(|note| note.code());
    codes.filter(|code| code.contains("crash")).collect()
}

#[test]
fn an_option_is_read_as_linux_reads_it() {
    let size = CrashOption::Size;
    let at = |size, at| CrashOption::Place { at: PhysAddr::new(at), size };
    let fault = CrashOption::Unsupported;
    for (value, expected) in [
        ("64M", size(64 * MIB)),
        ("64m", size(64 * MIB)),
        ("1G", size(GIB)),
        ("512k", size(512 << 10)),
        ("1t", size(1 << 40)),
        ("1P", size(1 << 50)),
        ("1e", size(1 << 60)),
        ("4096", size(4096)),
        ("0", size(0)),
        ("0x4000000", size(64 * MIB)),
        ("0X10M", size(16 * MIB)),
        ("0x1e", size(0x1e)),
        ("010M", size(8 * MIB)),
        ("64M@0x90000000", at(64 * MIB, 0x9000_0000)),
        ("64M@2G", at(64 * MIB, 2 * GIB)),
        ("0@0", at(0, 0)),
        ("64M,high", fault(CrashOptionFault::Suffix)),
        ("64M,low", fault(CrashOptionFault::Suffix)),
        ("64M,cma", fault(CrashOptionFault::Suffix)),
        ("512M-2G:64M,2G-:128M", fault(CrashOptionFault::Ranges)),
        ("512M-:64M@16M", fault(CrashOptionFault::Ranges)),
        ("", fault(CrashOptionFault::Malformed)),
        ("M", fault(CrashOptionFault::Malformed)),
        ("64MB", fault(CrashOptionFault::Malformed)),
        ("64X", fault(CrashOptionFault::Malformed)),
        ("-64M", fault(CrashOptionFault::Malformed)),
        ("+64M", fault(CrashOptionFault::Malformed)),
        ("6_4M", fault(CrashOptionFault::Malformed)),
        ("0x", fault(CrashOptionFault::Malformed)),
        ("0xM", fault(CrashOptionFault::Malformed)),
        ("08", fault(CrashOptionFault::Malformed)),
        ("16e", fault(CrashOptionFault::Malformed)),
        ("18446744073709551616", fault(CrashOptionFault::Malformed)),
        ("64M@", fault(CrashOptionFault::Malformed)),
        ("@2G", fault(CrashOptionFault::Malformed)),
        ("64M@2G@2G", fault(CrashOptionFault::Malformed)),
    ] {
        assert_eq!(BootOptions::parse(format!("crashkernel={value}")).crash, expected, "{value}");
    }
    assert_eq!(BootOptions::parse("crashkernel xcrashkernel=1M").crash, CrashOption::Absent);
    assert_eq!(BootOptions::parse(b"crashkernel=\xff").crash, fault(CrashOptionFault::Malformed));
}

#[test]
fn the_command_line_takes_precedence_over_the_policy() {
    let machine = Machine::plain(Sv48);
    let (none, policy) = (Policy::new(), Policy::new().with_crash_memory(16 * MIB));
    for (line, policy, size) in [
        ("", &none, 0),
        ("", &policy, 16 * MIB),
        ("crashkernel=32M", &none, 32 * MIB),
        ("crashkernel=32M", &policy, 32 * MIB),
        ("crashkernel=0", &policy, 0),
        ("crashkernel=0@0x80000000", &policy, 0),
        ("crashkernel=nonsense", &policy, 16 * MIB),
        ("crashkernel=1", &none, 2 * MIB),
        ("crashkernel=2049K", &none, 4 * MIB),
    ] {
        let facts = reserved(&machine, line, policy);
        assert_eq!((facts.crash.size(), facts.crash_fault), (size, None), "{line}");
    }
}

#[test]
fn the_place_is_the_highest_below_4_gib_or_else_the_highest_within_reach() {
    let policy = Policy::new().with_crash_memory(64 * MIB);
    for (ram, start) in [
        (vec![2 * GIB..3 * GIB], 3 * GIB - 64 * MIB),
        (vec![2 * GIB..8 * GIB], 4 * GIB - 64 * MIB),
        (vec![2 * GIB..3 * GIB - 4096], 3 * GIB - 66 * MIB),
        (vec![2 * GIB..2 * GIB + 100 * MIB, 6 * GIB..7 * GIB], 2 * GIB + 36 * MIB),
        (vec![2 * GIB..2 * GIB + 60 * MIB, 6 * GIB..7 * GIB], 7 * GIB - 64 * MIB),
        (vec![2 * GIB..2 * GIB + 60 * MIB, 6 * GIB..300 * GIB], 130 * GIB - 64 * MIB),
    ] {
        let facts = reserved(&with_ram(ram.clone()), "", &policy);
        assert_eq!(facts.crash, place(start, 64 * MIB), "{ram:x?} {:?}", facts.crash_fault);
        assert!(facts.no_map.contains(facts.crash));
    }
    let limited = policy.with_ram_limit(GIB);
    let facts = reserved(&with_ram(vec![2 * GIB..8 * GIB]), "", &limited);
    assert_eq!(facts.crash, place(3 * GIB - 64 * MIB, 64 * MIB));
}

#[test]
fn what_others_own_is_left_alone() {
    let policy = Policy::new().with_crash_memory(4 * MIB);
    let top = 0x8800_0000;
    let mut machine = Machine::plain(Sv48);
    machine.tree = top - 10..top - 5;
    machine.no_map = vec![top - 4 * MIB..top - 3 * MIB];
    machine.reserved = vec![top - 8 * MIB..top - 7 * MIB];
    machine.initrd = Some(top - 13 * MIB..top - 13 * MIB + 1);
    machine.image.base = PhysAddr::new(top - 18 * MIB);
    let facts = reserved(&machine, "", &policy);
    // Between those, at multiples of 2 MiB, are 3 MiB, 2 MiB, 4 MiB less a page, and so on.
    assert_eq!(facts.crash, place(top - 12 * MIB, 4 * MIB));
}

#[test]
fn an_address_is_taken_exactly_or_not_at_all() {
    let machine = Machine::plain(Sv48);
    let policy = Policy::new().with_crash_memory(16 * MIB);
    let fault = |line: &str| {
        let facts = reserved(&machine, line, &policy);
        assert!(facts.crash.is_empty() && facts.no_map.is_empty(), "{line}");
        facts.crash_fault.expect(line)
    };
    let facts = reserved(&machine, "crashkernel=8M@0x81000000", &policy);
    assert_eq!((facts.crash, facts.crash_fault), (place(0x8100_0000, 8 * MIB), None));
    let misaligned = fault("crashkernel=8M@0x81100000");
    assert_eq!(misaligned, CrashFault::Misaligned(PhysAddr::new(0x8110_0000)));
    for (line, start, size) in [
        ("crashkernel=8M@0x84000000", 0x8400_0000, 8 * MIB),
        ("crashkernel=8M@0x87800000", 0x8780_0000, 8 * MIB),
        ("crashkernel=8M@0", 0, 8 * MIB),
        ("crashkernel=8M@0x87a00000", 0x87a0_0000, 8 * MIB),
    ] {
        assert_eq!(fault(line), CrashFault::NotFree(place(start, size)), "{line}");
    }
    let wrapping = fault("crashkernel=8M@0xffffffffffe00000");
    assert!(matches!(wrapping, CrashFault::NotFree(_)), "{wrapping}");
    let largest = fault("crashkernel=0xffffffffffffffff@0x80000000");
    assert!(matches!(largest, CrashFault::NotFree(_)), "{largest}");
}

#[test]
fn memory_that_the_kernel_needs_is_not_reserved() {
    let machine = Machine::plain(Sv48);
    let fault = |machine: &Machine, line: &str| {
        let facts = reserved(machine, line, &Policy::new());
        facts.crash_fault.map(|fault| (fault, fault.to_string()))
    };
    assert_eq!(fault(&machine, "crashkernel=62M"), None);
    for line in ["crashkernel=64M", "crashkernel=1G", "crashkernel=0xffffffffffffffff", "crashkernel=64M@2G"]
    {
        let (fault, text) = fault(&machine, line).expect(line);
        assert!(matches!(fault, CrashFault::TooMuch { .. }), "{line}: {text}");
        assert!(text.contains("127.") && text.contains("half"), "{text}");
    }
    // Half of it, and still too much for the stacks of 512 harts.
    let many = Machine {
        harts: vec![(Mmu::Upto(Sv48), Svnapot::Absent); 512],
        ram: vec![0x8000_0000..0x8380_0000],
        ..with_ram(vec![])
    };
    let (found, _) = fault(&many, "crashkernel=26M").expect("too much");
    assert!(matches!(found, CrashFault::TooMuch { .. }));
    assert_eq!(fault(&many, "crashkernel=16M"), None);
    let facts = reserved(&many, "crashkernel=26M", &Policy::new().with_starting(Starting::BootHart));
    assert_eq!(facts.crash_fault, None);
}

#[test]
fn to_the_page_the_memory_that_a_landing_needs_in_one_piece_stays() {
    // The root, tables at the 18 ends of nine mappings on four levels, the stack of 64 KiB, and
    // three pages for the tree.
    let needs = 1 + 18 * 4 + 16 + 3;
    let (start, page) = (0x8000_0000, 4096);
    let end = start + 8 * MIB;
    let reserved = |beside: u64| {
        // Twelve pieces that are too small, together as large as the reservation and more.
        let step = (needs - 1) * page;
        let mut taken: Vec<_> =
            (1..=12).map(|n| start + n * (step + page) - page..start + n * (step + page)).collect();
        let rest = start + 12 * (step + page);
        let mut machine = with_ram(vec![start..end]);
        machine.image.base = PhysAddr::new(rest);
        machine.tree = rest + machine.image.size()..rest + machine.image.size() + 0x1a2b;
        taken.push(rest..end - 2 * MIB - beside * page);
        machine.reserved = taken;
        reserved(&machine, "crashkernel=2M", &Policy::new())
    };
    let (enough, short) = (reserved(needs), reserved(needs - 1));
    assert_eq!((enough.crash, enough.crash_fault), (place(end - 2 * MIB, 2 * MIB), None));
    assert!(matches!(short.crash_fault, Some(CrashFault::TooMuch { .. })), "{:?}", short.crash_fault);
}

#[test]
fn without_a_piece_of_free_ram_that_holds_it_the_most_is_named() {
    let step = |index: u64| 2 * GIB + index * 16 * MIB;
    let mut machine = with_ram(vec![2 * GIB..3 * GIB]);
    machine.reserved = (1..64).map(|index| step(index)..step(index) + 4096).collect();
    let facts = reserved(&machine, "crashkernel=32M", &Policy::new());
    assert_eq!(facts.crash_fault, Some(CrashFault::NoRoom { size: 32 * MIB, most: 14 * MIB }));
    assert!(facts.crash.is_empty());
    assert_eq!(reserved(&machine, "crashkernel=14M", &Policy::new()).crash.size(), 14 * MIB);
}

#[test]
fn a_machine_with_as_many_ranges_as_can_be_kept_has_no_place_for_one_more() {
    let step = |index: u64| 2 * GIB + 16 * MIB + index * 8192;
    let mut machine = with_ram(vec![2 * GIB..3 * GIB]);
    machine.no_map = (0..MAX_RANGES as u64).map(|index| step(index)..step(index) + 4096).collect();
    let facts = reserved(&machine, "crashkernel=32M", &Policy::new());
    assert_eq!(facts.crash_fault, Some(CrashFault::TooManyRanges));
    assert!(facts.crash.is_empty() && facts.no_map.as_slice().len() == MAX_RANGES);
}

#[test]
fn each_fault_is_a_note_and_success_is_none() {
    let machine = Machine::plain(Sv48);
    for (line, expected) in [
        ("", &[][..]),
        ("crashkernel=16M", &[]),
        ("crashkernel=0", &[]),
        ("crashkernel=16M,high", &["crash-option-ignored"]),
        ("crashkernel=1G", &["no-crash-memory"]),
        ("crashkernel=16M@1", &["no-crash-memory"]),
    ] {
        let policy = Policy::new();
        let facts = reserved(&machine, line, &policy);
        let plan = Plan::new(&facts, &policy, Sv48, None).expect("it lands");
        assert_eq!(crash_codes(&facts, &policy, &plan), expected, "{line}");
    }
    for option in [CrashOptionFault::Suffix, CrashOptionFault::Ranges, CrashOptionFault::Malformed] {
        assert!(option.to_string().contains("crashkernel=SIZE"), "{option}");
    }
}

#[test]
fn a_second_call_changes_nothing_and_forgotten_facts_have_none() {
    let policy = Policy::new().with_crash_memory(16 * MIB);
    let mut facts = reserved(&Machine::plain(Sv48), "", &policy);
    let first = facts.clone();
    facts.reserve_crash_memory(&policy);
    assert_eq!((facts.crash, &facts.no_map), (first.crash, &first.no_map));
    facts.crash_fault = Some(CrashFault::TooManyRanges);
    facts.forget();
    assert!(facts.crash.is_empty() && facts.crash_fault.is_none() && facts.no_map.is_empty());
}

/// Returns the place by trying each multiple of 2 MiB that could be the highest, from above.
fn by_trial(machine: &Machine, size: u64) -> Option<u64> {
    let image = machine.image_bytes();
    let lowest = machine.ram.iter().map(|node| node.start).min()?;
    let limit = if machine.mode_policy.ram_limit == 0 { 128 * GIB } else { machine.mode_policy.ram_limit };
    let end = lowest + limit.min(256 * GIB);
    let mut taken: Vec<Bytes<u64>> = machine.no_map.iter().chain(&machine.reserved).cloned().collect();
    taken.extend([pages_touched(&image), pages_touched(&machine.tree), 0..4096]);
    taken.extend(machine.initrd.iter().map(pages_touched));
    // A highest place ends at the end of RAM, at an obstacle, at 4 GiB or at the end of reach.
    let ends = machine.ram.iter().map(|node| node.end).chain(taken.iter().map(|taken| taken.start));
    let is_free = |start: u64| {
        let whole = start..start + size;
        let mut cuts: Vec<u64> = machine.ram.iter().flat_map(|node| [node.start, node.end]).collect();
        cuts.extend([whole.start, whole.end]);
        cuts.retain(|cut| (whole.start..=whole.end).contains(cut));
        cuts.sort_unstable();
        cuts.dedup();
        cuts.windows(2).all(|pair| is_in(&machine.ram, &(pair[0]..pair[1])))
            && whole.end <= end
            && !taken.iter().any(|taken| overlap(taken, &whole))
    };
    let starts = ends.chain([4 * GIB, end]).filter_map(|end| (end / (2 * MIB) * (2 * MIB)).checked_sub(size));
    let free: Vec<u64> = starts.filter(|start| is_free(*start)).collect();
    let below = free.iter().copied().filter(|start| start + size <= 4 * GIB).max();
    below.or_else(|| free.into_iter().max())
}

proptest! {
    #![proptest_config(draws(1024))]

    #[test]
    fn the_place_is_that_of_the_model_and_the_machine_lands_as_without(
        machine in all_landing_machines(),
        size in prop_oneof![4 => 0..1_u64 << 24, 4 => 0..1_u64 << 28, 1 => 0..1_u64 << 40],
    ) {
        let policy = machine.policy().with_crash_memory(size);
        let facts = reserved(&machine, "", &policy);
        let rounded = size.next_multiple_of(2 * MIB);
        match facts.crash_fault {
            None if size == 0 => prop_assert!(facts.crash.is_empty()),
            None => {
                let expected = by_trial(&machine, rounded);
                prop_assert_eq!((Some(facts.crash.start().get()), facts.crash.size()), (expected, rounded));
            }
            Some(CrashFault::NoRoom { size, most }) => {
                prop_assert_eq!(by_trial(&machine, size), None);
                prop_assert!(most == 0 || by_trial(&machine, most).is_some());
            }
            Some(CrashFault::TooMuch { size, .. }) => prop_assert_eq!(size, rounded),
            Some(fault) => prop_assert!(false, "{}", fault),
        }
        match Plan::new(&facts, &policy, machine.mode, machine.draws.as_ref()) {
            Ok(plan) => {
                let crash = bytes(facts.crash);
                let mapped = plan.linear.mapped(&facts).any(|range| overlap(&bytes(range), &crash));
                let free = plan.free_memory(&facts).any(|range| overlap(&bytes(range), &crash));
                prop_assert!(!mapped && !free);
                let uses = plan.ram(&facts).filter(|part| part.usage == RamUse::Crash);
                let uses: Vec<PhysRange> = uses.map(|part| part.range).collect();
                let expected = Some(facts.crash).filter(|crash| !crash.is_empty());
                prop_assert_eq!(uses, Vec::from_iter(expected));
            }
            // Another place in physical memory may be drawn, with less beside it.
            Err(Refusal::TooLittleMemory { wanted, largest }) => {
                prop_assert!(false, "{wanted:#x} {largest:#x} {:?}", facts.crash);
            }
            Err(refusal) => prop_assert!(false, "{}", refusal),
        }
    }
}
