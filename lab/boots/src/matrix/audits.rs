//! Kernels with a fault in their tables, one for each code of a finding.

use landfall_audit::Code;

use super::{MIB, MODES, Matrix, machine, mode_name};
use crate::case::{Case, Expect};
use landfall_host::machine::Mode;

impl Matrix {
    /// Each code in one mode, and in each mode a kernel without a fault.
    pub(crate) fn audits(&mut self) {
        for mode in MODES {
            self.audit(mode, None);
        }
        for (mode, code) in MODES.into_iter().cycle().zip(Code::ALL) {
            self.audit(mode, Some(code));
        }
    }

    fn audit(&mut self, mode: Mode, code: Option<Code>) {
        let word = code.map_or("", Code::name);
        let mut machine = machine(mode, 1, 64 * MIB);
        // `info mem` takes no notice of N, so no other machine has Svnapot.
        let extension = match code {
            Some(Code::NapotReserved | Code::NapotGroup) => Some("svnapot=on"),
            Some(Code::AliasType) => Some("svpbmt=on"),
            _ => None,
        };
        machine.cpu.extend(extension.map(str::to_owned));
        machine.append = Some(word.into());
        let fault = if word.is_empty() { "nothing" } else { word };
        let name = format!("audit/{fault}-{}", mode_name(mode));
        let case = Case::new(name, "audit", machine).expecting(Expect::Audit(code));
        self.cases.push(case.on("audit", fault));
    }
}
