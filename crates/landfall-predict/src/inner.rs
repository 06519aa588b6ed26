//! The inner kernel of a wrapper: the places that it gets.
//!
//! ```
//! use landfall_predict::inner::InnerImage;
//!
//! // Most kernels wrap no other.
//! assert_eq!(InnerImage::of_image(b"a flat image without a record"), None);
//! ```

use landfall_image::inner::{InnerRecord, Replacement};
use landfall_paging::VirtAddr;
use landfall_plan::{Facts, Plan};
use landfall_tree::Entropy;
use landfall_wrap::{Inner, InnerDraws, Places, Rule};

/// The record of an inner kernel, as it is in a wrapper's image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InnerImage(Vec<u8>);

/// The start of an inner kernel, or the reason against it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InnerPrediction {
    /// It starts.
    Starts(InnerStart),
    /// The wrapper refuses it.
    Refused {
        /// The broken rule.
        rule: Rule,
        /// The fact, its cause and help.
        message: String,
    },
    /// An initrd may replace it.
    Replaced,
}

/// The places of an inner kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InnerStart {
    /// The places.
    pub places: Places,
    /// The address of its first instruction.
    pub entry: VirtAddr,
}

impl InnerImage {
    /// Returns the record in a flat image, up to the image's end; `None` if the image is no
    /// wrapper.
    #[must_use]
    pub fn of_image(image: &[u8]) -> Option<Self> {
        let rest = image.get(InnerRecord::find(image)?..)?;
        let bytes = InnerRecord::read(rest).map_or(rest, |record| record.bytes());
        Some(Self(bytes.to_vec()))
    }

    /// Predicts the places behind a landing with this plan and this entropy.
    #[must_use]
    pub fn predict(&self, plan: &Plan, facts: &Facts, entropy: Option<&Entropy>) -> InnerPrediction {
        let record = match InnerRecord::read(&self.0) {
            Ok(record) => record,
            Err(error) => {
                return InnerPrediction::Refused { rule: Rule::Record, message: error.to_string() };
            }
        };
        let options = record.options();
        if options.replacement == Replacement::ByInitrd && facts.initrd.is_some() {
            return InnerPrediction::Replaced;
        }
        let bytes = entropy.and_then(Entropy::kernel).map(|words| words.map(u64::to_le_bytes));
        let draws = bytes.and_then(|bytes| bytes.as_flattened().first_chunk().map(InnerDraws::new));
        let start = Inner::read(record.kernel()).and_then(|inner| {
            let places = inner.places(plan, facts, options.physical, draws.as_ref())?;
            let moved = places.virt.start.wrapping_offset_from(inner.span().start());
            Ok(InnerStart { places, entry: inner.entry().wrapping_add(moved) })
        });
        match start {
            Ok(start) => InnerPrediction::Starts(start),
            Err(refusal) => InnerPrediction::Refused { rule: refusal.rule(), message: refusal.to_string() },
        }
    }
}

#[cfg(test)]
mod tests {
    use landfall_image::inner::{Options, Part, PartKind, size, write};
    use landfall_paging::{Mode, PhysAddr, PhysRange};
    use landfall_plan::Policy;
    use landfall_plan::harts::{Extensions, Hart, Mmu};
    use landfall_plan::policy::TablePlacement;
    use landfall_wrap::WINDOW;

    use super::*;
    use crate::blueprint::tests::blueprint;
    use crate::case::{Case, Outcome, Taken};
    use crate::seeds::RawSeeds;

    /// A static PIE of four pages, and a fixed kernel, of the fuzz target `wrap`.
    const MOVABLE: &[u8] = include_bytes!("../../../fuzz/corpus/wrap/seed-movable");
    const FIXED: &[u8] = include_bytes!("../../../fuzz/corpus/wrap/seed-fixed");

    fn image(kernel: &[u8], options: Options) -> InnerImage {
        let parts = [Part { kind: PartKind::Kernel, bytes: kernel }];
        let mut record = vec![0; size(&parts)];
        write(&parts, options, &mut record).expect("a record");
        InnerImage::of_image(&[vec![7; 0x2000], record, vec![7; 9]].concat()).expect("a wrapper")
    }

    /// The policy of a wrapper, as far as it matters here.
    const POLICY: Policy = Policy::new().with_table_placement(TablePlacement::Lowest);
    const GIB: u64 = 1 << 30;

    /// Predicts on a machine with 1 GiB of RAM, with an initrd or none.
    fn predict(inner: InnerImage, seed: Option<u8>, initrd: Option<PhysRange>) -> (InnerPrediction, Plan) {
        predict_with(inner, GIB, seed, initrd)
    }

    fn predict_with(
        inner: InnerImage,
        ram: u64,
        seed: Option<u8>,
        initrd: Option<PhysRange>,
    ) -> (InnerPrediction, Plan) {
        let kernel = blueprint(&POLICY);
        let mut facts = Facts::UNKNOWN;
        facts.ram.insert(PhysRange::new(PhysAddr::new(0x8000_0000), ram)).expect("few ranges");
        facts.loaded = PhysAddr::new(0x8020_0000);
        facts.image = kernel.at(facts.loaded).parts;
        facts.tree = PhysRange::new(PhysAddr::new(0x8000_0000 + ram - 0x2000), 0x2000);
        facts.initrd = initrd;
        facts.harts.push(Hart { id: 0, mmu: Mmu::Upto(Mode::Sv39), extensions: Extensions::NONE });
        let seeds = RawSeeds { kaslr: seed.map(|seed| vec![seed; 8]), ..RawSeeds::default() };
        let case = Case {
            facts,
            policy: kernel.policy,
            missing: kernel.missing,
            seal: kernel.seal,
            slots: kernel.slots,
            modes: Taken::AsPromised,
            seeds,
            notes: Vec::new(),
            inner: Some(inner),
        };
        let Outcome::Lands(prediction) = case.predict() else { panic!("the machine is sound") };
        (prediction.inner.expect("a wrapper"), prediction.plan)
    }

