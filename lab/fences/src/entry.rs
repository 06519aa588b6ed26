//! The state of each hart when its first function of the kernel begins: at `main`, and at the entry
//! of another hart.
//!
//! The expected values are those of `docs/landing.md`, "The state at main".

use std::cell::RefCell;
use std::rc::Rc;

use landfall_hart::config::Mode;
use landfall_hart::{Inspected, Inspector};

/// Fields of `sstatus`: SIE, SPIE, UBE, SPP, VS, FS, SUM, MXR, SPELP, SDT.
const STATUS: u64 =
    1 << 1 | 1 << 5 | 1 << 6 | 1 << 8 | 3 << 9 | 3 << 13 | 1 << 18 | 1 << 19 | 1 << 23 | 1 << 24;
/// FS is Initial.
const FS_INITIAL: u64 = 1 << 13;
/// The bits of `sip` that supervisor mode can write: SSIP, LCOFIP.
const SIP: u64 = 1 << 1 | 1 << 13;

/// A register: its name, its number, its bits that are checked, and their value.
type Right = (&'static str, u16, u64, u64);

/// Registers that have the same value on each machine that has them.
const RIGHT: [Right; 23] = [
    ("sie", 0x104, u64::MAX, 0),
    ("sip", 0x144, SIP, 0),
    ("scounteren", 0x106, u64::MAX, 0),
    ("senvcfg", 0x10a, u64::MAX, 0),
    ("sstateen0", 0x10c, u64::MAX, 0),
    ("sstateen1", 0x10d, u64::MAX, 0),
    ("sstateen2", 0x10e, u64::MAX, 0),
    ("sstateen3", 0x10f, u64::MAX, 0),
    ("fcsr", 0x003, u64::MAX, 0),
    ("vstart", 0x008, u64::MAX, 0),
    ("vcsr", 0x00f, u64::MAX, 0),
    ("stimecmp", 0x14d, u64::MAX, u64::MAX),
    ("sepc", 0x141, u64::MAX, 0),
    ("scause", 0x142, u64::MAX, 0),
    ("stval", 0x143, u64::MAX, 0),
    ("scontext", 0x5a8, u64::MAX, 0),
    ("siselect", 0x150, u64::MAX, 0),
    ("sctrctl", 0x14e, u64::MAX, 0),
    // Without VSXL.
    ("hstatus", 0x600, !(3 << 32), 0),
    ("hie", 0x604, u64::MAX, 0),
    ("hvip", 0x645, u64::MAX, 0),
    ("hgatp", 0x680, u64::MAX, 0),
    ("vsatp", 0x280, u64::MAX, 0),
];

/// The places of a kernel's code at which a hart's state is known, as offsets in the image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entries {
    /// The first instruction at a virtual address.
    pub landed: u64,
    /// The kernel's `main`.
    pub main: u64,
    /// The first function of the other harts.
    pub secondary: u64,
    /// The routine that traps lead to.
    pub trap: u64,
}

impl Entries {
    /// Returns the places, by the offsets of names; `None` for a kernel without them.
    pub fn find(offset: impl Fn(&str) -> Option<u64>) -> Option<Self> {
        Some(Self {
            landed: offset("landfall_landed")?,
            main: offset("__landfall_main")?,
            secondary: offset("landfall_landed_secondary")?,
            trap: offset("landfall_late_trap")?,
        })
    }
}

/// An inspector of the harts' states at their entries.
#[derive(Debug)]
pub struct Watch {
    entries: Entries,
    /// The mode of the landing.
    mode: Mode,
    /// The virtual address of the image, once the first hart is there.
    base: Option<u64>,
    /// The root of the first hart that came.
    satp: u64,
    /// The ids of the harts, as they came.
    entered: Vec<u64>,
    /// The faults found.
    faults: Vec<String>,
}

impl Watch {
    /// Returns an inspector for a landing in this mode. Its owner reads the result.
    #[must_use]
    pub fn new(entries: Entries, mode: Mode) -> Rc<RefCell<Self>> {
        Rc::new(RefCell::new(Self {
            entries,
            mode,
            base: None,
            satp: 0,
            entered: Vec::new(),
            faults: Vec::new(),
        }))
    }

    /// Returns the faults of a landing with this number of harts.
    #[must_use]
    pub fn faults(&self, online: u64) -> Vec<String> {
        let mut faults = self.faults.clone();
        if self.entered.len() as u64 != online {
            faults.push(format!("harts {:?} entered the kernel, and {online} are online", self.entered));
        }
        faults
    }

    fn enter(&mut self, hart: &Inspected<'_>, base: u64) {
        let id = hart.id();
        if self.entered.contains(&id) {
            self.faults.push(format!("hart {id} entered twice"));
        }
        if self.entered.is_empty() {
            self.satp = hart.csr(0x180).unwrap_or_default();
        }
        self.entered.push(id);
        let mut check = |name: &str, found: u64, right: u64| {
            if found != right {
                self.faults.push(format!("hart {id} has {name} {found:#x}, expected {right:#x}"));
            }
        };
        for (name, number, bits, value) in RIGHT {
            if let Some(found) = hart.csr(number) {
                check(name, found & bits, value);
            }
        }
        check(
            "sstatus",
            hart.csr(0x100).unwrap_or_default() & STATUS,
            hart.legal_status(FS_INITIAL) & STATUS,
        );
        check("sscratch", hart.csr(0x140).unwrap_or_default(), id);
        check("stvec", hart.csr(0x105).unwrap_or_default(), base + self.entries.trap);
        check("satp", hart.csr(0x180).unwrap_or_default(), self.satp);
        let mode = match self.mode {
            Mode::Sv39 => 8,
            Mode::Sv48 => 9,
            Mode::Sv57 => 10,
        };
        check("the mode and the ASID of satp", self.satp >> 44, mode << 16);
    }
}

impl Inspector for Watch {
    fn look(&mut self, hart: &Inspected<'_>) {
        let pc = hart.pc();
        // The upper half, which is the kernel's.
        if pc >> 63 == 0 {
            return;
        }
        let base = *self.base.get_or_insert(pc.wrapping_sub(self.entries.landed));
        let places = [self.entries.main, self.entries.secondary];
        if places.contains(&pc.wrapping_sub(base)) {
            self.enter(hart, base);
        }
    }
}
