//! The freedoms that the specification leaves to a machine.
//!
//! Each freedom is a [`Liberty`] with a name, the section that permits it, and a point in the
//! simulator where a machine chooses. A [`Liberties`] is the set that a machine takes. Each choice
//! is a hash of the seed, the hart, the liberty and a count of that hart's choices under that
//! liberty. So to turn one liberty off moves no choice under another.

mod choices;
mod name;

pub(crate) use choices::{Choices, Focus};
pub use name::UnknownLiberty;

/// Defines the liberties: one row is a variant, its name, its section and its description.
macro_rules! liberties {
    ($($(#[$part:meta])* $variant:ident $name:literal $section:literal $about:literal;)*) => {
        /// A freedom of the specification.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Liberty {
            $(#[doc = $about] $variant,)*
        }

        impl Liberty {
            /// All liberties.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// Returns the liberty's name, as options of the command spell it.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// Returns the section of the specification that permits it.
            #[must_use]
            pub const fn section(self) -> &'static str {
                match self { $(Self::$variant => $section,)* }
            }

            /// Returns one sentence on what a machine with this liberty does.
            #[must_use]
            pub const fn about(self) -> &'static str {
                match self { $(Self::$variant => $about,)* }
            }
        }
    };
}

liberties! {
    // Translation.
    StaleLeaf "stale-leaf" "privileged: Supervisor Memory-Management Fence Instruction" "A hart uses a leaf entry that has changed since its last fence.";
    StaleTable "stale-table" "privileged: Supervisor Memory-Management Fence Instruction" "A hart uses a pointer to a table that has changed since its last fence.";
    StaleInvalid "stale-invalid" "privileged: Supervisor Memory-Management Fence Instruction" "A hart uses an invalid entry that has become valid since its last fence.";
    StaleRoot "stale-root" "privileged: Supervisor Address Translation and Protection Register" "A hart uses a translation of an earlier root with the same ASID.";
    StaleGlobal "stale-global" "privileged: Supervisor Address Translation and Protection Register" "A hart uses a global translation of an earlier root, whatever its ASID and mode.";
    LeafFence "leaf-fence" "privileged: Supervisor Memory-Management Fence Instruction" "A fence with an address covers leaf entries alone.";
    AsidFence "asid-fence" "privileged: Supervisor Memory-Management Fence Instruction" "A fence with an ASID covers no global entry.";
    Napot "napot" "privileged: Svnapot" "One read of a NAPOT entry fills the cached entries of its 16 pages.";
    SpeculativeAccessed "speculative-accessed" "privileged: Sv32, Virtual Address Translation Process" "Speculation sets the A bit of reachable leaves (Svadu).";
    AccessedDirty "accessed-dirty" "privileged: Svade, Svadu" "The machine faults on clear A and D bits or sets them.";
    // Memory order.
    OldLoad "old-load" "unprivileged: RVWMO Memory Consistency Model" "A load returns an older value than the newest.";
    LateStore "late-store" "unprivileged: RVWMO Memory Consistency Model" "A store reaches other harts later, and after younger ones.";
    UnorderedCall "unordered-call" "SBI: Hart State Management, IPI and RFENCE Extensions" "A call of the SBI orders no access to memory.";
    SpuriousSc "spurious-sc" "unprivileged: Load-Reserved/Store-Conditional Instructions" "A store-conditional fails without a cause.";
    // Fetches.
    StaleFetch "stale-fetch" "unprivileged: Zifencei" "A hart fetches what memory held before a store.";
    // CSRs, traps, and the start.
    Wfi "wfi" "privileged: Wait for Interrupt" "A wait for an interrupt returns early.";
    LateInterrupt "late-interrupt" "privileged: Supervisor Interrupt Pending" "A pending interrupt is taken some instructions later.";
    Pace "pace" "unprivileged: RISC-V Software Execution Environments and Harts" "Harts run at different, changing speeds.";
    Misaligned "misaligned" "unprivileged: Load and Store Instructions" "Misaligned loads and stores trap.";
    AsidLength "asid-length" "privileged: Supervisor Address Translation and Protection Register" "The machine implements 0 to 16 bits of ASIDs.";
    Modes "modes" "privileged: Supervisor Address Translation and Protection Register" "The machine lacks the wider modes of translation.";
    Warl "warl" "privileged: CSR Field Specifications" "A CSR's field reads back as another legal value than the one written.";
    AbsentCsr "absent-csr" "privileged: CSR Listing" "Optional CSRs are absent, and accesses to them trap.";
    AbsentExtension "absent-extension" "RVA profiles: Supervisor extensions" "Optional extensions are absent.";
    NoTime "no-time" "privileged: Counter-Enable Register" "Reads of the counter `time` trap.";
    SeedWait "seed-wait" "cryptography: Entropy Source" "The entropy source is slow, or dead.";
    RandomRegisters "random-registers" "boot: registers other than a0 and a1 are not specified" "Registers and CSRs hold random values at entry.";
    RandomMemory "random-memory" "boot: memory outside what was loaded is not specified" "RAM holds random values at entry.";
    HartIds "hart-ids" "SBI: Binary Encoding, hart ids" "Hart ids are arbitrary, and any hart boots.";
    LateHart "late-hart" "SBI: Hart State Management" "A started hart begins late, or never.";
    Devices "devices" "device tree: the machine's choice" "Devices and RAM are elsewhere, and the interrupt controller is another.";
    Placement "placement" "boot: the loader's choice" "Kernel, device tree and initrd lie anywhere in RAM.";
    // A liberty's number is part of each choice, so new ones stand at the end.
    UnorderedSinval "unordered-sinval" "privileged: Svinval" "A `sinval.vma` covers stores before `sfence.w.inval` alone, and only from `sfence.inval.ir` on.";
    MoreCsrs "more-csrs" "privileged: CSR Listing" "CSRs of extensions that the device tree does not name exist.";
    UnorderedRoot "unordered-root" "privileged: Supervisor Address Translation and Protection Register" "A walk misses stores to tables that precede the write of `satp`.";
    // Errata: known parts that do not follow the specification.
    C910Satp "c910-satp" "erratum: T-Head C910" "A write of an unsupported mode to satp clears the mode and takes the rest.";
    Cip1200 "cip-1200" "erratum: SiFive CIP-1200" "A fence with an address covers nothing.";
}

