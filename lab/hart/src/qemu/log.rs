//! The text that QEMU logs with `-d exec,cpu,fpu,nochain`, one translated instruction at a time.
//!
//! ```text
//! Trace 0: 0x7fe8904f9dc0 [00000000/0000000080200000/02424019/ff020201]
//!       hart                        program counter  flags: bits 0 to 2 are the privilege of data
//!  pc       0000000080200000
//!  mstatus  8000000a00006080
//!  x0/zero  0000000000000000 x1/ra    000000008000e5d8 x2/sp    0000000080047ec0 ...
//!  fcsr     0000000000000000
//!  f0/ft0   ffffffff00000000 ...
//! Stopped execution of TB chain before 0x7fe8904f9dc0 [0000000080200000]
//! ```
//!
//! The lines before an instruction hold the state before it. An instruction whose fetch faults has
//! none. The last line takes the instruction back: an interrupt came first.

use std::io::{self, BufRead};

use crate::state::{Csr, Privilege, SSTATUS, State};

/// The states of one hart in a log.
#[derive(Debug)]
pub struct States<R> {
    input: R,
    line: Vec<u8>,
    /// The state whose lines are being read.
    next: Option<Partial>,
}

#[derive(Debug, Default)]
struct Partial {
    state: State,
    /// `mideleg`: the interrupts that supervisor mode has.
    delegated: u64,
    /// `mie`.
    enabled: u64,
}

impl<R: BufRead> States<R> {
    /// Reads states from a log.
    pub const fn new(input: R) -> Self {
        Self { input, line: Vec::new(), next: None }
    }

    /// Returns the next state; `None` at the end of the log.
    fn read(&mut self) -> io::Result<Option<State>> {
        loop {
            self.line.clear();
            if self.input.read_until(b'\n', &mut self.line)? == 0 {
                return Ok(self.next.take().map(Partial::finish));
            }
            match self.line.as_slice() {
                [b' ', line @ ..] => {
                    if let Some(partial) = &mut self.next {
                        partial.add(line);
                    }
                }
                line if line.starts_with(b"Trace ") => {
                    let next = Partial::begin(line);
                    if let Some(done) = std::mem::replace(&mut self.next, next) {
                        return Ok(Some(done.finish()));
                    }
                }
                line if line.starts_with(b"Stopped execution") => self.next = None,
                _ => {}
            }
        }
    }
}

impl<R: BufRead> Iterator for States<R> {
    type Item = io::Result<State>;

    fn next(&mut self) -> Option<Self::Item> {
        self.read().transpose()
    }
}

impl Partial {
    /// Reads the line of a trace. Returns `None` for an instruction of the firmware's mode.
    fn begin(line: &[u8]) -> Option<Self> {
        let mut fields = line.split(|byte| *byte == b'/');
        let flags = hex(fields.nth(2)?)?;
        let privilege = match flags & 7 {
            0 => Privilege::User,
            1 | 2 => Privilege::Supervisor,
            _ => return None,
        };
        Some(Self { state: State { privilege, ..State::default() }, ..Self::default() })
    }

    /// Takes names and values of a line.
    fn add(&mut self, line: &[u8]) {
        let mut words = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
        while let (Some(name), Some(value)) = (words.next(), words.next()) {
            if let Some(value) = hex(value) {
                self.set(name, value);
            }
        }
    }

    fn set(&mut self, name: &[u8], value: u64) {
        let csr = match name {
            b"pc" => {
                self.state.pc = value;
                return;
            }
            b"mie" => {
                self.enabled = value;
                return;
            }
            b"mideleg" => {
                self.delegated = value;
                return;
            }
            [file @ (b'x' | b'f'), rest @ ..] if rest.first().is_some_and(u8::is_ascii_digit) => {
                let registers = if *file == b'x' { &mut self.state.x } else { &mut self.state.f };
                let number = rest.iter().take_while(|byte| byte.is_ascii_digit());
                let number = number.fold(0_usize, |number, digit| number * 10 + usize::from(digit - b'0'));
                if let Some(register) = registers.get_mut(number) {
                    *register = value;
                }
                return;
            }
            b"mstatus" => {
                self.state.set_csr(Csr::Sstatus, value & SSTATUS);
                return;
            }
            b"stvec" => Csr::Stvec,
            b"sscratch" => Csr::Sscratch,
            b"sepc" => Csr::Sepc,
            b"scause" => Csr::Scause,
            b"stval" => Csr::Stval,
            b"satp" => Csr::Satp,
            b"fcsr" => Csr::Fcsr,
            _ => return,
        };
        self.state.set_csr(csr, value);
    }

    fn finish(mut self) -> State {
        self.state.set_csr(Csr::Sie, self.enabled & self.delegated);
        self.state
    }
}

fn hex(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() || digits.len() > 16 {
        return None;
    }
    digits.iter().try_fold(0, |value, digit| {
        let digit = char::from(*digit).to_digit(16)?;
        Some(value << 4 | u64::from(digit))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "Trace 0: 0x7f [00000000/0000000080200000/02424019/ff020201] \n V      =   0\n \
        pc       0000000080200000\n mstatus  8000000a00006080\n mie      0000000000000028\n \
        mideleg  0000000000001666\n stvec    0000000080200000\n x0/zero  0000000000000000 \
        x1/ra    000000008000e5d8\n fcsr     0000000000000001\n f0/ft0   ffffffff00000000 \
        f31/ft11 0000000000000007\n";

    fn read(log: &str) -> Vec<State> {
        States::new(log.as_bytes()).collect::<io::Result<_>>().expect("a log")
    }

    #[test]
    fn registers_and_csrs_are_read() {
        let states = read(ONE);
        let [state] = states.as_slice() else { panic!("{states:?}") };
        assert_eq!((state.pc, state.x[1], state.f[31]), (0x8020_0000, 0x8000_e5d8, 7));
        assert_eq!(state.privilege, Privilege::Supervisor);
        let csrs = [Csr::Sstatus, Csr::Sie, Csr::Stvec, Csr::Fcsr, Csr::Satp].map(|csr| state.csr(csr));
        assert_eq!(csrs, [Some(0x8000_0002_0000_6000), Some(0x20), Some(0x8020_0000), Some(1), None]);
    }

    #[test]
    fn an_instruction_that_an_interrupt_preceded_is_taken_back() {
        let stopped = "Stopped execution of TB chain before 0x7f [0000000080200000] \n";
        assert_eq!(read(&format!("{ONE}{stopped}{ONE}")).len(), 1);
        assert_eq!(read(&format!("{ONE}{ONE}")).len(), 2);
    }

    #[test]
    fn firmware_is_passed_over() {
        assert_eq!(read(&ONE.replace("/02424019/", "/0242401b/")).len(), 0);
        let user = read(&ONE.replace("/02424019/", "/02424018/"));
        assert_eq!(user.first().map(|state| state.privilege), Some(Privilege::User));
    }

    #[test]
    fn a_broken_log_is_read_without_a_panic() {
        for log in ["Trace", "Trace 0: x [//]\n pc\n x99 1\n x 1\n pc zz\n", " x1 0\n", "\n\n"] {
            read(log);
        }
    }
}
