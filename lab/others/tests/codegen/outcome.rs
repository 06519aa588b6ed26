//! The outcome, read from the object and from the linked kernel.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::{fmt, fs};

use object::elf::{self, RelocationType};
use object::read::elf::{ElfFile64, SectionHeader};
use object::{LittleEndian, Object, ObjectSection, RelocationFlags, SectionKind};

use crate::answer::Answer;

/// The prefix of the codes of `check` about code that runs before relocation.
const BEFORE_REBASE: &str = "early-";

/// The way in which code forms an address, by the relocation of the compiler.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Address {
    /// `auipc` and an offset.
    Relative,
    /// `lui` and an offset.
    Absolute,
    /// From the global offset table.
    Got,
    /// By `tp`.
    Thread,
}

impl Address {
    const fn of(kind: RelocationType) -> Option<Self> {
        match kind {
            elf::R_RISCV_PCREL_HI20 => Some(Self::Relative),
            elf::R_RISCV_HI20 => Some(Self::Absolute),
            elf::R_RISCV_GOT_HI20 => Some(Self::Got),
            elf::R_RISCV_TPREL_HI20 | elf::R_RISCV_TLS_GOT_HI20 | elf::R_RISCV_TLS_GD_HI20 => {
                Some(Self::Thread)
            }
            _ => None,
        }
    }
}

/// Why the linker refuses, from its words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    Absolute,
    TooFar,
    Thread,
    Other(String),
}

impl Refused {
    pub(crate) fn from_words(words: &str) -> Self {
        let first =
            words.lines().find_map(|line| line.split_once("error: ")).map_or(words, |(_, error)| error);
        if first.contains("cannot be used against") && first.contains("R_RISCV_HI20") {
            Self::Absolute
        } else if first.contains("out of range") {
            Self::TooFar
        } else if first.contains("R_RISCV_TPREL") {
            Self::Thread
        } else {
            Self::Other(first.to_owned())
        }
    }
}

/// The relocations that are left for the boot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Linked {
    /// Slots that RELR lists: `rebase` does them.
    slots: usize,
    /// The ones that it cannot apply, by kind.
    others: BTreeMap<String, usize>,
    got: usize,
    /// The findings of `check`.
    found: BTreeSet<String>,
}

impl Linked {
    /// Reads `kernel` in `folder`, and has it checked as if none of it were relocated yet.
    pub(crate) fn read(folder: &Path, kernel: &str) -> Self {
        let bytes = fs::read(folder.join(kernel)).expect("a kernel");
        let bytes = bytes.as_slice();
        let file = ElfFile64::<LittleEndian>::parse(bytes).expect("an ELF");
        let answer = Answer::of(folder, kernel, &["--early-from", "pattern", "--early-until", "rebase"]);
        assert!(answer.is_readable(), "{}: {}", folder.display(), answer.words);
        let mut linked = Self { found: answer.codes().into_keys().collect(), ..Self::default() };
        let sections = file.elf_section_table();
        for section in sections.iter() {
            if let Ok(Some(slots)) = section.relr(LittleEndian, bytes) {
                linked.slots += slots.count();
            }
            if let Ok(Some((entries, _))) = section.rela(LittleEndian, bytes) {
                for entry in entries {
                    let kind = entry.r_type(LittleEndian, false);
                    let name = elf::NAMES_R_RISCV.name(kind).expect("a known kind");
                    let name = name.trim_start_matches("R_RISCV_").to_owned();
                    *linked.others.entry(name).or_default() += 1;
                }
            }
        }
        let got = file.section_by_name(".got").map_or(0, |got| got.size());
        // The first entry is the linker's own.
        linked.got = usize::try_from(got / 8).expect("a size").saturating_sub(1);
        linked
    }
}

/// The outcome of a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    addresses: BTreeSet<Address>,
    linked: Result<Linked, Refused>,
}

impl Outcome {
    pub(crate) fn new(object: &[u8], linked: Result<Linked, Refused>) -> Self {
        let file = ElfFile64::<LittleEndian>::parse(object).expect("an object");
        let text = file.sections().filter(|section| section.kind() == SectionKind::Text);
        let kinds = text.flat_map(|section| section.relocations()).filter_map(|(_, relocation)| {
            match relocation.flags() {
                RelocationFlags::Elf { r_type } => Address::of(r_type),
                _ => None,
            }
        });
        Self { addresses: kinds.collect(), linked }
    }
}

/// As a cell of the page.
impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let addresses: Vec<_> = self.addresses.iter().map(Address::to_string).collect();
        let none = if addresses.is_empty() { "no address" } else { "" };
        write!(f, "{none}{}", addresses.join(" and "))?;
        match &self.linked {
            Err(refused) => write!(f, "; **link error**: {refused}"),
            Ok(linked) => write!(f, "{linked}"),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Relative => "`auipc`",
            Self::Absolute => "`lui`",
            Self::Got => "GOT",
            Self::Thread => "`tp`",
        })
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Absolute => "absolute",
            Self::TooFar => "out of reach",
            Self::Thread => "thread-local",
            Self::Other(words) => words,
        })
    }
}

impl fmt::Display for Linked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let many =
            |count: usize, what: &str| format!("; {count} {what}{}", if count == 1 { "" } else { "s" });
        if self.slots != 0 {
            f.write_str(&many(self.slots, "slot"))?;
        }
        for (kind, count) in &self.others {
            write!(f, "; **{count} {kind} in RELA**")?;
        }
        if self.got != 0 {
            f.write_str(&many(self.got, "entry in the GOT").replace("GOTs", "GOT"))?;
        }
        let (early, always): (Vec<_>, Vec<_>) =
            self.found.iter().partition(|code| code.starts_with(BEFORE_REBASE));
        for (when, codes) in [("check", always), ("before `rebase`", early)] {
            let codes: Vec<_> = codes.iter().map(|code| format!("`{code}`")).collect();
            if !codes.is_empty() {
                write!(f, "; {when}: {}", codes.join(", "))?;
            }
        }
        Ok(())
    }
}
