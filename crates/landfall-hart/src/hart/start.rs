//! A hart's state at its start.

use std::fmt;

use crate::config::Config;
use crate::liberty::{Choices, Liberty};
use crate::memory::View;
use crate::translation::Translations;

use super::csr::state::Csrs;
use super::csr::{more, status};
use super::event::Events;
use super::feature::Features;
use super::implementation::Implementation;
use super::{Hart, Privilege, State, interrupt};

impl Hart {
    /// Returns a stopped hart.
    pub(crate) fn new(index: usize, id: u64, config: &Config, choices: &mut Choices) -> Self {
        Self {
            index,
            id,
            x: [0; 32],
            f: [0; 32],
            pc: 0,
            privilege: Privilege::Supervisor,
            csrs: Csrs::default(),
            implementation: Implementation::draw(config, choices),
            features: Features::new(config, index, choices),
            events: Events::new(id, config),
            lost: Self::is_lost(index, id, config, choices),
            state: State::Stopped,
            retired: 0,
            evaluates: false,
            view: View::default(),
            translations: Translations::default(),
        }
    }

    /// Chooses whether a hart never begins. The one that boots does.
    fn is_lost(index: usize, id: u64, config: &Config, choices: &mut Choices) -> bool {
        let is_lost = index != config.boot && choices.chance(index, Liberty::LateHart, 1, 16);
        if is_lost {
            choices.note(Liberty::LateHart, || format!("hart {id} never begins"));
        }
        is_lost
    }

    /// Starts the hart: at boot, by HSM's `hart_start`, or after a non-retentive suspend.
    ///
    /// The SBI specifies `satp`, `sstatus.SIE`, `a0` and `a1`. All else is random or 0. Earlier
    /// translations and fetches that the hart may still use stay.
    pub(crate) fn start(&mut self, entry: u64, opaque: u64, choices: &mut Choices) {
        self.x = [0; 32];
        self.f = [0; 32];
        self.csrs = Csrs { entropy: self.csrs.entropy, ..Csrs::default() };
        let drawn = choices.choose(self.index, Liberty::RandomRegisters, u64::MAX);
        if drawn != 0 {
            self.randomize(drawn, choices);
        }
        self.set(10, self.id);
        self.set(11, opaque);
        self.pc = entry;
        self.privilege = Privilege::Supervisor;
        self.state = State::Started;
    }

    /// Fills all registers that the SBI does not specify. Each is a choice of its own, so that a
    /// search finds the one that decides.
    fn randomize(&mut self, drawn: u64, choices: &mut Choices) {
        let (mut salt, id) = (drawn, self.id);
        let mut random = |register: fmt::Arguments<'_>, bits: u64| {
            salt = salt.wrapping_add(1);
            if !choices.each_time(Liberty::RandomRegisters) {
                return 0;
            }
            let value = choices.noise(salt) & bits;
            choices.note(Liberty::RandomRegisters, || {
                format!("{register} of hart {id} is {value:#x} at its start")
            });
            value
        };
        for register in 1..32 {
            self.x[register] = random(format_args!("x{register}"), u64::MAX);
        }
        self.f = std::array::from_fn(|register| random(format_args!("f{register}"), u64::MAX));
        let implementation = self.implementation;
        let mut fields = status::FS | status::VS | status::SUM | status::MXR | status::SPP | status::SPIE;
        if self.features.double_trap {
            fields |= status::SDT;
        }
        status::write(self, random(format_args!("sstatus"), fields));
        let csrs = &mut self.csrs;
        csrs.sie = random(format_args!("sie"), interrupt::ALL);
        csrs.software_interrupt = random(format_args!("sip.SSIP"), 1) != 0;
        csrs.stvec = random(format_args!("stvec"), !3);
        csrs.scounteren = random(format_args!("scounteren"), implementation.counter_enables);
        csrs.sscratch = random(format_args!("sscratch"), u64::MAX);
        csrs.sepc = implementation.address(random(format_args!("sepc"), !1));
        csrs.scause = random(format_args!("scause"), 1 << 63 | 0x1f);
        csrs.stval = implementation.address(random(format_args!("stval"), u64::MAX));
        csrs.timer = random(format_args!("stimecmp"), u64::MAX);
        csrs.fcsr = random(format_args!("fcsr"), 0xff);
        // FIOM, which each hart with the CSR has.
        csrs.senvcfg = random(format_args!("senvcfg"), u64::from(implementation.senvcfg));
        csrs.more = more::values(|number, bits| random(format_args!("CSR {number:#x}"), bits));
    }
}
