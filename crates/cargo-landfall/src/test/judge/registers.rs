//! What `main` may rely on in registers, whatever the loader left there.

use super::Landed;
use crate::test::session::{Session, told};

/// Fields of `sstatus` (RISC-V privileged architecture, "Supervisor Status Register").
const SIE: u64 = 1 << 1;
const VS: u64 = 3 << 9;
const FS: u64 = 3 << 13;

impl Landed {
    /// Looks at the boot hart's registers when `main` begins.
    pub(in crate::test) fn check_registers(&mut self, session: &mut Session) -> Result<(), String> {
        let (sstatus, sie) = (told(session.gdb.register("sstatus"))?, told(session.gdb.register("sie"))?);
        for (holds, what) in [
            (sstatus & SIE == 0, "interrupts are on"),
            (sie == 0, "interrupts are enabled one by one"),
            (sstatus & FS != 0, "floating-point registers are off, which the compiler may use"),
            (sstatus & VS == 0, "vectors are on"),
        ] {
            if !holds {
                self.findings.push(format!("at `main` {what}: sstatus {sstatus:#x}, sie {sie:#x}"));
            }
        }
        Ok(())
    }
}
