//! The kinds of faults. Their names stay: scripts and `landfall.toml` hold them.

mod area;
mod explain;

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

pub use area::Area;
pub use explain::Explanation;

/// A kind of fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(usize)]
#[non_exhaustive]
pub enum Code {
    /// The boot header's magic numbers are not there.
    HeaderMagic,
    /// The boot header has a version that nobody has defined.
    HeaderVersion,
    /// The boot header's `image_size` is not the image's size.
    HeaderSize,
    /// The boot header's `text_offset` is no place that a loader can use.
    HeaderOffset,
    /// The boot header sets flags or reserved fields that have no meaning.
    HeaderFlags,
    /// The image does not begin with a jump over its header.
    HeaderJump,
    /// The PE header is damaged.
    HeaderPe,
    /// The landfall record is not there.
    RecordMagic,
    /// The landfall record has another version.
    RecordVersion,
    /// The landfall record's sizes are not those of the image.
    RecordSize,
    /// A table that the landfall record names is not where it says.
    RecordTable,
    /// The seal is neither written nor left open.
    SealState,
    /// The sealed bytes are not those that were sealed.
    SealChecksum,
    /// There is no policy.
    PolicyMissing,
    /// The policy has another version.
    PolicyVersion,
    /// The policy says what no policy says, or asks for what no machine has.
    PolicyImpossible,
    /// A relocation that nobody applies at boot.
    RelocKind,
    /// A pointer in code.
    RelocText,
    /// A slot that is not aligned to 8 bytes.
    RelocAlign,
    /// A slot outside of the image's file.
    RelocOutside,
    /// A slot that is listed twice.
    RelocTwice,
    /// Relocation data that is not in ascending order.
    RelocOrder,
    /// A relocation table that cannot be read.
    RelocTable,
    /// A slot whose value is no address of the image.
    RelocTarget,
    /// An address of the image that no relocation lists.
    RelocMissing,
    /// A weak symbol that nothing defines.
    SymbolWeak,
    /// An absolute symbol whose value looks like an address of the image.
    SymbolAbsolute,
    /// A symbol more than 2 GiB away.
    SymbolFar,
    /// An entry in the global offset table.
    GotEntry,
    /// An instruction that loads from the global offset table.
    GotLoad,
    /// A segment that is both writable and executable.
    MemoryWx,
    /// Segments that overlap.
    MemoryOverlap,
    /// A segment that is not aligned as it says.
    MemoryAlign,
    /// A segment that is loaded apart from the others.
    MemoryLoad,
    /// A segment whose bytes are not in the file.
    MemoryFile,
    /// A segment whose permissions are not those of the part.
    MemoryPermission,
    /// The entry is not in code.
    MemoryEntry,
    /// The image takes more than 2 GiB.
    MemorySpan,
    /// Code that makes an absolute address.
    CodeAbsolute,
    /// An access relative to gp.
    CodeGp,
    /// gp is set where nothing should set it.
    CodeGpSet,
    /// Bytes in code that are no instruction we know.
    CodeUnknown,
    /// A stack frame that the guard below a stack does not catch.
    CodeFrame,
    /// Early code reads a pointer that is not relocated yet.
    EarlySlotRead,
    /// Early code takes the address of an object that holds such a pointer.
    EarlySlotAddress,
    /// Early code jumps through a table of addresses.
    EarlyTableJump,
    /// Early code jumps to an address that cannot be known here.
    EarlyIndirectJump,
    /// Early code reads from an address that cannot be known here.
    EarlyUnknownAddress,
    /// Early code leads out of the code that was checked.
    EarlyOutside,
    /// Early code that cannot be followed to its end.
    EarlyUndecided,
    /// The table of patched constants cannot be read.
    SiteTable,
    /// A patched constant outside of code.
    SiteText,
    /// A patched constant whose instructions are others than expected.
    SiteInstructions,
    /// Patched constants that share bytes.
    SiteOverlap,
    /// A patched constant in early code.
    SiteEarly,
    /// A patched constant in a function that patches, or that runs before it.
    SitePatcher,
}

/// A word that is no code.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("\"{found}\" is no code of a finding; those are: {}", Code::ALL.map(Code::name).join(", "))]
pub struct NoCode {
    /// The word there was.
    pub found: String,
}

impl Code {
    /// All of them.
    pub const ALL: [Self; 56] = [
        Self::HeaderMagic,
        Self::HeaderVersion,
        Self::HeaderSize,
        Self::HeaderOffset,
        Self::HeaderFlags,
        Self::HeaderJump,
        Self::HeaderPe,
        Self::RecordMagic,
        Self::RecordVersion,
        Self::RecordSize,
        Self::RecordTable,
        Self::SealState,
        Self::SealChecksum,
        Self::PolicyMissing,
        Self::PolicyVersion,
        Self::PolicyImpossible,
        Self::RelocKind,
        Self::RelocText,
        Self::RelocAlign,
        Self::RelocOutside,
        Self::RelocTwice,
        Self::RelocOrder,
        Self::RelocTable,
        Self::RelocTarget,
        Self::RelocMissing,
        Self::SymbolWeak,
        Self::SymbolAbsolute,
        Self::SymbolFar,
        Self::GotEntry,
        Self::GotLoad,
        Self::MemoryWx,
        Self::MemoryOverlap,
        Self::MemoryAlign,
        Self::MemoryLoad,
        Self::MemoryFile,
        Self::MemoryPermission,
        Self::MemoryEntry,
        Self::MemorySpan,
        Self::CodeAbsolute,
        Self::CodeGp,
        Self::CodeGpSet,
        Self::CodeUnknown,
        Self::CodeFrame,
        Self::EarlySlotRead,
        Self::EarlySlotAddress,
        Self::EarlyTableJump,
        Self::EarlyIndirectJump,
        Self::EarlyUnknownAddress,
        Self::EarlyOutside,
        Self::EarlyUndecided,
        Self::SiteTable,
        Self::SiteText,
        Self::SiteInstructions,
        Self::SiteOverlap,
        Self::SiteEarly,
        Self::SitePatcher,
    ];