/// A set of liberties.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Liberties(u64);

impl Liberties {
    /// No liberty: an ordinary machine.
    pub const PLAIN: Self = Self(0);

    /// Each liberty of the specification, and no erratum.
    #[must_use]
    pub fn worst() -> Self {
        Liberty::ALL.iter().filter(|liberty| !liberty.is_erratum()).copied().collect()
    }

    /// Each erratum of a known part, and no other liberty.
    #[must_use]
    pub fn errata() -> Self {
        Liberty::ALL.iter().filter(|liberty| liberty.is_erratum()).copied().collect()
    }

    /// Returns true if the set has the liberty.
    #[must_use]
    pub const fn has(self, liberty: Liberty) -> bool {
        self.0 >> liberty as u32 & 1 != 0
    }

    /// Returns the set with one liberty more.
    #[must_use]
    pub const fn with(self, liberty: Liberty) -> Self {
        Self(self.0 | 1 << liberty as u32)
    }

    /// Returns the set with one liberty less.
    #[must_use]
    pub const fn without(self, liberty: Liberty) -> Self {
        Self(self.0 & !(1 << liberty as u32))
    }

    /// Returns the liberties of the set.
    pub fn iter(self) -> impl Iterator<Item = Liberty> {
        Liberty::ALL.iter().copied().filter(move |&liberty| self.has(liberty))
    }
}

impl FromIterator<Liberty> for Liberties {
    fn from_iter<T: IntoIterator<Item = Liberty>>(liberties: T) -> Self {
        liberties.into_iter().fold(Self::PLAIN, Self::with)
    }
}

impl Liberty {
    /// Returns true if only parts that break the specification take the liberty.
    #[must_use]
    pub const fn is_erratum(self) -> bool {
        matches!(self, Self::C910Satp | Self::Cip1200)
    }

    /// Returns true if all its choices are made when a machine is drawn, and none during a run.
    #[must_use]
    pub const fn is_of_shape(self) -> bool {
        matches!(
            self,
            Self::AsidLength
                | Self::Modes
                | Self::AbsentCsr
                | Self::AbsentExtension
                | Self::NoTime
                | Self::HartIds
                | Self::Devices
                | Self::Placement
        )
    }
}
