//! Images that are moved in physical memory before they land: from many places, over themselves,
//! past the memory of others.

use landfall_plan::Policy;
use landfall_plan::policy::{Alias, PhysicalPlacement, Placement};

use super::{Case, GIB, MIB, MODES, Matrix, RAM, harts, machine, mode_name};
use crate::case::{Aid, Expect, Load, Seeding};
use crate::devicetree::{self, Mapped};
use crate::image::Image;
use crate::moving::Way;
use crate::session::{Entry, Session};
use landfall_host::machine::{Machine, Memory, Mode};
use landfall_host::place;
use landfall_judge::intervals::Interval;
use landfall_predict::units::Size;

const LARGE_PAGE: u64 = 2 * MIB;
const KIB: u64 = 1 << 10;
const PAGE: u64 = 4 * KIB;

/// Returns policies that move a kernel, one for each region.
fn policies(physical: PhysicalPlacement) -> [(&'static str, Policy); 3] {
    let policy = Policy::new().with_physical_placement(physical);
    [
        ("own-region", policy),
        ("absent", policy.with_alias(Alias::Absent)),
        ("linear-map", policy.with_placement(Placement::LinearMap)),
    ]
}

/// Reserves pages of RAM.
fn reserve(
    session: &mut Session,
    entry: &mut Entry,
    ranges: &[Interval],
    mapped: Mapped,
) -> Result<(), String> {
    session.edit_tree(entry, |tree| {
        for range in ranges.iter().filter(|range| range.start < range.end) {
            devicetree::reserve(tree, *range, mapped);
        }
    })
}

/// An initrd with contents.
pub(super) fn put_initrd(session: &mut Session, entry: &mut Entry, place: Interval) -> Result<(), String> {
    let bytes: Vec<u8> = (0..place.size()).map(|index| index.to_le_bytes()[0] ^ 0x5a).collect();
    session.write(place.start, &bytes)?;
    session.edit_tree(entry, |tree| devicetree::set_initrd(tree, place))
}

impl Matrix {
    fn case_at(&mut self, name: &str, at: u64, policy: &Policy) -> Case {
        let mode = MODES[self.cases.len() % MODES.len()];
        let mut case =
            Case::new(format!("move/{name}/{}", mode_name(mode)), "hello", machine(mode, 2, 128 * MIB));
        case.load = Load::At(at);
        case.seeding = Seeding::Seed(self.random.next_word());
        case.with_policy(policy).on("move", name.split('/').next().unwrap_or_default().to_owned())
    }

    /// Adds all moves, with `rounds` random ones.
    pub(crate) fn moves(&mut self, rounds: u64) {
        self.packed();
        self.packed_over_itself();
        self.packed_onto_its_slots();
        for round in 0..rounds {
            self.tight(round);
        }
        self.neighbours();
        self.moves_from_inside();
        self.moved_by_any_hart();
        self.moves_without_hsm();
    }

    /// Adds moves to the best place, close behind the firmware: from that place, from the same
    /// large page, from its border, and from afar.
    fn packed(&mut self) {
        let (first, border) = (place::firmware(harts(2)).end.0, RAM + LARGE_PAGE);
        let size = self.size("hello");
        // The size of the image is unknown while only names are listed.
        let before_border = ("before-border".to_owned(), border - size);
        let named = |at: u64| (format!("{at:x}"), at);
        let places = [
            named(first),
            named(first + 4 * KIB),
            named(first + 64 * KIB),
            named(border - 4 * KIB),
            named(border - 64 * KIB),
            before_border,
            named(border),
            named(border + 4 * KIB),
            named(border + LARGE_PAGE - 4 * KIB),
            named(RAM + 57 * MIB + 12 * KIB),
        ];
        for (place, at) in places {
            for (name, policy) in policies(PhysicalPlacement::Pack) {
                let mut case = self.case_at(&format!("pack/{name}-{place}"), at, &policy);
                if at == first {
                    case.way = Some(Way::Stays);
                } else if at >= border {
                    case.way = Some(Way::Away);
                }
                self.cases.push(case);
            }
        }
    }

    /// Adds best places that overlap the old one: a page or sixteen below, and above.
    fn packed_over_itself(&mut self) {
        let first = place::firmware(harts(2)).end.0;
        let (lower, upper) = (RAM + LARGE_PAGE, RAM + 2 * LARGE_PAGE);
        for distance in [4 * KIB, 64 * KIB] {
            for (name, policy) in policies(PhysicalPlacement::Pack) {
                // A large page that the firmware split has room only just below its border; text
                // and constants reach beyond it.
                let read_only = self.images.get("hello").map_or(MIB, Image::read_only);
                let at = lower - read_only + distance;
                let room = Interval { start: first, end: lower - read_only - 16 * KIB };
                let case = self.case_at(&format!("pack-down/{name}-{distance:x}"), at, &policy);
                self.cases.push(
                    case.with_change(move |session, entry, _| reserve(session, entry, &[room], Mapped::Yes)),
                );
                // Another large page that is split begins just above.
                let case = self.case_at(&format!("pack-up/{name}-{distance:x}"), upper - distance, &policy);
                let room = Interval { start: first, end: lower };
                let split = Interval::new(upper + MIB, 4 * KIB);
                self.cases.push(case.going(Way::UpOverItself).with_change(move |session, entry, _| {
                    reserve(session, entry, &[room], Mapped::Yes)?;
                    reserve(session, entry, &[split], Mapped::No)
                }));
            }
        }
    }

    /// Adds moves down after which slots of the old place lie behind the new `.bss`. No code writes
    /// there; the slots hold addresses, and must not stay.
    fn packed_onto_its_slots(&mut self) {
        let size = self.size("rules");
        // Without such a slot the cases fail, because the image does not move down.
        let distance = self.images.get("rules").and_then(distance_to_a_slot).unwrap_or(0);
        let first = place::firmware(harts(2)).end.0;
        let (lower, upper) = (RAM + LARGE_PAGE, RAM + 2 * LARGE_PAGE);
        for (name, policy) in policies(PhysicalPlacement::Pack) {
            let mode = MODES[self.cases.len() % MODES.len()];
            // The only free place lies in a large page that is split, and the image reaches out of
            // that page.
            let split = Interval::new(lower, PAGE);
            let taken =
                [Interval { start: first, end: lower }, Interval { start: split.end, end: upper - size }];
            let case = self.landing("rules", machine(mode, 2, 64 * MIB), super::Class::Any);
            case.name = format!("move/pack-slots/{name}/{}", mode_name(mode));
            case.load = Load::At(upper - size + distance);
            (case.policy, case.way) = (Some(policy), Some(Way::DownOverItself));
            case.axes.push(("move", "onto its slots".to_owned()));
            case.change = Some(Box::new(move |session, entry, _| {
                reserve(session, entry, &[split], Mapped::No)?;
                reserve(session, entry, &taken, Mapped::Yes)
            }));
        }
    }

    /// Adds random places with room only around the old one, and for the tables: every other move
    /// overlaps.
    fn tight(&mut self, round: u64) {
        let size = self.size("hello");
        let at = RAM + 21 * MIB + 4 * KIB * self.random.below(512);
        let room = 16 * KIB + 4 * KIB * self.random.below(32);
        for (name, policy) in policies(PhysicalPlacement::Random) {
            let mut case =
                self.case_at(&format!("tight/{name}-{round}"), at, &policy.with_stack_size(16 * KIB));
            case.machine = Machine { memory: Memory::One(Size(64 * MIB)), ..case.machine };
            let taken = [
                Interval { start: RAM + LARGE_PAGE, end: at - room },
                Interval { start: at + size + room, end: RAM + 64 * MIB },
            ];
            // The rest of the firmware's large page has room for tables and stacks, but not for an
            // image.
            let first = place::firmware(case.machine.harts).end.0;
            let rest = Interval { start: first + size - 4 * KIB, end: RAM + LARGE_PAGE };
            self.cases.push(case.with_change(move |session, entry, _| {
                reserve(session, entry, &taken, Mapped::Yes)?;
                reserve(session, entry, &[rest], Mapped::Yes)
            }));
        }
    }

    /// Adds an initrd, a tree or a reservation right before the image, right behind it, and at its
    /// best place.
    fn neighbours(&mut self) {
        let at = RAM + 9 * MIB + 20 * KIB;
        for physical in [PhysicalPlacement::Pack, PhysicalPlacement::Random] {
            for (name, policy) in policies(physical) {
                for what in ["initrd", "tree", "reserved"] {
                    let mut case = self.case_at(&format!("beside/{what}-{name}-{physical:?}"), at, &policy);
                    case.machine.memory = Memory::One(Size(64 * MIB));
                    let first = place::firmware(case.machine.harts).end.0;
                    self.cases.push(case.with_change(move |session, entry, image| {
                        beside(session, entry, image, what, first)
                    }));
                }
            }
        }
    }

    /// Adds moves of `rules`, which tests from inside, in RAM full of bytes other than 0.
    fn moves_from_inside(&mut self) {
        for physical in [PhysicalPlacement::Pack, PhysicalPlacement::Random] {
            for (name, policy) in policies(physical) {
                let mode = MODES[self.cases.len() % MODES.len()];
                let name = format!("inside/{name}-{physical:?}");
                let case = self.landing("rules", machine(mode, 2, 64 * MIB), super::Class::Any);
                case.name = format!("move/{name}/{}", mode_name(mode));
                case.policy = Some(policy);
                case.prefill = Some(0xa5);
                case.axes.push(("move", "seen from inside".to_owned()));
            }
        }
    }

    /// Adds moves by a hart that is not the first one; the others follow it.
    fn moved_by_any_hart(&mut self) {
        for (count, first) in [(2, 1), (4, 3), (8, 5)] {
            for (name, policy) in policies(PhysicalPlacement::Random) {
                let name = format!("move/by-hart/{first}-of-{count}-{name}");
                let mut case = Case::new(name, "hello", machine(Mode::Sv48, count, GIB));
                case.boot_hart = Some(first);
                case.seeding = Seeding::Seed(self.random.next_word());
                self.cases.push(case.with_policy(&policy).going(Way::Away).on("move", "by any hart"));
            }
        }
    }

    /// Adds firmware without HSM. Other harts wait in the image, so it stays and reports the
    /// reason; with one hart it can move.
    fn moves_without_hsm(&mut self) {
        for count in [1, 2, 4] {
            for physical in [PhysicalPlacement::Pack, PhysicalPlacement::Random] {
                for (name, policy) in policies(physical) {
                    let mode = MODES[self.cases.len() % MODES.len()];
                    let name = format!("move/without-hsm/{count}-{name}-{physical:?}/{}", mode_name(mode));
                    let mut case = Case::new(name, "hello", machine(mode, count, GIB)).with_policy(&policy);
                    case.aid = Some(Aid::Shim);
                    case.seeding = Seeding::Seed(self.random.next_word());
                    if count > 1 {
                        let lines = vec![STAYED.to_owned()];
                        case = case.expecting(Expect::Landing { lines }).going(Way::Stays);
                    }
                    let case = case.with_change(|session, entry, _| {
                        reserve(session, entry, &[Interval::new(RAM, LARGE_PAGE)], Mapped::No)
                    });
                    self.cases.push(case.on("move", "without HSM").on("firmware", "shim, no HSM"));
                }
            }
        }
    }
}

/// Returns the distance of a move after which a slot of the old place lies behind `.bss`.
fn distance_to_a_slot(image: &Image) -> Option<u64> {
    let end = image.symbol("__landfall_bss_end").ok()?.offset;
    let distances = image.slots.iter().rev().filter(|slot| *slot % PAGE >= end % PAGE);
    let mut distances = distances.map(|slot| end / PAGE * PAGE - slot / PAGE * PAGE);
    // A move saves leaves only if text or constants reach out of the large page, which they split.
    distances.find(|distance| image.size - image.read_only() < *distance)
}

/// The note of a kernel that stays because of its harts.
const STAYED: &str = "  note        the image stayed where it was loaded: the other harts wait in it, since the firmware has no HSM [image-stayed]";

/// Puts memory of others right before the image, right behind it, and behind the firmware.
fn beside(
    session: &mut Session,
    entry: &mut Entry,
    image: &Image,
    what: &str,
    first: u64,
) -> Result<(), String> {
    let behind = entry.base + image.size;
    let before = Interval::new(entry.base - 8 * KIB, 8 * KIB);
    reserve(session, entry, &[before], Mapped::Yes)?;
    match what {
        "initrd" => put_initrd(session, entry, Interval::new(behind, 40 * KIB + 5)),
        "reserved" => {
            let ranges = [Interval::new(behind, 4 * KIB), Interval::new(first + 16 * KIB, 100)];
            reserve(session, entry, &ranges, Mapped::Yes)
        }
        _ => {
            let tree = session.tree(entry.tree_at)?;
            session.write(behind, &tree)?;
            session.set_tree(entry, behind)
        }
    }
}
