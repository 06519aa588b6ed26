//! The registers that `main` may rely on, whatever the loader left there.

use super::Landed;
use crate::image::Image;
use crate::session::{Session, as_text};

/// Fields of `sstatus` (RISC-V privileged architecture, "Supervisor Status Register").
const VS: u64 = 3 << 9;
const FS: u64 = 3 << 13;
/// SIE, SPIE, UBE, SPP, SUM, MXR, SPELP, SDT.
const SSTATUS: u64 = 1 << 1 | 1 << 5 | 1 << 6 | 1 << 8 | 1 << 18 | 1 << 19 | 1 << 23 | 1 << 24;
/// `hstatus` without the width of guests.
const HSTATUS: u64 = !(3 << 32);

/// The harts that have a register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Extension {
    Base,
    Optional,
}

/// A register: the bits that are checked, and their value.
struct Right {
    name: &'static str,
    extension: Extension,
    bits: u64,
    value: u64,
}

const fn base(name: &'static str, bits: u64) -> Right {
    Right { name, extension: Extension::Base, bits, value: 0 }
}

const fn optional(name: &'static str, bits: u64, value: u64) -> Right {
    Right { name, extension: Extension::Optional, bits, value }
}

/// The registers, as `docs/landing.md` states them.
const RIGHT: [Right; 24] = [
    base("sstatus", SSTATUS | VS),
    base("sie", u64::MAX),
    // The bits that supervisor mode can write: SSIP, LCOFIP.
    base("sip", 1 << 1 | 1 << 13),
    base("scounteren", u64::MAX),
    base("sepc", u64::MAX),
    base("scause", u64::MAX),
    base("stval", u64::MAX),
    base("fcsr", u64::MAX),
    optional("senvcfg", u64::MAX, 0),
    optional("stimecmp", u64::MAX, u64::MAX),
    optional("vstart", u64::MAX, 0),
    optional("vcsr", u64::MAX, 0),
    optional("sstateen0", u64::MAX, 0),
    optional("sstateen1", u64::MAX, 0),
    optional("sstateen2", u64::MAX, 0),
    optional("sstateen3", u64::MAX, 0),
    optional("siselect", u64::MAX, 0),
    optional("sctrctl", u64::MAX, 0),
    optional("scontext", u64::MAX, 0),
    optional("hstatus", HSTATUS, 0),
    optional("hie", u64::MAX, 0),
    // The interrupts of guests; bit 7 is the machine's own timer on QEMU.
    optional("hvip", 1 << 2 | 1 << 6 | 1 << 10, 0),
    optional("hgatp", u64::MAX, 0),
    optional("vsatp", u64::MAX, 0),
];

/// Fills each of these registers of the selected hart with bits that a landing must clear. Returns
/// the names of the registers that took some.
pub(crate) fn fill_registers(session: &mut Session) -> Result<Vec<&'static str>, String> {
    let mut filled = Vec::new();
    // sv39x4 and sv39: a hart ignores a mode that it does not have.
    let dirty = |right: &Right| match right.name {
        "hgatp" | "vsatp" => 8 << 60 | 0x8_0000,
        // The firmware would continue at the first interrupt.
        "stimecmp" => u64::MAX >> 1,
        // The supervisor's own interrupts, none of which is enabled.
        "sstatus" => right.bits & !(1 << 1),
        "sie" => 0x222,
        "sepc" => RAM_ADDRESS,
        _ => u64::MAX,
    };
    // Firmware may enable Ssdbltrp for supervisor mode (DTE) on a hart that has it.
    if let Ok(environment) = session.gdb.register("menvcfg") {
        as_text(session.gdb.set_register("menvcfg", environment | 1 << 59))?;
    }
    for right in &RIGHT {
        let Ok(before) = session.gdb.register(right.name) else { continue };
        let wanted = before & !right.bits | dirty(right) & right.bits;
        as_text(session.gdb.set_register(right.name, wanted))?;
        if as_text(session.gdb.register(right.name))? & right.bits != right.value & right.bits {
            filled.push(right.name);
        }
    }
    match RIGHT.iter().find(|right| right.extension == Extension::Base && !filled.contains(&right.name)) {
        Some(right) => Err(format!("{} took nothing, so this boot tests nothing", right.name)),
        None => Ok(filled),
    }
}

const RAM_ADDRESS: u64 = 0x8000_1234;

/// Returns the faults in the registers of the selected hart.
fn check(session: &mut Session, hart: u64) -> Result<Vec<String>, String> {
    let mut findings = Vec::new();
    for right in &RIGHT {
        let found = match (session.gdb.register(right.name), right.extension) {
            (Ok(found), _) => found,
            (Err(_), Extension::Optional) => continue,
            (Err(error), Extension::Base) => return Err(error.to_string()),
        };
        if found & right.bits != right.value & right.bits {
            let Right { name, bits, value, .. } = right;
            let right = value & bits;
            findings.push(format!(
                "hart {hart} has {name} {found:#x} after landing, expected {right:#x} in {bits:#x}"
            ));
        }
    }
    let sscratch = as_text(session.gdb.register("sscratch"))?;
    if sscratch != hart {
        findings.push(format!("hart {hart} has sscratch {sscratch:#x} after landing, expected its ID"));
    }
    if as_text(session.gdb.register("sstatus"))? & FS == 0 {
        findings.push(format!("hart {hart} has floating-point registers off, which the compiler may use"));
    }
    Ok(findings)
}

impl Landed {
    /// Checks the boot hart's registers when `main` begins.
    pub(crate) fn check_registers(&mut self, session: &mut Session) -> Result<(), String> {
        let findings = check(session, self.entry.hart)?;
        self.findings.extend(findings);
        Ok(())
    }

    /// Runs until each hart has landed. It fills the registers of all but the boot hart before they
    /// land. It checks each hart's registers when the kernel's first Rust function begins on it.
    pub(crate) fn check_every_hart(&mut self, session: &mut Session, image: &Image) -> Result<(), String> {
        let entry = self.base + image.symbol("landfall_secondary")?.offset;
        let own = ["__landfall_main", "landfall_landed_secondary"];
        let [main, secondary] =
            own.map(|name| image.symbol(name).map(|symbol| self.expected.kernel + symbol.offset));
        let places = [entry, main?, secondary?];
        for place in places {
            session.set_breakpoint(place)?;
        }
        let (mut filled, mut landed) = (vec![self.entry.hart], Vec::new());
        while landed.len() < self.harts.len() {
            let Some(hart) = session.go()? else {
                return Err(format!("the machine ended when harts {landed:?} had landed"));
            };
            match as_text(session.gdb.register("pc"))? {
                pc if pc == entry => {
                    fill_registers(session)?;
                    filled.push(hart.id());
                }
                pc if places.contains(&pc) => {
                    if !filled.contains(&hart.id()) {
                        self.findings.push(format!("hart {} landed by another way", hart.id()));
                    }
                    let findings = check(session, hart.id())?;
                    self.findings.extend(findings);
                    landed.push(hart.id());
                }
                _ => {}
            }
        }
        Ok(())
    }
}
