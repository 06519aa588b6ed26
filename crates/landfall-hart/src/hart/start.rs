//! A hart's state at its start.

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
            // The hart that boots is there.
            lost: index != config.boot && choices.chance(index, Liberty::LateHart, 1, 16),
            state: State::Stopped,
            retired: 0,
            evaluates: false,
            view: View::default(),
            translations: Translations::default(),
        }
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

    /// Fills all registers that the SBI does not specify.
    fn randomize(&mut self, drawn: u64, choices: &Choices) {
        let mut salt = drawn;
        let mut noise = || {
            salt = salt.wrapping_add(1);
            choices.noise(salt)
        };
        for register in 1..32 {
            self.x[register] = noise();
        }
        self.f = std::array::from_fn(|_| noise());
        let implementation = self.implementation;
        let value = noise();
        let mut fields = status::FS | status::VS | status::SUM | status::MXR | status::SPP | status::SPIE;
        if self.features.double_trap {
            fields |= status::SDT;
        }
        status::write(self, value & fields);
        let csrs = &mut self.csrs;
        csrs.sie = noise() & interrupt::ALL;
        csrs.software_interrupt = noise() & 1 != 0;
        csrs.stvec = noise() & !3;
        csrs.scounteren = noise() & implementation.counter_enables;
        csrs.sscratch = noise();
        csrs.sepc = implementation.address(noise() & !1);
        csrs.scause = noise() & (1 << 63 | 0x1f);
        csrs.stval = implementation.address(noise());
        csrs.timer = noise();
        csrs.fcsr = noise() & 0xff;
        // FIOM, which each hart with the CSR has.
        csrs.senvcfg = noise() & u64::from(implementation.senvcfg);
        csrs.more = more::values(noise);
    }
}
