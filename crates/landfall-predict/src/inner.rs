//! The inner kernel of a wrapper: the places that it gets.
//!
//! ```
//! use landfall_predict::inner::InnerImage;
//!
//! // Most kernels wrap no other.
//! assert_eq!(InnerImage::of_image(b"a flat image without a record"), None);
//! ```

use landfall_image::inner::{InnerError, InnerRecord, Replacement};
use landfall_limine::Requests;
use landfall_paging::VirtAddr;
use landfall_plan::{Facts, Plan, Policy};
use landfall_tree::Entropy;
use landfall_wrap::{Inner, InnerDraws, Places, Refusal, Rule, check_policy};

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
        /// The name of the broken rule: W and a number, or L and a number for Limine's protocol.
        rule: String,
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

impl InnerPrediction {
    /// Returns the refusal of a wrapper that cannot run with its policy.
    pub(crate) fn of_policy(policy: &Policy) -> Option<Self> {
        let message = check_policy(policy).err()?.to_string();
        Some(Self::Refused { rule: Rule::Tables.to_string(), message })
    }
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

    /// Returns the image whose record was saved as `bytes`. A damaged record is a refusal of the
    /// prediction.
    #[must_use]
    pub const fn of_record(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// Returns the record.
    #[must_use]
    pub fn record(&self) -> &[u8] {
        &self.0
    }

    /// Predicts the places behind a landing with this plan and this entropy.
    #[must_use]
    pub fn predict(&self, plan: &Plan, facts: &Facts, entropy: Option<&Entropy>) -> InnerPrediction {
        match self.start(plan, facts, entropy) {
            Ok(Some(start)) => InnerPrediction::Starts(start),
            Ok(None) => InnerPrediction::Replaced,
            Err(Broken { rule, message }) => InnerPrediction::Refused { rule, message },
        }
    }

    /// Returns the start; `None` if an initrd may replace the kernel.
    fn start(
        &self,
        plan: &Plan,
        facts: &Facts,
        entropy: Option<&Entropy>,
    ) -> Result<Option<InnerStart>, Broken> {
        let record = InnerRecord::read(&self.0)?;
        let options = record.options();
        if options.replacement == Replacement::ByInitrd && facts.initrd.is_some() {
            return Ok(None);
        }
        let bytes = entropy.and_then(Entropy::kernel).map(|words| words.map(u64::to_le_bytes));
        let draws = bytes.and_then(|bytes| bytes.as_flattened().first_chunk().map(InnerDraws::new));
        let inner = Inner::read(record.kernel())?;
        let places = inner.places(plan, facts, options.physical, draws.as_ref())?;
        let requests = requests(&inner, places.virt.start)?;
        if let Some(requests) = &requests {
            requests.check_mode(plan.mode)?;
            requests.check_entry(|entry| inner.is_entry(places.virt.start, entry))?;
        }
        Ok(Some(InnerStart { places, entry: entry(&inner, places.virt.start, requests.as_ref()) }))
    }
}

/// Returns the address at which a wrapper enters a kernel, as linked. A kernel of Limine's protocol
/// may request another than its file names.
#[must_use]
pub fn linked_entry(inner: &Inner<'_>) -> VirtAddr {
    let start = inner.virtual_place(None).start;
    let requests = requests(inner, start).ok().flatten();
    let moved = start.wrapping_offset_from(inner.span().start());
    VirtAddr::new(entry(inner, start, requests.as_ref()).get().wrapping_sub(moved))
}

/// Returns the first instruction of a kernel that lies at `start`.
fn entry(inner: &Inner<'_>, start: VirtAddr, requests: Option<&Requests>) -> VirtAddr {
    let of_file = inner.entry().wrapping_add(start.wrapping_offset_from(inner.span().start()));
    requests.and_then(Requests::entry).unwrap_or(of_file)
}

/// Returns the requests of a kernel of Limine's protocol that lies at `start`. A kernel that takes
/// more than 1 GiB is not loaded, and has none.
fn requests(inner: &Inner<'_>, start: VirtAddr) -> Result<Option<Requests>, Broken> {
    const LARGEST: u64 = 1 << 30;
    let size = usize::try_from(inner.span().size()).ok().filter(|size| *size as u64 <= LARGEST);
    let Some(size) = size else { return Ok(None) };
    let mut memory = vec![0; size];
    inner.load(&mut memory, start)?;
    Ok(Requests::find(&memory)?)
}

/// A broken rule, of whichever list.
struct Broken {
    rule: String,
    message: String,
}

impl From<InnerError> for Broken {
    fn from(error: InnerError) -> Self {
        Self { rule: Rule::Record.to_string(), message: error.to_string() }
    }
}

impl From<Refusal> for Broken {
    fn from(refusal: Refusal) -> Self {
        Self { rule: refusal.rule().to_string(), message: refusal.to_string() }
    }
}

impl From<landfall_limine::Refusal> for Broken {
    fn from(refusal: landfall_limine::Refusal) -> Self {
        Self { rule: refusal.rule().to_owned(), message: refusal.to_string() }
    }
}

#[cfg(test)]
mod tests {
    use landfall_image::inner::{Options, Part, PartKind, size, write};
    use landfall_paging::{Access, Mode, PhysAddr, PhysRange};
    use landfall_plan::Policy;
    use landfall_plan::harts::{Extensions, Hart, Mmu};
    use landfall_plan::policy::{Placement, TablePlacement};
    use landfall_wrap::WINDOW;

