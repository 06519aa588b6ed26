//! Programs of random instructions, one class each, for supervisor mode.
//!
//! A program is a flat image that firmware enters like Linux. Its trap handler skips the
//! instruction that trapped, after it has read each CSR of traps. The last instruction is a call
//! for shutdown.

pub mod assembler;
pub mod encode;
mod frame;
mod interrupts;
mod jumps;
mod memory;
mod paging;
mod privileged;
mod straight;
pub mod table;

use landfall_host::random::Random;

use self::assembler::Assembler;
use self::frame::{Frame, Handler};
use self::table::Class;

/// A class of programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// RV64I without W forms.
    Integer,
    /// W forms.
    Word,
    /// M.
    Multiply,
    /// F.
    Single,
    /// D.
    Double,
    /// C's computations.
    Compressed,
    /// Reserved encodings.
    Reserved,
    /// Loads and stores, of all sizes.
    Memory,
    /// AMO, LR, SC.
    Atomic,
    /// Branches and jumps.
    Jumps,
    /// CSRs.
    Csrs,
    /// Software interrupts.
    Interrupts,
    /// Pages in sv39.
    Sv39,
    /// Pages in sv48.
    Sv48,
    /// Pages in sv57.
    Sv57,
}

impl Kind {
    /// All of them, with names.
    pub const ALL: [(&'static str, Self); 15] = [
        ("integer", Self::Integer),
        ("word", Self::Word),
        ("multiply", Self::Multiply),
        ("single", Self::Single),
        ("double", Self::Double),
        ("compressed", Self::Compressed),
        ("reserved", Self::Reserved),
        ("memory", Self::Memory),
        ("atomic", Self::Atomic),
        ("jumps", Self::Jumps),
        ("csrs", Self::Csrs),
        ("interrupts", Self::Interrupts),
        ("pages-sv39", Self::Sv39),
        ("pages-sv48", Self::Sv48),
        ("pages-sv57", Self::Sv57),
    ];

    /// Returns the image of a program with about `count` instructions.
    #[must_use]
    pub fn program(self, seed: u64, count: usize) -> Vec<u8> {
        let mut code = Assembler::new();
        let mut random = Random::new(seed);
        if let Some(mode) = self.mode() {
            return paging::program(code, random, mode, count);
        }
        let frame = match self {
            Self::Interrupts => Frame::begin_with(&mut code, interrupts::handler),
            _ => Frame::begin(&mut code, Handler::Skip),
        };
        match self {
            Self::Integer => straight::add(&mut code, &mut random, &[Class::Integer], count),
            Self::Word => straight::add(&mut code, &mut random, &[Class::Word], count),
            Self::Multiply => straight::add(&mut code, &mut random, &[Class::Multiply], count),
            Self::Single => straight::add(&mut code, &mut random, &[Class::Single], count),
            Self::Double => straight::add(&mut code, &mut random, &[Class::Double, Class::Single], count),
            Self::Compressed => straight::add(&mut code, &mut random, &[Class::Compressed], count),
            Self::Reserved => straight::add_reserved(&mut code, &mut random, count),
            Self::Memory => memory::add(&mut code, &mut random, &frame, count),
            Self::Atomic => memory::add_atomics(&mut code, &mut random, &frame, count),
            Self::Jumps => jumps::add(&mut code, &mut random, count),
            Self::Csrs => privileged::add(&mut code, &mut random, count),
            Self::Interrupts => interrupts::add(&mut code, &mut random, count),
            Self::Sv39 | Self::Sv48 | Self::Sv57 => {}
        }
        frame.end(&mut code);
        code.finish()
    }
}

impl Kind {
    /// Returns the mode of a program with pages.
    const fn mode(self) -> Option<paging::Mode> {
        match self {
            Self::Sv39 => Some(paging::Mode::Sv39),
            Self::Sv48 => Some(paging::Mode::Sv48),
            Self::Sv57 => Some(paging::Mode::Sv57),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_depends_on_its_seed_alone() {
        for (name, kind) in Kind::ALL {
            assert_eq!(kind.program(1, 300), kind.program(1, 300), "{name}");
            assert_ne!(kind.program(1, 300), kind.program(2, 300), "{name}");
        }
    }
}
