//! Known values of registers along straight code.

use crate::decode::Register;

/// The registers that `auipc` or `lui` have set, with their values.
#[derive(Clone, Copy, Debug)]
pub(in crate::code) struct Constants {
    places: u32,
    numbers: u32,
    values: [u64; 32],
}

/// Registers that a called function leaves as they are (psABI, "Integer Register Convention"): sp,
/// gp, tp, s0 to s11.
const PRESERVED: u32 = 0b0000_1111_1111_1100_0000_0011_0001_1100;

impl Constants {
    /// Nothing is known.
    pub(in crate::code) const NONE: Self = Self { places: 0, numbers: 0, values: [0; 32] };

    pub(in crate::code) const fn is_empty(&self) -> bool {
        self.places | self.numbers == 0
    }

    pub(in crate::code) const fn forget_all(&mut self) {
        self.places = 0;
        self.numbers = 0;
    }

    pub(in crate::code) const fn forget(&mut self, register: Register) {
        self.places &= !(1 << register.number());
        self.numbers &= !(1 << register.number());
    }

    /// Takes over what `other` knows of registers of which nothing is known here.
    pub(in crate::code) fn learn(&mut self, other: &Self) {
        let learnt = !(self.places | self.numbers) & (other.places | other.numbers);
        self.places |= other.places & learnt;
        self.numbers |= other.numbers & learnt;
        let mut left = learnt;
        while left != 0 {
            let register = left.trailing_zeros() as usize;
            self.values[register] = other.values[register];
            left &= left - 1;
        }
    }

    /// A call: the callee may have used what it need not preserve.
    pub(in crate::code) const fn call(&mut self) {
        self.places &= PRESERVED;
        self.numbers &= PRESERVED;
    }

    pub(in crate::code) const fn set_place(&mut self, register: Register, value: u64) {
        self.forget(register);
        if register.number() != 0 {
            self.places |= 1 << register.number();
            self.values[register.number()] = value;
        }
    }

    pub(in crate::code) const fn set_number(&mut self, register: Register, value: u64) {
        self.forget(register);
        if register.number() != 0 {
            self.numbers |= 1 << register.number();
            self.values[register.number()] = value;
        }
    }

    /// An address that moves with the code.
    pub(in crate::code) const fn place(&self, register: Register) -> Option<u64> {
        if self.places >> register.number() & 1 == 0 { None } else { Some(self.values[register.number()]) }
    }

    /// A number that does not.
    pub(in crate::code) const fn number(&self, register: Register) -> Option<u64> {
        if self.numbers >> register.number() & 1 == 0 { None } else { Some(self.values[register.number()]) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_preserves_what_the_psabi_says() {
        let mut constants = Constants::NONE;
        for number in 0..32 {
            constants.set_number(Register::new(number), u64::from(number));
        }
        constants.call();
        let left: Vec<String> = (0..32)
            .map(Register::new)
            .filter(|&register| constants.number(register).is_some())
            .map(|register| register.to_string())
            .collect();
        let preserved =
            ["sp", "gp", "tp", "s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11"];
        assert_eq!(left, preserved);
    }
}
