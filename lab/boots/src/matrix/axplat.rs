//! Kernels of ArceOS: `kernels/axplat-*` on landfall's platform.

use landfall_plan::Policy;
use landfall_plan::policy::{Kaslr, LinearPin, Modes, PhysicalPlacement, Placement};

use super::{Class, GIB, MIB, MODES, Matrix, RAM, machine, mode_name};
use crate::case::{Case, Expect, Load};
use crate::kernels::APPLICATION;
use landfall_host::machine::{Memory, Mode};
use landfall_predict::units::Size;

/// The kernels, and the harts that each gets at three places in memory.
const KERNELS: [(&str, [u32; 3]); 3] =
    [("axplat-hello", [1, 2, 4]), ("axplat-irq", [2, 1, 4]), ("axplat-smp", [2, 4, 8])];

/// Memory at those places.
const MEMORY: [u64; 3] = [64 * MIB, GIB, 16 * GIB];

/// Returns the lines that a kernel of ArceOS prints.
fn lines(kernel: &str, harts: u32) -> Vec<String> {
    let expected: &[&str] = match kernel {
        "axplat-hello" => &["axplat: statics ok", "axplat: memory ok", "axplat: clock ok"],
        "axplat-irq" => {
            return vec![
                "axplat: timer ok".into(),
                "axplat: wall clock ok".into(),
                format!("axplat: device ok on {harts} CPUs"),
            ];
        }
        _ => {
            return vec![
                format!("axplat: {harts} CPUs up"),
                "axplat: timers ok".into(),
                "axplat: calls ok".into(),
            ];
        }
    };
    expected.iter().map(|line| (*line).to_owned()).collect()
}

impl Matrix {
    /// Adds three places in each mode, and then each kernel once with another policy.
    pub(crate) fn axplat(&mut self) {
        for (kernel, harts) in KERNELS {
            for mode in MODES {
                let classes = [Class::Congruent, Class::Any, Class::Top];
                for ((class, count), memory) in classes.into_iter().zip(harts).zip(MEMORY) {
                    let case = self.landing(kernel, machine(mode, count, memory), class);
                    case.expect = Expect::Platform { lines: lines(kernel, count) };
                }
            }
        }
        self.axplat_controllers();
        // The offset of ArceOS's own platform.
        let offset = LinearPin::Offset(0xffff_ffc0_0000_0000);
        let pinned = Policy::new().with_linear_pin(Modes::All, offset).with_placement(Placement::LinearMap);
        let policies = [
            ("linear-map", Policy::new().with_placement(Placement::LinearMap)),
            ("pinned", pinned),
            ("fixed", Policy::new().with_kaslr(Kaslr::Disabled)),
            ("moved", Policy::new().with_physical_placement(PhysicalPlacement::Random)),
        ];
        for ((kernel, _), (name, policy)) in KERNELS.into_iter().cycle().zip(policies) {
            let mut case = Self::axplat_case(name, kernel, Mode::Sv39, 2).with_policy(&policy);
            case.load = Load::Elf;
            self.cases.push(case);
        }
        for mode in MODES {
            let case = Self::axplat_case("judge", "axplat-hello", mode, 1);
            self.cases.push(case.expecting(Expect::PlatformObjection).on("judge", "must object"));
        }
        let mut case = Self::axplat_case("boot-hart", "axplat-smp", Mode::Sv48, 4);
        case.boot_hart = Some(2);
        self.cases.push(case);
    }

    /// Adds the other controllers of interrupts: an APLIC by wires, and by messages. Files of harts
    /// lie side by side, with files of guests between them, or in two groups.
    fn axplat_controllers(&mut self) {
        let (one, two) = (Memory::One(Size(GIB)), Memory::Nodes(vec![Size(512 * MIB); 2]));
        let controllers = [
            ("aia=aplic", 4, Mode::Sv39, one.clone()),
            ("aia=aplic-imsic", 2, Mode::Sv48, one.clone()),
            ("aia=aplic-imsic,aia-guests=3", 3, Mode::Sv57, one),
            ("aia=aplic-imsic,aia-guests=2", 4, Mode::Sv57, two),
        ];
        for (properties, harts, mode, memory) in controllers {
            let mut case = Self::axplat_case(properties, "axplat-irq", mode, harts);
            case.machine.properties.push(properties.to_owned());
            case.machine.memory = memory;
            self.cases.push(case.on("controller", properties));
        }
    }

    /// Adds a whole ArceOS, at places of each kind, on machines with any mode: it lands in sv39.
    pub(crate) fn application(&mut self) {
        let lines = ["memory ok", "threads ok", "preemption ok", "sleep ok", "done"];
        let expect = Expect::Application { lines: lines.map(|line| format!("arceos: {line}")).to_vec() };
        for (class, count) in
            [(Class::Congruent, 1), (Class::Any, 2), (Class::BehindFirmware, 4), (Class::Any, 8)]
        {
            for (mode, memory) in MODES.into_iter().zip([128 * MIB, GIB, 16 * GIB]) {
                let case = self.landing(APPLICATION, machine(mode, count, memory), class);
                case.expect = expect.clone();
            }
        }
        // ArceOS's tables take more memory than is free behind the image here.
        let case = self.landing(APPLICATION, machine(Mode::Sv57, 1, 4 * GIB), Class::Congruent);
        case.load = Load::At(RAM + 4 * GIB - 12 * MIB);
        case.expect = expect;
    }

    fn axplat_case(name: &str, kernel: &'static str, mode: Mode, harts: u32) -> Case {
        let case =
            Case::new(format!("once/{name}/{kernel}-{}", mode_name(mode)), kernel, machine(mode, harts, GIB));
        let case = case.expecting(Expect::Platform { lines: lines(kernel, harts) });
        case.on("mode", mode_name(mode)).on("harts", harts.to_string())
    }
}
