//! The state of the hart when a kernel begins that another one has started.
//!
//! The expected values are those of `docs/kexec.md`, "The start".

use std::cell::RefCell;
use std::rc::Rc;

use landfall_hart::{Inspected, Inspector};

/// Fields of `sstatus`: SIE, SPIE, UBE, SPP, VS, FS, SUM, MXR, SPELP, SDT.
const STATUS: u64 =
    1 << 1 | 1 << 5 | 1 << 6 | 1 << 8 | 3 << 9 | 3 << 13 | 1 << 18 | 1 << 19 | 1 << 23 | 1 << 24;
/// SSIP of `sip`.
const SSIP: u64 = 1 << 1;

/// CSRs: the name, the number, the bits that are checked, and their value.
const RIGHT: [(&str, u16, u64, u64); 9] = [
    ("satp", 0x180, u64::MAX, 0),
    ("sstatus", 0x100, STATUS, 0),
    ("sie", 0x104, u64::MAX, 0),
    ("sip", 0x144, SSIP, 0),
    ("sscratch", 0x140, u64::MAX, 0),
    ("sepc", 0x141, u64::MAX, 0),
    ("scause", 0x142, u64::MAX, 0),
    ("stval", 0x143, u64::MAX, 0),
    ("stimecmp", 0x14d, u64::MAX, u64::MAX),
];

/// Registers with values: `a0`, `a1`, and `a3`, which holds the first instruction's address.
const GIVEN: [u8; 3] = [10, 11, FIRST];
/// `a3`.
const FIRST: u8 = 13;
/// `ra` and `sp`, which no running kernel has at 0.
const RA: u8 = 1;
const SP: u8 = 2;

/// An inspector of a hart's state at the first instruction of each next kernel.
#[derive(Debug, Default)]
pub struct Handed {
    /// The kernels that have begun.
    starts: u64,
    /// The faults found.
    faults: Vec<String>,
}

impl Handed {
    /// Returns an inspector. Its owner reads the result.
    #[must_use]
    pub fn new() -> Rc<RefCell<Self>> {
        Rc::default()
    }

    /// Returns the faults of a run with this number of starts.
    #[must_use]
    pub fn faults(&self, starts: u64) -> Vec<String> {
        let mut faults = self.faults.clone();
        if self.starts != starts {
            faults.push(format!("{} kernels were started, expected {starts}", self.starts));
        }
        faults
    }
}

impl Inspector for Handed {
    fn look(&mut self, hart: &Inspected<'_>) {
        let pc = hart.pc();
        if pc != hart.register(FIRST) || hart.register(RA) != 0 || hart.register(SP) != 0 {
            return;
        }
        self.starts += 1;
        let start = self.starts;
        let mut check = |name: &str, found: u64, right: u64| {
            if found != right {
                self.faults.push(format!("start {start} has {name} {found:#x}, expected {right:#x}"));
            }
        };
        check("a0", hart.register(10), hart.id());
        for register in (1..32).filter(|register| !GIVEN.contains(register)) {
            check(&format!("x{register}"), hart.register(register), 0);
        }
        for (name, number, bits, value) in RIGHT {
            if let Some(found) = hart.csr(number) {
                check(name, found & bits, value);
            }
        }
    }
}
