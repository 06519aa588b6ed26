//! Instructions that order something, and what a mutant makes of them.

/// `addi x0, x0, 0`.
const NOP: u32 = 0x13;
/// `ecall`.
pub(crate) const CALL: u32 = 0x73;
/// `addi a0, x0, 0`: the SBI's answer after success.
const SUCCESS: u32 = 0x513;

/// An instruction that orders something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// Its offset in the image.
    pub offset: usize,
    /// Its encoding.
    pub instruction: u32,
    /// Its file and line.
    pub place: String,
    /// Its kind.
    pub kind: SiteKind,
}

/// A kind of site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SiteKind {
    /// `fence`.
    Fence,
    /// `fence.i`.
    FenceInstructions,
    /// `sfence.vma`, `sinval.vma` or their fences.
    FenceTranslations,
    /// An atomic instruction with `aq` or `rl`.
    Atomic,
    /// A write of a CSR.
    CsrWrite,
    /// A call of the SBI's RFENCE extension.
    RemoteFence,
}

/// A change of a site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mutant {
    /// The new instruction.
    pub instruction: u32,
    /// The missing order, in words.
    pub change: String,
}

impl Site {
    /// Returns the site of an instruction, if it orders something.
    pub(crate) fn of(instruction: u32, offset: usize, place: impl FnOnce() -> String) -> Option<Self> {
        let function = instruction >> 12 & 7;
        let (rd, rs1) = (instruction >> 7 & 31, instruction >> 15 & 31);
        let kind = match instruction & 0x7f {
            // Not `pause`, a hint.
            0x0f if function == 0 && instruction != 0x0100_000f => SiteKind::Fence,
            0x0f if function == 1 => SiteKind::FenceInstructions,
            0x2f if instruction >> 25 & 3 != 0 => SiteKind::Atomic,
            0x73 if function == 0 && rd == 0 && matches!(instruction >> 25, 0x09 | 0x0b | 0x0c) => {
                SiteKind::FenceTranslations
            }
            0x73 if function & 3 == 1 || function & 3 != 0 && rs1 != 0 => SiteKind::CsrWrite,
            _ => return None,
        };
        Some(Self { offset, instruction, place: place(), kind })
    }

    /// Returns the site of a call of the SBI's RFENCE extension.
    pub(crate) const fn remote_fence(offset: usize, place: String) -> Self {
        Self { offset, instruction: CALL, place, kind: SiteKind::RemoteFence }
    }

    /// Returns the change that removes the site's order.
    #[must_use]
    pub fn removed(&self) -> Mutant {
        match self.kind {
            SiteKind::Atomic => Mutant {
                instruction: self.instruction & !(3 << 25),
                change: format!("{} without order", self.text()),
            },
            SiteKind::RemoteFence => Mutant { instruction: SUCCESS, change: "no call of RFENCE".to_owned() },
            _ => Mutant { instruction: NOP, change: format!("no {}", self.text()) },
        }
    }

    /// Returns all changes of the site, the complete removal first.
    #[must_use]
    pub fn mutants(&self) -> Vec<Mutant> {
        let mut mutants = vec![self.removed()];
        match self.kind {
            SiteKind::Fence => {
                for bit in 20..28 {
                    let weaker = self.instruction & !(1 << bit);
                    let is_memory = matches!(bit, 20 | 21 | 24 | 25);
                    let is_empty =
                        (weaker >> 20).trailing_zeros() >= 4 || (weaker >> 24).trailing_zeros() >= 4;
                    if weaker != self.instruction && is_memory && !is_empty {
                        let change = format!("{} as {}", self.text(), fence(weaker));
                        mutants.push(Mutant { instruction: weaker, change });
                    }
                }
            }
            SiteKind::Atomic if self.instruction >> 25 & 3 == 3 => {
                for (bit, name) in [(25, "rl"), (26, "aq")] {
                    mutants.push(Mutant {
                        instruction: self.instruction & !(1 << bit),
                        change: format!("{} without {name}", self.text()),
                    });
                }
            }
            _ => {}
        }
        mutants
    }

