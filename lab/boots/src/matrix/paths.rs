//! Firmware and boot loaders: one image file, in every mode, with one hart and four, with a command
//! line and an initrd. Each path also boots a kernel that moves, and one that refuses.

use landfall_plan::Policy;
use landfall_plan::policy::PhysicalPlacement;

use super::{MIB, MODES, Matrix, expected_lines, machine, mode_name};
use crate::case::{Case, Expect, Load, Seeding};
use crate::moving::Way;
use crate::paths::BootPath;
use landfall_host::machine::Mode;

/// The size of memory; U-Boot's menu loads an initrd 195 MiB above RAM's start.
const MEMORY: u64 = 256 * MIB;

/// The size of the initrd, which is not a whole number of pages.
const INITRD: usize = 70_001;

impl Matrix {
    /// Adds every path in every mode with one hart and with four.
    pub(crate) fn paths(&mut self) {
        // `without_hsm` adds the path that needs a change of the tree, and `efi` those that choose
        // the image's place.
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

    /// Adds a damaged file. No loader finds the damage; the kernel refuses and prints the reason by
    /// the debug console or the older call.
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

    /// Returns a boot of `rules`, which tests from inside, with the command line and initrd of this
    /// path.
    fn path(&mut self, name: String, path: BootPath, machine: landfall_host::machine::Machine) -> Case {
        let harts = machine.harts.get();
        // `rules` reports a fault without the tests' command line.
        let kernel = if path.has_companions() { "rules" } else { "hello" };
        let mut case = Case::new(name, kernel, machine);
        let words = match path {
            // Characters that U-Boot would expand or remove.
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

    /// Returns an initrd, and the line that `rules` prints about it.
    pub(super) fn initrd(&mut self) -> (Vec<u8>, String) {
        let initrd: Vec<u8> = (0..INITRD).map(|_| self.random.next_word().to_le_bytes()[0]).collect();
        let line = format!("landfall: initrd {INITRD} bytes, sum {:#x}", sum(&initrd));
        (initrd, line)
    }
}

/// Returns the sum that the kernel computes.
fn sum(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |sum: u64, byte| sum.wrapping_mul(31).wrapping_add(u64::from(*byte)))
}