    use super::*;
    use crate::blueprint::tests::blueprint;
    use crate::case::{Case, Outcome};
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
        facts.tree = PhysRange::new(PhysAddr::new(0x8000_0000 + ram - 0x2000), 0x2000);
        facts.initrd = initrd;
        facts.harts.push(Hart { id: 0, mmu: Mmu::Upto(Mode::Sv39), extensions: Extensions::NONE });
        let seeds = RawSeeds { kaslr: seed.map(|seed| vec![seed; 8]), ..RawSeeds::default() };
        let loaded = PhysAddr::new(0x8020_0000);
        let case = Case { inner: Some(inner), ..Case::at_entry(facts, seeds, &kernel, loaded) };
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
        let mut headers = (0..count).map(|number| table + number * 56);
        let last = headers.rfind(|at| word(*at) == 1).expect("a segment");
        elf[last + 40..last + 48].copy_from_slice(&size.to_le_bytes());
        elf
    }

    #[test]
    fn no_seed_decides_whether_a_kernel_fits() {
        // Half of the memory, and two thirds.
        for ram in [32 << 20, 24 << 20] {
            let elf = large(16 << 20);
            for seed in 0..16 {
                let (inner, _) = predict_with(image(&elf, Options::default()), ram, Some(seed), None);
                assert!(matches!(inner, InnerPrediction::Starts(_)), "seed {seed} of {ram:#x}: {inner:?}");
            }
        }
    }

    #[test]
    fn a_kernel_without_room_learns_how_much_there_is() {
        let elf = large(64 << 20);
        let (inner, _) = predict_with(image(&elf, Options::default()), 64 << 20, Some(1), None);
        let InnerPrediction::Refused { rule, message } = inner else { panic!("{inner:?}") };
        assert_eq!(rule, "W26");
        assert!(message.contains("the largest range of free memory has 0x"), "{message}");
        assert!(message.contains("add RAM"), "{message}");
    }

    /// [`MOVABLE`] with these words behind its data, after Limine's base revision tag. It accepts
    /// sv39 and sv48.
    fn limine(requests: &[u64]) -> Vec<u8> {
        let mut elf = MOVABLE.to_vec();
        // No section headers. The last segment ends at this offset in the file.
        elf[40..48].fill(0);
        elf[58..64].fill(0);
        elf.truncate(0x400);
        let words = [&[0xf956_2b2d_5c95_a6c8, 0x6a7b_3849_4453_6bdc, 3], requests].concat();
        elf.extend(words.iter().flat_map(|word| word.to_le_bytes()));
        let last = 64 + 2 * 56;
        let size = 0x180 + 8 * words.len() as u64;
        elf[last + 32..last + 40].copy_from_slice(&size.to_le_bytes());
        elf
    }

