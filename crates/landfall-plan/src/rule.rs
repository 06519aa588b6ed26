//! The rules of the boot contract, one row each.
//!
//! The numbers never change, and the number of a removed rule is not used again. The console lines
//! of refusals take their numbers from here, in assembly too. The table in `docs/boot-contract.md`
//! adds the code that enforces each rule and its tests.

use core::fmt;

macro_rules! rules {
    ($($number:literal $name:ident $broken_if:literal;)+) => {
        /// A rule of the boot contract.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Rule {
            $(
                #[doc = concat!("R", $number, " is broken if ", $broken_if, ".")]
                $name = $number,
            )+
        }

        impl Rule {
            /// All rules, by number.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// Returns the condition that breaks the rule, in the words of `docs/boot-contract.md`.
            #[must_use]
            pub const fn broken_if(self) -> &'static str {
                match self {
                    $(Self::$name => $broken_if,)+
                }
            }
        }
    };
}

rules! {
    1 Alignment "the image does not begin at a multiple of 4 KiB";
    2 Header "the boot header or the landfall record is damaged; in a sealed image, any bit of them or of the tables that patch the image";
    3 Relocations "relocation data leads out of constants and data, is misaligned or is not ascending; or the linker wrote RELA, and nothing packed it";
    4 NoTree "`a1` does not hold the address of a device tree";
    5 TreeOverlap "the tree overlaps the image or its `.bss`";
    6 BadTree "the tree is not well-formed: size, blocks (each in a place of its own, and reservations that end before the next block), tokens, names, nesting above 32, an invalid `reg`; or it has more than 8 seeds";
    7 TooManyRanges "there are more than 64 separate ranges of memory, of usable memory, of `no-map` or of other reservations";
    8 NoMemory "the tree states no memory";
    9 ImageOutsideRam "a part of the image, its `.bss` included, is not in RAM (a file that reaches out of RAM itself traps before RAM is known: R16)";
    10 ImageOverReserved "the image overlaps `no-map` or reserved memory, or the initrd";
    11 NoCommonMode "no mode suits the boot hart's `mmu-type`, the policy and `landfall.mode=`";
    12 ProbeFailed "the hart takes none of the modes that its `mmu-type` promises";
    13 OutOfReach "the image lies beyond the reach of the mode, or at a place where no probe can run; or RAM lies so high that two instructions make no offset to it";
    14 TooLittleMemory "no piece of free memory holds the tables and stacks";
    15 BadPolicy "the policy record in the image is invalid, or no machine can fulfill it (`entry!` refuses that at compile time)";
    16 EarlyTrap "there is a trap before landing: by device registers or missing memory that the tree lists as RAM, by an instruction whose extension is missing or off, or while the image is copied";
    17 EarlyPanic "there is a panic before landing, or the landing's stack overflows; either would be a fault of landfall";
    18 Internal "the plan does not fit its own tables, which would be a fault of landfall";
    19 NoRoom "the policy's pins, windows and sizes leave no room, in this mode and on this machine, for the linear map, the kernel or the dynamic region";
    20 NoTables "EFI firmware has neither a device tree nor ACPI tables";
    21 NoBootHart "neither EFI firmware nor its tree states the boot hart";
    22 Initrd "EFI firmware has an initrd and does not return it, or returns more of it than it stated";
    23 FirmwareMemory "EFI firmware returns no memory for the tree or the initrd, no memory map, or an invalid one";
    24 FirmwareExit "EFI firmware does not exit its boot services";
    25 Acpi "EFI firmware has no device tree, and its ACPI tables (RSDP, XSDT, MADT, RHCT) are damaged, missing, outside the memory for tables, or name no enabled hart or more than 4096";
    26 NotMemory "memory that the device tree lists as RAM loses what is written to it: page tables, stacks, `.bss`, the image and its new place, the tree's copy, the copier's page";
    27 CompiledOut "the policy or the boot path needs a part of landfall that was compiled out: a move of the image, ACPI tables in place of a device tree, or EFI firmware that another kernel hands on";
    28 HandedOn "another kernel hands on EFI firmware (`linux,uefi-mmap-start` without `landfall,efi-memory-map`), and its properties, memory map or system table are missing, invalid, or outside the memory where they must be; or no free memory holds the completed tree";
}

impl Rule {
    /// Returns the number, which console lines and `docs/boot-contract.md` have behind an `R`.
    #[must_use]
    pub const fn number(self) -> u32 {
        self as u32
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "R{}", self.number())
    }
}
