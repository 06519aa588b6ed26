//! Notes: what a reader should know although it stops nothing. Those of a landing report have the
//! same codes and words here.
//!
//! ```
//! use landfall_predict::case::Outcome;
//! use landfall_predict::facts_file::FactsFile;
//! use landfall_predict::notes::absent_harts;
//!
//! let facts = include_bytes!("../tests/records/facts-2.json");
//! let Outcome::Lands(prediction) = FactsFile::parse(facts)?.case(None).predict() else {
//!     panic!("the kernel of these facts has landed")
//! };
//! for note in &prediction.notes {
//!     println!("{}: {note}", note.code());
//! }
//! let absent = absent_harts(&prediction.facts, &prediction.policy, &prediction.plan);
//! assert_eq!(absent.count(), 0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::fmt;

use landfall_paging::PhysAddr;
use landfall_plan::harts::Absence;
use landfall_plan::planner::{Role, hart_roles};
use landfall_plan::{Facts, Plan, Policy};

/// Something to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// A note of the kernel's own report.
    Landing(landfall_plan::plan::Note),
    /// The address of the image is assumed.
    ImageAssumed(PhysAddr),
    /// The address of the tree is assumed.
    TreeAssumed(PhysAddr),
    /// The boot hart is assumed.
    BootHartAssumed(u64),
    /// Firmware lets harts race for the boot; this one won.
    BootHartVaries(u64),
    /// The mode is the best that the tree promises; no probe has confirmed it.
    ModeAssumed,
    /// The memory types of leaves are assumed.
    MemoryTypesAssumed,
    /// Firmware is assumed to keep the other harts, so that the image can be moved.
    HsmAssumed,
    /// The memory is not the tree's.
    MemorySupplied,
    /// Firmware has no reservation in the tree.
    FirmwareUnreserved(PhysAddr),
    /// The next boot gets another seed.
    FreshSeed,
    /// The hart has a generator of its own, whose bytes are assumed.
    ZkrAssumed,
    /// The boot was planned by this earlier version of the function from facts to a plan.
    EarlierPlan(u32),
}

impl Note {
    /// Returns a name that stays.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Landing(note) => note.code(),
            Self::ImageAssumed(_) => "image-assumed",
            Self::TreeAssumed(_) => "tree-assumed",
            Self::BootHartAssumed(_) => "boot-hart-assumed",
            Self::BootHartVaries(_) => "boot-hart-varies",
            Self::ModeAssumed => "mode-assumed",
            Self::MemoryTypesAssumed => "memory-types-assumed",
            Self::HsmAssumed => "hsm-assumed",
            Self::MemorySupplied => "memory-supplied",
            Self::FirmwareUnreserved(_) => "firmware-unreserved",
            Self::FreshSeed => "fresh-seed",
            Self::ZkrAssumed => "zkr-assumed",
            Self::EarlierPlan(_) => "earlier-plan",
        }
    }

    /// Returns true if another hart may boot than the plan names.
    #[must_use]
    pub const fn leaves_boot_hart_open(&self) -> bool {
        matches!(self, Self::BootHartAssumed(_) | Self::BootHartVaries(_))
    }

    /// Returns the notes of this plan's landing report, if each hart starts that can.
    pub fn of(facts: &Facts, policy: &Policy, plan: &Plan) -> impl Iterator<Item = Self> {
        let absent = absent_harts(facts, policy, plan);
        let missing = absent.filter(|(_, why)| *why == Absence::WithoutMode).count();
        let missing = Some(missing).filter(|count| *count != 0).map(landfall_plan::plan::Note::HartsMissing);
        landfall_plan::plan::Note::of(facts, policy, plan).chain(missing).map(Self::Landing)
    }
}

/// Returns the harts that will not land, in the tree's order.
pub fn absent_harts(facts: &Facts, policy: &Policy, plan: &Plan) -> impl Iterator<Item = (u64, Absence)> {
    hart_roles(facts, policy, plan.mode).filter_map(|(hart, role)| match role {
        Role::Absent(absence) => Some((hart.id, absence)),
        Role::Boots | Role::Follows => None,
    })
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Landing(note) => write!(f, "{note}"),
            Self::ImageAssumed(at) => {
                write!(
                    f,
                    "the image is assumed at {at}, 2 MiB above the start of RAM; set the boot loader's address (U-Boot's kernel_addr_r) with --at"
                )
            }
            Self::TreeAssumed(at) => {
                write!(f, "the device tree is assumed at {at}; set its address with --tree-at")
            }
            Self::BootHartAssumed(hart) => {
                write!(
                    f,
                    "hart {hart}, the first with an MMU, is assumed to boot; set it with --boot-hart"
                )
            }
            Self::BootHartVaries(hart) => write!(
                f,
                "hart {hart} boots in this plan; firmware chooses the boot hart by a race, so another boot may differ"
            ),
            Self::ModeAssumed => write!(
                f,
                "the mode is the best that the tree promises; a hart may accept less at boot; set it with --mode"
            ),
            Self::MemoryTypesAssumed => f.write_str(
                "leaves are assumed to be standard; a T-Head hart may use its own memory types (MAEE), which only a boot shows; set them with --memory-types"
            ),
            Self::HsmAssumed => f.write_str(
                "firmware is assumed to start the other harts on request (HSM); without HSM they wait in the image, which then stays where it was loaded"
            ),
            Self::MemorySupplied => {
                write!(f, "the memory is that of --memory; the memory nodes of the tree are ignored")
            }
            Self::FirmwareUnreserved(at) => write!(
                f,
                "the tree reserves nothing for firmware, which adds its own memory at boot; reserve it with --no-map, such as --no-map {at}:512K"
            ),
            Self::FreshSeed => write!(
                f,
                "firmware passes another seed at each boot, so the next layout differs; fix it with --seed, for run and plan alike"
            ),
            Self::ZkrAssumed => f.write_str(
                "the boot hart has a random number generator (Zkr), so each boot has another layout; this plan assumes its output"
            ),
            Self::EarlierPlan(found) => write!(
                f,
                "version {found} of the planner decided that boot, and this plan is by version {}; its addresses may differ",
                Plan::VERSION
            ),
        }
    }
}
