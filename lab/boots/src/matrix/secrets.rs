//! Searches of free memory by every boot path, with moves, and without HSM.

use landfall_plan::Policy;
use landfall_plan::policy::PhysicalPlacement;

use super::{MIB, MODES, Matrix, RAM, machine, mode_name};
use crate::case::{Aid, Case, Expect, Load, Seeding};
use crate::devicetree::{self, Mapped};
use crate::moving::Way;
use crate::paths::BootPath;
use crate::secrets::{Exception, Planted, Search, exceptions};
use landfall_host::machine::Machine;
use landfall_judge::intervals::Interval;

const MEMORY: u64 = 256 * MIB;

impl Matrix {
    /// All searches.
    pub(crate) fn secrets(&mut self) {
        for (path, mode) in BootPath::ALL.into_iter().zip(MODES.into_iter().cycle()) {
            let mut machine = machine(mode, 2, MEMORY);
            let load = match path {
                BootPath::WithoutHsm => Load::Flat,
                BootPath::Efi(way) => {
                    machine.properties.extend(way.described_by().map(str::to_owned));
                    if way.is_by_kernel() {
                        machine.extra = ["-device", "virtio-rng-device"].map(Into::into).to_vec();
                    }
                    Load::Efi(way)
                }
                path => Load::Path(path),
            };
            let mut case = search(&format!("path/{}", path.short()), machine, exceptions(path));
            case.load = load;
            if matches!(path, BootPath::Efi(way) if way.is_by_menu()) {
                // Menus and boot options are for kernels that have one.
                case.initrd = Some(self.initrd().0);
            }
            if path == BootPath::WithoutHsm {
                case.aid = Some(Aid::Shim);
                // The shim lies where RAM begins, and the tree that QEMU made does not know.
                case = case.with_change(|session, entry, _| {
                    session.edit_tree(entry, |tree| {
                        devicetree::reserve(tree, Interval::new(RAM, 2 * MIB), Mapped::No);
                    })
                });
            }
            self.cases.push(case);
        }
        for mode in MODES {
            for (name, seeding) in
                [("own", Seeding::Own), ("kaslr-seed", Seeding::Seed(self.random.next_word()))]
            {
                let mut case = search(&format!("{name}/{}", mode_name(mode)), machine(mode, 2, MEMORY), &[]);
                case.seeding = seeding;
                self.cases.push(case);
                let mut case =
                    search(&format!("moved-{name}/{}", mode_name(mode)), machine(mode, 2, MEMORY), &[]);
                case.seeding = seeding;
                let policy = Policy::new().with_physical_placement(PhysicalPlacement::Random);
                self.cases.push(case.with_policy(&policy).going(Way::Away));
            }
            let mut case = search(&format!("planted/{}", mode_name(mode)), machine(mode, 1, MEMORY), &[]);
            case.expect = Expect::Secrets(Search { left: &[], planted: Planted::Draw });
            self.cases.push(case);
        }
    }
}

/// A case whose search finds nothing but these exceptions.
fn search(name: &str, machine: Machine, left: &'static [Exception]) -> Case {
    let search = Search { left, planted: Planted::Nothing };
    Case::new(format!("secrets/{name}"), "secrets", machine).expecting(Expect::Secrets(search))
}
