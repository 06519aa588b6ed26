//! Control of the machine: breakpoints, steps, stops.

use std::time::{Duration, Instant};

use super::client::{Groups, PATIENCE};
use super::error::{is_gone, wrong};
use super::hart::parse_stop;
use super::{Client, GdbError, Space, Stop};
use landfall_predict::units::Address;

/// The number of attempts of a step.
const STEPS: usize = 8;

/// The end of a stretch of execution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// It has stopped.
    Stopped(Stop),
    /// It is gone: QEMU has ended.
    Exited,
    /// It runs on: the time was over first. [`Client::interrupt`] stops it.
    Late,
}

impl Client {
    /// Stops each hart that is about to run the instruction at `at`. The machine's memory is left
    /// alone, and the address is what the hart's pc holds: physical while paging is off.
    ///
    /// # Errors
    /// [`GdbError`] where QEMU does not take it.
    pub fn set_breakpoint(&mut self, at: Address) -> Result<(), GdbError> {
        self.ask_for_ok(&format!("Z1,{:x},2", at.0))?;
        self.breakpoints.insert(at);
        Ok(())
    }

    /// Takes a breakpoint away again.
    ///
    /// # Errors
    /// [`GdbError`] where there was none.
    pub fn remove_breakpoint(&mut self, at: Address) -> Result<(), GdbError> {
        self.ask_for_ok(&format!("z1,{:x},2", at.0))?;
        self.breakpoints.remove(&at);
        Ok(())
    }

    /// Lets the machine run until something stops it, at most for `patience`.
    ///
    /// A hart that stands on a breakpoint goes one step first, without it: QEMU would stop at once.
    ///
    /// # Errors
    /// [`GdbError`] where the connection breaks.
    pub fn resume(&mut self, patience: Duration) -> Result<Ended, GdbError> {
        or_exited(self.go_on(patience))
    }

    fn go_on(&mut self, patience: Duration) -> Result<Ended, GdbError> {
        let (here, hart) = (Address(self.register("pc")?), self.selected);
        for _ in 0..STEPS {
            if !self.breakpoints.contains(&here) {
                break;
            }
            self.remove_breakpoint(here)?;
            let stepped = self.step();
            self.set_breakpoint(here)?;
            let stop = match stepped? {
                Ended::Stopped(stop) => stop,
                ended => return Ok(ended),
            };
            let now = Address(self.register("pc")?);
            // Another hart that was about to stop can keep this one from its step.
            if (now, self.selected) == (here, hart) {
                continue;
            }
            // Another breakpoint right behind this one: the step has arrived there.
            if self.breakpoints.contains(&now) {
                return Ok(Ended::Stopped(stop));
            }
            break;
        }
        self.connection.send("vCont;c")?;
        self.wait(patience)
    }

    /// Lets the machine run on, and leaves it alone from now on.
    ///
    /// # Errors
    /// [`GdbError`] where the connection breaks.
    pub fn release(mut self) -> Result<(), GdbError> {
        self.select_space(Space::Virtual)?;
        match self.groups {
            // QEMU requires the process if an earlier debugger has agreed on several.
            Groups::First => self.ask_for_ok("D;1"),
            // Detaching one group leaves the others stopped. A machine that runs when the
            // connection ends continues.
            Groups::Several => Ok(self.connection.send("vCont;c")?),
        }
    }

    /// Leaves the machine as it stands, to the debugger that comes next.
    ///
    /// # Errors
    /// [`GdbError`] where the connection breaks.
    pub fn leave(mut self) -> Result<(), GdbError> {
        // QEMU remembers which addresses its last debugger read memory by.
        self.select_space(Space::Virtual)
    }

    /// Lets the selected hart run one instruction; the others stand still.
    ///
    /// # Errors
    /// [`GdbError`] where the connection breaks.
    pub fn step(&mut self) -> Result<Ended, GdbError> {
        // Without a thread's number every hart would step.
        self.connection.send(&format!("vCont;s:{:x}", self.selected.0))?;
        self.wait(PATIENCE)
    }

    /// Stops a machine that runs.
    ///
    /// # Errors
    /// [`GdbError`] where the connection breaks.
    pub fn interrupt(&mut self) -> Result<Ended, GdbError> {
        self.connection.interrupt()?;
        self.wait(PATIENCE)
    }

    /// Waits for a machine that runs to stop.
    ///
    /// # Errors
    /// [`GdbError`] where the connection breaks.
    pub fn wait(&mut self, patience: Duration) -> Result<Ended, GdbError> {
        match self.connection.receive(Instant::now() + patience) {
            Ok(Some(answer)) if answer.starts_with('W') || answer.starts_with('X') => Ok(Ended::Exited),
            Ok(Some(answer)) => {
                let stop = parse_stop(&answer).ok_or_else(|| wrong("wait", &answer))?;
                or_exited(self.select(stop.hart).map(|()| Ended::Stopped(stop)))
            }
            Ok(None) => Ok(Ended::Late),
            Err(error) => or_exited(Err(error.into())),
        }
    }
}

/// Returns the end of QEMU for a request that found it gone: it may end right after a stop.
fn or_exited(ended: Result<Ended, GdbError>) -> Result<Ended, GdbError> {
    match ended {
        Err(GdbError::Connection(error)) if is_gone(&error) => Ok(Ended::Exited),
        ended => ended,
    }
}
