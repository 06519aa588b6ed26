//! Firmware and boot loaders, each on its way: one image file, every mode, one hart and four, with
//! a command line and an initrd; once more a kernel that moves, and one that refuses.

use landfall_plan::{PhysicalPlacement, Policy};

use super::{MIB, MODES, Matrix, expected_lines, machine, mode_name};
use crate::case::{Case, Expect, Load, Seeding};
use crate::moving::Way;
use crate::paths::BootPath;
use landfall_host::machine::Mode;

/// U-Boot's menu loads an initrd 195 MiB above RAM's start.
const MEMORY: u64 = 256 * MIB;

/// So many bytes; neither the first nor the last page of it is whole.
const INITRD: usize = 70_001;

impl Matrix {
    /// Every path in every mode with one hart and with four.
    pub(crate) fn paths(&mut self) {
        // One needs a change of the tree (`without_hsm`), others choose the image's place
        // themselves (`efi`).
        let usual = |path: &BootPath| !matches!(path, BootPath::WithoutHsm | BootPath::Efi(_));
        for path in BootPath::ALL.into_iter().filter(usual) {
            for mode in MODES {
                for count in [1, 4] {
                    let name = format!("path/{}/{}-{count}", path.short(), mode_name(mode));
                    let mut case = self.path(name, path, machine(mode, count, MEMORY));
                    case.path = Some(path);
                    self.cases.push(case);
                }
            }
            self.refusal_by(path);
            let mode = self.random.pick(&MODES);
            let name = format!("path/{}/moved", path.short());
            let case = self.path(name, path, machine(mode, 2, MEMORY));
            let policy = Policy::new().with_physical_placement(PhysicalPlacement::Random);
            self.cases.push(case.with_policy(&policy).going(Way::Away));
        }
    }

    /// A damaged file is refused, and the user sees it: by the debug console, or by the older call.
    /// No loader finds the damage.
    fn refusal_by(&mut self, path: BootPath) {
        let name = format!("path/{}/refused", path.short());
        let mut case =
            Case::new(name, "hello", machine(Mode::Sv57, 2, MEMORY)).expecting(Expect::Refusal("R2"));
        case.load = Load::Path(path);
        let case = case.with_damage(|image| {
            let mut flat = image.flat.clone();
            flat[image.relr().0] ^= 1;
            Ok(flat)
        });
        self.cases.push(case.on("path", path.short()).on("refusals", "R2"));
    }

    /// The kernel that looks from inside, with what this path hands over.
    fn path(&mut self, name: String, path: BootPath, machine: landfall_host::machine::Machine) -> Case {
        let harts = machine.harts.get();
        // Without a command line of the tests' own it would find fault with that.
        let kernel = if path.has_companions() { "rules" } else { "hello" };
        let mut case = Case::new(name, kernel, machine);
        let words = match path {
            // What U-Boot would put values in for, or take away.
            BootPath::UBootMenu => vec!["a=$b", "${kernel_addr_r}", r"\n\\", "'q'", r"\'", "--c"],
            _ => vec!["a=b", "--c"],
        };
        let (mut lines, line) = expected_lines(kernel, words, Seeding::Own, harts);
        if path.has_companions() {
            let (initrd, line_of_it) = self.initrd();
            lines.push(line_of_it);
            case.initrd = Some(initrd);
            case.machine.append = Some(line.into());
        }
        case.load = Load::Path(path);
        case.expecting(Expect::Landing { lines }).on("path", path.short())
    }

    /// An initrd, and what the kernel that looks from inside says of it.
    pub(super) fn initrd(&mut self) -> (Vec<u8>, String) {
        let initrd: Vec<u8> = (0..INITRD).map(|_| self.random.next_word().to_le_bytes()[0]).collect();
        let line = format!("landfall: initrd {INITRD} bytes, sum {:#x}", sum(&initrd));
        (initrd, line)
    }
}

/// As the kernel computes it.
fn sum(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |sum: u64, byte| sum.wrapping_mul(31).wrapping_add(u64::from(*byte)))
}