    /// The name by which people and scripts call it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::HeaderMagic => "header-magic",
            Self::HeaderVersion => "header-version",
            Self::HeaderSize => "header-size",
            Self::HeaderOffset => "header-text-offset",
            Self::HeaderFlags => "header-flags",
            Self::HeaderJump => "header-jump",
            Self::HeaderPe => "header-pe",
            Self::RecordMagic => "record-magic",
            Self::RecordVersion => "record-version",
            Self::RecordSize => "record-size",
            Self::RecordTable => "record-table",
            Self::SealState => "seal-state",
            Self::SealChecksum => "seal-checksum",
            Self::PolicyMissing => "policy-missing",
            Self::PolicyVersion => "policy-version",
            Self::PolicyImpossible => "policy-impossible",
            Self::RelocKind => "reloc-kind",
            Self::RelocText => "reloc-text",
            Self::RelocAlign => "reloc-align",
            Self::RelocOutside => "reloc-outside",
            Self::RelocTwice => "reloc-twice",
            Self::RelocOrder => "reloc-order",
            Self::RelocTable => "reloc-table",
            Self::RelocTarget => "reloc-target",
            Self::RelocMissing => "reloc-missing",
            Self::SymbolWeak => "symbol-weak",
            Self::SymbolAbsolute => "symbol-absolute",
            Self::SymbolFar => "symbol-far",
            Self::GotEntry => "got-entry",
            Self::GotLoad => "got-load",
            Self::MemoryWx => "memory-wx",
            Self::MemoryOverlap => "memory-overlap",
            Self::MemoryAlign => "memory-align",
            Self::MemoryLoad => "memory-load",
            Self::MemoryFile => "memory-file",
            Self::MemoryPermission => "memory-permission",
            Self::MemoryEntry => "memory-entry",
            Self::MemorySpan => "memory-span",
            Self::CodeAbsolute => "code-absolute",
            Self::CodeGp => "code-gp",
            Self::CodeGpSet => "code-gp-set",
            Self::CodeUnknown => "code-unknown",
            Self::CodeFrame => "code-frame",
            Self::EarlySlotRead => "early-slot-read",
            Self::EarlySlotAddress => "early-slot-address",
            Self::EarlyTableJump => "early-table-jump",
            Self::EarlyIndirectJump => "early-indirect-jump",
            Self::EarlyUnknownAddress => "early-unknown-address",
            Self::EarlyOutside => "early-outside",
            Self::EarlyUndecided => "early-undecided",
            Self::SiteTable => "site-table",
            Self::SiteText => "site-text",
            Self::SiteInstructions => "site-instructions",
            Self::SiteOverlap => "site-overlap",
            Self::SiteEarly => "site-early",
            Self::SitePatcher => "site-patcher",
        }
    }

    /// What the code is about.
    #[must_use]
    pub const fn area(self) -> Area {
        match self {
            Self::HeaderMagic
            | Self::HeaderVersion
            | Self::HeaderSize
            | Self::HeaderOffset
            | Self::HeaderFlags
            | Self::HeaderJump
            | Self::HeaderPe => Area::Header,
            Self::RecordMagic
            | Self::RecordVersion
            | Self::RecordSize
            | Self::RecordTable
            | Self::SealState
            | Self::SealChecksum => Area::Record,
            Self::PolicyMissing | Self::PolicyVersion | Self::PolicyImpossible => Area::Policy,
            Self::RelocKind
            | Self::RelocText
            | Self::RelocAlign
            | Self::RelocOutside
            | Self::RelocTwice
            | Self::RelocOrder
            | Self::RelocTable
            | Self::RelocTarget
            | Self::RelocMissing => Area::Relocations,
            Self::SymbolWeak | Self::SymbolAbsolute | Self::SymbolFar => Area::Symbols,
            Self::GotEntry | Self::GotLoad => Area::Got,
            Self::MemoryWx
            | Self::MemoryOverlap
            | Self::MemoryAlign
            | Self::MemoryLoad
            | Self::MemoryFile
            | Self::MemoryPermission
            | Self::MemoryEntry
            | Self::MemorySpan => Area::Memory,
            Self::CodeAbsolute | Self::CodeGp | Self::CodeGpSet | Self::CodeUnknown | Self::CodeFrame => {
                Area::Code
            }
            Self::EarlySlotRead
            | Self::EarlySlotAddress
            | Self::EarlyTableJump
            | Self::EarlyIndirectJump
            | Self::EarlyUnknownAddress
            | Self::EarlyOutside
            | Self::EarlyUndecided => Area::Early,
            Self::SiteTable
            | Self::SiteText
            | Self::SiteInstructions
            | Self::SiteOverlap
            | Self::SiteEarly
            | Self::SitePatcher => Area::Sites,
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Code {
    type Err = NoCode;

    fn from_str(text: &str) -> Result<Self, NoCode> {
        let named = Self::ALL.into_iter().find(|code| code.name() == text);
        named.ok_or_else(|| NoCode { found: text.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_leads_back_to_its_code() {
        for (index, code) in Code::ALL.into_iter().enumerate() {
            assert_eq!(code.name().parse(), Ok(code));
            assert_eq!(code as usize, index, "findings are counted by this index");
        }
        assert!("usually".parse::<Code>().is_err_and(|error| error.to_string().contains("header-magic")));
    }
}