    fn start(kernel: &[u8], seed: Option<u8>) -> InnerStart {
        let (inner, plan) = predict(image(kernel, Options::default()), seed, None);
        let InnerPrediction::Starts(start) = inner else { panic!("{inner:?}") };
        assert!(!start.places.phys.range.overlaps(plan.block), "{start:?}");
        start
    }

    #[test]
    fn a_seed_decides_both_places() {
        let [one, same, other] = [1, 1, 2].map(|seed| start(MOVABLE, Some(seed)));
        assert_eq!(one, same);
        assert!(one.places.virt.start != other.places.virt.start);
        assert!(one.places.phys.range != other.places.phys.range);
        assert!(WINDOW.contains_address(one.entry) && one.entry.get() & 0xfff == 0x200);
        assert_eq!((one.places.virt.places.bits(), one.places.phys.places.bits()), (18, 17));
    }

    #[test]
    fn without_a_seed_both_places_are_the_lowest() {
        let (inner, plan) = predict(image(MOVABLE, Options::default()), None, None);
        let InnerPrediction::Starts(InnerStart { places, .. }) = inner else { panic!("{inner:?}") };
        assert_eq!((places.virt.places.get(), places.phys.places.get()), (1, 1));
        assert_eq!(places.virt.start.get(), 0xffff_ffff_8000_0000);
        // Tables and stacks took the lowest memory. Those of the inner kernel come next.
        assert_eq!(plan.block.start().get(), 0x8000_0000);
        let room = plan.block.size() + 0x1000 + (1 << 20);
        assert_eq!(places.phys.range.start(), plan.block.end().wrapping_add(room));
    }

    #[test]
    fn a_fixed_kernel_keeps_its_address() {
        let fixed = start(FIXED, Some(1));
        assert_eq!(fixed.entry.get(), 0xffff_ffff_8000_1200);
        assert_ne!(fixed.places.phys.range, start(FIXED, Some(2)).places.phys.range);
    }

    #[test]
    fn an_initrd_leaves_the_kernel_open_if_it_may_replace_it() {
        let initrd = Some(PhysRange::new(PhysAddr::new(0x9000_0000), 0x1000));
        let options = Options::default().with_replacement(Replacement::ByInitrd);
        assert_eq!(predict(image(MOVABLE, options), None, initrd).0, InnerPrediction::Replaced);
        let starts = |prediction: InnerPrediction| matches!(prediction, InnerPrediction::Starts(_));
        assert!(starts(predict(image(MOVABLE, options), None, None).0));
        assert!(starts(predict(image(MOVABLE, Options::default()), None, initrd).0));
    }

    /// [`MOVABLE`] with as much `.bss` as its last segment takes then.
    fn large(size: u64) -> Vec<u8> {
        let mut elf = MOVABLE.to_vec();
        let word = |at: usize| u16::from_le_bytes([MOVABLE[at], MOVABLE[at + 1]]);
        let (table, count) = (usize::from(word(32)), usize::from(word(56)));
        let headers = (0..count).map(|number| table + number * 56);
        let last = headers.filter(|at| word(*at) == 1).next_back().expect("a segment");
        elf[last + 40..last + 48].copy_from_slice(&size.to_le_bytes());
        elf
    }

    #[test]
    fn no_seed_decides_whether_a_kernel_fits() {
        // Half of the memory, and two thirds.
        for ram in [128 << 20, 96 << 20] {
            let elf = large(64 << 20);
            for seed in 0..80 {
                let (inner, _) = predict_with(image(&elf, Options::default()), ram, Some(seed), None);
                assert!(matches!(inner, InnerPrediction::Starts(_)), "seed {seed} of {ram:#x}: {inner:?}");
            }
        }
    }

    #[test]
    fn a_kernel_without_room_learns_how_much_there_is() {
        let elf = large(64 << 20);
        let (inner, _) = predict_with(image(&elf, Options::default()), 64 << 20, Some(1), None);
        let InnerPrediction::Refused { rule: Rule::Memory, message } = inner else { panic!("{inner:?}") };
        assert!(message.contains("the largest range of free memory has 0x"), "{message}");
        assert!(message.contains("add RAM"), "{message}");
    }

    #[test]
    fn a_broken_rule_is_predicted() {
        let refused = |inner| match predict(inner, None, None).0 {
            InnerPrediction::Refused { rule, .. } => rule,
            other => panic!("{other:?}"),
        };
        assert_eq!(refused(image(b"no kernel", Options::default())), Rule::Elf);
        let mut damaged = image(MOVABLE, Options::default());
        *damaged.0.last_mut().expect("a record") ^= 1;
        assert_eq!(refused(damaged), Rule::Record);
    }
}