    #[test]
    fn a_kernel_that_does_not_accept_the_mode_is_refused() {
        let file = limine(&[]);
        let limine = Inner::read(&file).expect("a kernel");
        let found = requests(&limine, limine.virtual_place(None).start).ok().flatten();
        let found = found.expect("a tag");
        for (mode, rule) in [(Mode::Sv39, None), (Mode::Sv48, None), (Mode::Sv57, Some("L18"))] {
            let broken = found.check_mode(mode).err().map(Broken::from);
            assert_eq!(broken.map(|broken| broken.rule).as_deref(), rule, "{mode}");
        }
        let plain = Inner::read(MOVABLE).expect("a kernel");
        assert!(requests(&plain, plain.virtual_place(None).start).is_ok_and(|none| none.is_none()));
    }

    /// The request for an entry.
    const ID: [u64; 4] =
        [0xc7b1_dd30_df4c_8b88, 0x0a82_e883_a194_f07b, 0x13d8_6c03_5a1c_d3e1, 0x2b0c_aa89_d8f3_026a];

    #[test]
    fn a_requested_entry_must_be_code_of_the_kernel() {
        let plain = Inner::read(MOVABLE).expect("a kernel");
        let start = plain.virtual_place(None).start;
        let code = start.wrapping_add(plain.entry().wrapping_offset_from(plain.span().start())).get();
        let data = plain.segments().find(|segment| segment.access == Access::ReadWrite).expect("data");
        let data = start.wrapping_add(data.virt.start().wrapping_offset_from(plain.span().start())).get();
        for (entry, is_code) in [(code, true), (code + 1, false), (data, false), (0x1234, false)] {
            let file = limine(&[&ID[..], &[0, 0, entry]].concat());
            match predict(image(&file, Options::default()), None, None).0 {
                InnerPrediction::Starts(start) => {
                    assert!(is_code && start.entry.get() == entry, "{entry:#x}");
                }
                InnerPrediction::Refused { rule, .. } => {
                    assert!(!is_code && rule == "L9", "{entry:#x}: {rule}");
                }
                InnerPrediction::Replaced => panic!("there is no initrd"),
            }
        }
    }

    #[test]
    fn the_entry_is_the_one_that_a_kernel_requests() {
        // The request names the second instruction.
        let plain = Inner::read(MOVABLE).expect("a kernel");
        assert_eq!(linked_entry(&plain), plain.entry());
        // No relocation moves the word, so it names an address of the place without a draw.
        let start = plain.virtual_place(None).start;
        let second = plain.entry().wrapping_offset_from(plain.span().start()) + 4;
        let requested = start.wrapping_add(second);
        let file = limine(&[&ID[..], &[0, 0, requested.get()]].concat());
        let limine = Inner::read(&file).expect("a kernel");
        assert_eq!(linked_entry(&limine).get(), plain.entry().get() + 4);
    }

    #[test]
    fn a_policy_with_which_no_wrapper_can_run_is_a_refusal() {
        for policy in [POLICY.with_stack_size(32 << 10), POLICY.with_placement(Placement::LinearMap)] {
            let mut facts = Facts::UNKNOWN;
            facts.ram.insert(PhysRange::new(PhysAddr::new(0x8000_0000), GIB)).expect("few ranges");
            facts.tree = PhysRange::new(PhysAddr::new(0xbfff_e000), 0x2000);
            facts.harts.push(Hart { id: 0, mmu: Mmu::Upto(Mode::Sv39), extensions: Extensions::NONE });
            let case =
                Case::at_entry(facts, RawSeeds::default(), &blueprint(&policy), PhysAddr::new(0x8020_0000));
            let inner = Some(image(MOVABLE, Options::default()));
            let Outcome::Lands(prediction) = Case { inner, ..case }.predict() else { panic!("it lands") };
            let inner = prediction.inner.expect("a wrapper");
            assert!(matches!(inner, InnerPrediction::Refused { rule, .. } if rule == "W30"), "{policy:?}");
        }
    }

    #[test]
    fn a_broken_rule_is_predicted() {
        let refused = |inner| match predict(inner, None, None).0 {
            InnerPrediction::Refused { rule, .. } => rule,
            other => panic!("{other:?}"),
        };
        assert_eq!(refused(image(b"no kernel", Options::default())), "W1");
        let mut damaged = image(MOVABLE, Options::default());
        *damaged.0.last_mut().expect("a record") ^= 1;
        assert_eq!(refused(damaged), "W27");
    }
}
