//! Policies: each in each mode, with and without leaves of 64 KiB.

use super::{Batch, Class, GIB, HARTS, MIB, MODES, Matrix, machine};
use crate::devicetree;
use crate::policies::{self, Choice};
use landfall_host::machine::{Machine, Mode};

/// Sizes of memory that every policy supports.
const MEMORY: [u64; 4] = [64 * MIB, GIB, 4 * GIB, 16 * GIB];

impl Matrix {
    /// Adds a landing of a kernel with this policy.
    fn policy(&mut self, kernel: &'static str, machine: Machine, class: Class, choice: Choice) {
        let Choice { name, policy, reach, harts } = choice;
        let batch = self.batch;
        let case = self.landing_within(kernel, machine, class, reach, harts);
        if let Batch::Fixed(_) = batch {
            case.name = format!("{}-{name}", case.name);
        }
        let axis = if name.starts_with("any-") { "any".to_owned() } else { name };
        case.axes.push(("policy", axis));
        case.policy = Some(policy);
    }

    /// Returns a machine for this policy.
    fn machine_for(&mut self, mode: Mode, choice: &Choice) -> Machine {
        let count = self.random.pick(&HARTS);
        let memory = match choice.reach {
            u64::MAX => self.random.pick(&[64 * MIB, 128 * MIB, GIB, 4 * GIB, 256 * GIB]),
            // More memory than the policy maps.
            GIB => 4 * GIB,
            reach if reach > 128 * GIB => 256 * GIB,
            _ => self.random.pick(&MEMORY),
        };
        machine(mode, count, memory)
    }

    /// Adds every policy in every mode, on harts without Svnapot and on harts with it.
    pub(crate) fn policies(&mut self) {
        for choice in policies::list() {
            for mode in MODES {
                for svnapot in ["off", "on"] {
                    let mut machine = self.machine_for(mode, &choice);
                    machine.cpu.push(format!("svnapot={svnapot}"));
                    let class = self.random.pick(&[Class::Any, Class::Any, Class::Congruent]);
                    self.policy("hello", machine, class, choice.clone());
                    self.tell_svnapot(svnapot);
                }
            }
        }
    }

    fn tell_svnapot(&mut self, svnapot: &str) {
        if let Some(case) = self.cases.last_mut() {
            if let Batch::Fixed(_) = self.batch {
                case.name = format!("{}-svnapot-{svnapot}", case.name);
            }
            case.axes.push(("svnapot", svnapot.to_owned()));
        }
    }

    /// Adds `rules`, which tests from inside, under each policy, in a mode that `round` selects.
    pub(crate) fn rules_with_policies(&mut self, round: usize) {
        for (index, choice) in policies::list().into_iter().enumerate() {
            let mode = MODES[(index + round) % MODES.len()];
            let count = self.random.pick(&[2, 4]);
            let memory = if choice.reach == GIB { 2 * GIB } else { 64 * MIB };
            let mut machine = machine(mode, count, memory);
            let svnapot = if (index + round).is_multiple_of(2) { "on" } else { "off" };
            machine.cpu.push(format!("svnapot={svnapot}"));
            self.policy("rules", machine, Class::Any, choice);
            self.tell_svnapot(svnapot);
        }
    }

    /// Adds `count` random policies, on random machines.
    pub(crate) fn any_policies(&mut self, count: usize) {
        for index in 0..count {
            let choice = policies::any(&mut self.random);
            let mode = self.random.pick(&MODES);
            let mut machine = self.machine_for(mode, &choice);
            let svnapot = self.random.pick(&["on", "off"]);
            machine.cpu.push(format!("svnapot={svnapot}"));
            let kernel = if index % 5 == 0 { "rules" } else { "hello" };
            if kernel == "rules" {
                machine = Machine { cpu: machine.cpu, ..super::machine(mode, 4, 64 * MIB) };
            }
            let class = self.random.pick(&Class::ALL);
            self.policy(kernel, machine, class, choice);
            self.tell_svnapot(svnapot);
        }
    }

    /// Adds unusual processors. One machine has a hart without Svnapot among harts that have it.
    /// Another one has T-Head's C906, whose own page table format stays disabled in QEMU.
    pub(crate) fn parts(&mut self) {
        for mode in MODES {
            let mut machine = machine(mode, 4, GIB);
            machine.cpu.push("svnapot=on".to_owned());
            let case = super::Case::new(format!("svnapot/one-without/{mode:?}"), "hello", machine);
            let case = case.with_change(|session, entry, _| {
                session.edit_tree(entry, |tree| devicetree::remove_extension(tree, 2, "svnapot"))
            });
            self.cases.push(case.on("svnapot", "all but one"));
        }
        for choice in policies::list().into_iter().filter(|choice| !choice.name.contains('+')).take(5) {
            let machine =
                Machine { extra: vec!["-cpu".into(), "thead-c906".into()], ..machine(Mode::Sv39, 2, GIB) };
            let case = super::Case::new(format!("thead/{}", choice.name), "hello", machine);
            self.cases.push(case.with_policy(&choice.policy).on("part", "thead-c906"));
        }
    }
}