    /// Returns the instruction in words.
    #[must_use]
    pub fn text(&self) -> String {
        match self.kind {
            SiteKind::Fence => fence(self.instruction),
            SiteKind::FenceInstructions => "fence.i".to_owned(),
            SiteKind::FenceTranslations => match self.instruction >> 15 & 0x3ff {
                0 => "sfence.vma".to_owned(),
                registers => {
                    let word = |register: u32| if register == 0 { "x0" } else { "register" };
                    format!("sfence.vma {}, {}", word(registers & 31), word(registers >> 5))
                }
            },
            SiteKind::Atomic => {
                let name = match self.instruction >> 27 {
                    2 => "lr",
                    3 => "sc",
                    _ => "amo",
                };
                let order = [(26, ".aq"), (25, ".rl")];
                let order = order.map(|(bit, text)| if self.instruction >> bit & 1 == 1 { text } else { "" });
                format!("{name}{}{}", order[0], order[1])
            }
            SiteKind::RemoteFence => "call of RFENCE".to_owned(),
            SiteKind::CsrWrite => csr_write(self.instruction),
        }
    }
}

/// The names of CSRs.
const CSRS: [(u32, &str); 13] = [
    (0x003, "fcsr"),
    (0x015, "seed"),
    (0x100, "sstatus"),
    (0x104, "sie"),
    (0x105, "stvec"),
    (0x106, "scounteren"),
    (0x10a, "senvcfg"),
    (0x140, "sscratch"),
    (0x141, "sepc"),
    (0x142, "scause"),
    (0x143, "stval"),
    (0x14d, "stimecmp"),
    (0x180, "satp"),
];

/// The names of the integer registers.
const REGISTERS: [&str; 32] = [
    "zero", "ra", "sp", "gp", "tp", "t0", "t1", "t2", "s0", "s1", "a0", "a1", "a2", "a3", "a4", "a5", "a6",
    "a7", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11", "t3", "t4", "t5", "t6",
];

/// Returns a write of a CSR in words.
fn csr_write(instruction: u32) -> String {
    let function = instruction >> 12 & 7;
    let (target, source) = (instruction >> 7 & 31, instruction >> 15 & 31);
    let reads = if target == 0 { "" } else { "r" };
    let change = ["w", "s", "c"][(function as usize & 3) - 1];
    let (kind, source) = match function & 4 {
        0 => ("", REGISTERS[source as usize].to_owned()),
        _ => ("i", source.to_string()),
    };
    let number = instruction >> 20;
    let csr = CSRS.iter().find(|(other, _)| *other == number);
    let csr = csr.map_or_else(|| format!("{number:#x}"), |(_, name)| (*name).to_owned());
    format!("csr{reads}{change}{kind} {csr}, {source}")
}

/// Returns a `fence` in words.
fn fence(instruction: u32) -> String {
    let set = |bits: u32| {
        [(8, 'i'), (4, 'o'), (2, 'r'), (1, 'w')]
            .into_iter()
            .filter(|(bit, _)| bits & bit != 0)
            .map(|(_, letter)| letter)
            .collect::<String>()
    };
    format!("fence {}, {}", set(instruction >> 24 & 0xf), set(instruction >> 20 & 0xf))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(instruction: u32) -> Option<Site> {
        Site::of(instruction, 0, String::new)
    }

    #[test]
    fn what_orders_nothing_is_no_site() {
        // addi, ld, amoadd.w, csrr, csrrci with 0, pause, ecall, sret.
        for instruction in
            [NOP, 0x0005_3503, 0x0062_a32f, 0x1000_2573, 0x1000_7573, 0x0100_000f, 0x73, 0x1020_0073]
        {
            assert_eq!(site(instruction), None, "{instruction:#x}");
        }
    }

    #[test]
    fn each_mutant_orders_less() {
        let changes = |instruction| {
            let site = site(instruction).expect("it orders something");
            site.mutants().into_iter().map(|mutant| mutant.change).collect::<Vec<_>>()
        };
        assert_eq!(
            changes(0x0330_000f),
            [
                "no fence rw, rw",
                "fence rw, rw as fence rw, r",
                "fence rw, rw as fence rw, w",
                "fence rw, rw as fence r, rw",
                "fence rw, rw as fence w, rw"
            ]
        );
        assert_eq!(changes(0x0000_100f), ["no fence.i"]);
        assert_eq!(changes(0x1200_0073), ["no sfence.vma"]);
        assert_eq!(changes(0x1205_0073), ["no sfence.vma register, x0"]);
        assert_eq!(changes(0x1800_1073), ["no csrw satp, zero"]);
        assert_eq!(changes(0x1001_77f3), ["no csrrci sstatus, 2"]);
        assert_eq!(changes(0x10c2_a073), ["no csrs 0x10c, t0"]);
        assert_eq!(
            changes(0x0662_a32f),
            ["amo.aq.rl without order", "amo.aq.rl without rl", "amo.aq.rl without aq"]
        );
        assert_eq!(changes(0x1205_a32f).len(), 1);
    }
}
