//! Kernels that know nothing of landfall, behind a landing.

use landfall_image::inner::ALIGNMENT;
use landfall_paging::{VirtAddr, VirtRange};
use landfall_plan::Policy;
use landfall_plan::policy::{Alias, Modes, PhysicalPlacement, TablePlacement};

use super::{GIB, MODES, Matrix, RAM, machine, mode_name};
use crate::case::{Case, Expect, Load, Seeding};
use crate::efi;
use crate::paths::BootPath;
use landfall_host::machine::Mode;

/// The lines of a kernel for the plain protocol, if all of its own checks hold.
const PLAIN: &[&str] = &["wrapped: all ok", "landfall: exit 0"];

/// The same for Limine's protocol.
const LIMINE: &[&str] = &["limine: all checks done", "landfall: exit 0"];

/// Each kernel, with the lines that it prints if all of its own checks hold.
const KERNELS: [(&str, &[&str]); 6] = [
    ("wrapped", PLAIN),
    ("wrapped-fixed", PLAIN),
    ("wrapped-rust", PLAIN),
    ("limine-c", LIMINE),
    ("limine-c-fixed", LIMINE),
    ("limine-rust", LIMINE),
];

const MEMORY: u64 = 256 << 20;

impl Matrix {
    pub(crate) fn wrapped(&mut self) {
        for (kernel, lines) in KERNELS {
            for (mode, harts) in MODES.into_iter().zip([4, 1, 2]) {
                // Limine's protocol has sv48 unless a kernel accepts more.
                let case = self.wrapped_kernel(kernel, &format!("{}-{harts}", mode_name(mode)), mode, harts);
                self.cases.push(case.expecting(Expect::Wrapped { lines }));
            }
        }
        self.wrapped_policies();
        self.wrapped_paths();
        self.wrapped_damage();
    }

    fn wrapped_kernel(&mut self, kernel: &'static str, name: &str, mode: Mode, harts: u32) -> Case {
        let mut case = Case::new(format!("wrapped/{kernel}/{name}"), kernel, machine(mode, harts, GIB));
        case.load = Load::At(RAM + 0x1a3_c5000);
        case.seeding = Seeding::Seed(self.random.next_word());
        case.on("mode", mode_name(mode)).on("harts", harts.to_string())
    }

    /// A wrapper that moves, one without a second view of text, and one without a seed.
    fn wrapped_policies(&mut self) {
        let (kernel, lines) = KERNELS[0];
        // The wrapper's own policy: the last 2 GiB stay free, and no draw divides the memory.
        let window = VirtRange::new(VirtAddr::new(0xffff_ffff_8000_0000), 0x7fe0_0000);
        let own = Policy::new().with_window(Modes::All, window).with_table_placement(TablePlacement::Lowest);
        let moved = own.with_physical_placement(PhysicalPlacement::Random);
        for (name, policy) in [("moved", moved), ("absent", own.with_alias(Alias::Absent))] {
            let case = self.wrapped_kernel(kernel, name, Mode::Sv48, 2).expecting(Expect::Wrapped { lines });
            self.cases.push(case.with_policy(&policy));
        }
        let mut case =
            self.wrapped_kernel(kernel, "no-seed", Mode::Sv57, 2).expecting(Expect::Wrapped { lines });
        case.seeding = Seeding::None;
        self.cases.push(case);
    }

    /// Each boot path once.
    fn wrapped_paths(&mut self) {
        let (kernel, lines) = KERNELS[0];
        let lines = lines.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>();
        let usual = |path: &BootPath| !matches!(path, BootPath::WithoutHsm | BootPath::Efi(_));
        for path in BootPath::ALL.into_iter().filter(usual) {
            let name = format!("wrapped/path/{}", path.short());
            let case = Case::new(name, kernel, machine(Mode::Sv48, 2, MEMORY));
            let mut case = case.expecting(Expect::Console { lines: lines.clone() });
            case.load = Load::Path(path);
            self.cases.push(case);
        }
        let case = Case::new("wrapped/path/edk2", kernel, machine(Mode::Sv48, 2, MEMORY));
        let mut case = case.expecting(Expect::Console { lines });
        case.load = Load::Efi(efi::Way::Edk2Disk);
        self.cases.push(case);
        self.wrapped_framebuffer();
    }

    /// UEFI's framebuffer, which the kernel requests and writes to.
    fn wrapped_framebuffer(&mut self) {
        let checks = ["limine: test framebuffer ok", "limine: test framebuffer-works ok"];
        let lines = [&checks[..], LIMINE].concat();
        let case = Case::new("wrapped/framebuffer", "limine-c", machine(Mode::Sv57, 2, MEMORY));
        let mut case =
            case.expecting(Expect::Console { lines: lines.into_iter().map(str::to_owned).collect() });
        case.load = Load::Efi(efi::Way::Edk2Disk);
        case.machine.extra = ["-device", "ramfb"].map(Into::into).to_vec();
        self.cases.push(case);
    }

    /// A changed byte of the inner kernel.
    fn wrapped_damage(&mut self) {
        let case = Case::new("wrapped/damaged", KERNELS[0].0, machine(Mode::Sv39, 1, MEMORY));
        self.cases.push(case.expecting(Expect::Refusal("W27")).on("refusals", "W27").with_damage(|image| {
            let mut flat = image.flat.clone();
            let starts = (0..flat.len()).step_by(ALIGNMENT);
            let record = starts.into_iter().find(|start| flat[*start..].starts_with(b"LFINNER\0"));
            let record = record.ok_or("the image has no record")?;
            flat[record + 3 * ALIGNMENT] ^= 1;
            Ok(flat)
        }));
    }
}
