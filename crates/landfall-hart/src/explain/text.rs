//! Explanations as text.

use std::fmt;

use super::{Decisive, Explanation, StaleUse};
use crate::liberty::Liberty;

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "seed {}: fails with these liberties, and passes without any one of them:", self.seed)?;
        let (shape, run): (Vec<Liberty>, Vec<_>) =
            self.liberties.iter().partition(|liberty| liberty.is_of_shape());
        for liberty in run {
            writeln!(f, "  {:<20} {} ({})", liberty.name(), liberty.about(), liberty.section())?;
        }
        if !shape.is_empty() {
            let names: Vec<_> = shape.iter().map(|liberty| liberty.name()).collect();
            writeln!(f, "  {}: these draw the machine", names.join(", "))?;
        }
        for decisive in &self.decisive {
            write!(f, "{decisive}")?;
            // An order of the writer that is missing shows where a reader uses the past.
            let late = Decisive { liberty: Liberty::LateStore, ..decisive.clone() };
            if let Some(stale) = decisive.stale.as_ref().filter(|_| self.is_ordered_by_writer(decisive)) {
                writeln!(f, "          or: {}", late.fence(stale))?;
            }
        }
        Ok(())
    }
}

impl Explanation {
    /// Returns true if an order of the writer's stores would have prevented an old load, too.
    fn is_ordered_by_writer(&self, decisive: &Decisive) -> bool {
        decisive.liberty == Liberty::OldLoad && self.liberties.contains(&Liberty::LateStore)
    }
}

impl fmt::Display for Decisive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "decisive: choice {} of {}", self.event, self.liberty.name())?;
        match &self.effect {
            Some(effect) => writeln!(f, ": {effect}")?,
            None => writeln!(f)?,
        }
        if let Some(stale) = &self.stale {
            write!(f, "{stale}")?;
            writeln!(f, "  covered by: {}", self.fence(stale))
        } else if let Some(fence) = self.wider_fence() {
            writeln!(f, "  covered by: {fence}")
        } else {
            Ok(())
        }
    }
}

impl fmt::Display for StaleUse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.writer {
            Some(writer) => writeln!(
                f,
                "  store: hart {writer} at pc {:#x} wrote {:#x} to {:#x}",
                self.writer_pc, self.present, self.word
            )?,
            None => writeln!(f, "  store: the loader wrote {:#x} to {:#x}", self.present, self.word)?,
        }
        writeln!(
            f,
            "  stale use: hart {} at pc {:#x} used {:#x} for its access to {:#x}",
            self.hart, self.pc, self.used, self.virtual_address
        )
    }
}

impl Decisive {
    /// Returns a fence that the liberty does not weaken. The stale use is another liberty's.
    const fn wider_fence(&self) -> Option<&'static str> {
        match self.liberty {
            Liberty::LeafFence | Liberty::Cip1200 => Some("sfence.vma with rs1 = x0"),
            Liberty::UnorderedSinval => {
                Some("sfence.w.inval before the sinval.vma, and sfence.inval.ir after it")
            }
            Liberty::AsidFence => Some("sfence.vma with rs2 = x0"),
            Liberty::UnorderedCall => Some("fence rw, ow before the call of the SBI"),
            _ => None,
        }
    }

    /// Returns a fence that would have covered the stale use.
    #[must_use]
    pub fn fence(&self, stale: &StaleUse) -> String {
        let hart = stale.hart;
        let address = stale.virtual_address;
        match self.liberty {
            Liberty::StaleLeaf | Liberty::Napot => {
                format!(
                    "sfence.vma with rs1 = {address:#x} on hart {hart}, after the store and before the use"
                )
            }
            Liberty::StaleInvalid | Liberty::StaleTable | Liberty::StaleRoot => {
                format!("sfence.vma with rs1 = x0 on hart {hart}, after the store and before the use")
            }
            Liberty::UnorderedRoot => {
                format!(
                    "sfence.vma with rs1 = x0 on hart {hart}, after the store and before its write of satp"
                )
            }
            Liberty::StaleGlobal => {
                format!(
                    "sfence.vma with rs1 = rs2 = x0 on hart {hart}, after its write of satp and before the use"
                )
            }
            Liberty::StaleFetch => {
                format!("fence.i on hart {hart}, after the store is visible to it and before the use")
            }
            Liberty::OldLoad => {
                format!(
                    "fence r, r or an acquire on hart {hart}, after the load that it follows and before the use"
                )
            }
            Liberty::LateStore => {
                let hart = stale.writer.unwrap_or(hart);
                format!(
                    "fence w, w or a release on hart {hart}, after the store and before what publishes it"
                )
            }
            _ => "none: the kernel must not depend on this choice".to_owned(),
        }
    }
}
