//! The user's terminal as the keyboard of a machine.
//!
//! Keys go to the machine as they are pressed, without echo, except Ctrl-C, which ends the machine.
//! The terminal is restored in every case but SIGKILL: at the end of [`Keyboard`], in a panic, and
//! before a signal ends the process ([`restore`]).

use std::io::{self, ErrorKind, IsTerminal, Read, Write};
use std::process::ChildStdin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use rustix::io::ioctl_fionbio;
use rustix::process::getpgrp;
use rustix::termios::{
    InputModes, LocalModes, OptionalActions, OutputModes, SpecialCodeIndex, Termios, tcgetattr, tcgetpgrp,
    tcsetattr,
};

/// Ctrl-C.
const INTERRUPT: u8 = 3;

/// The terminal as it was, while a machine has it.
static BEFORE: Mutex<Option<Termios>> = Mutex::new(None);

/// The keyboard of a machine. The terminal is as before when this is dropped.
#[derive(Debug)]
pub(crate) struct Keyboard {
    interrupted: Arc<AtomicBool>,
}

/// Returns true if a user is at stdin: it is a terminal, and this process may read from it.
pub(crate) fn is_attended() -> bool {
    let stdin = io::stdin();
    // A terminal that does not control this process has no foreground.
    stdin.is_terminal() && tcgetpgrp(&stdin).map_or(true, |foreground| foreground == getpgrp())
}

impl Keyboard {
    /// Gives the terminal to a machine.
    ///
    /// # Errors
    /// Returns the system's error if the terminal cannot be configured.
    pub(crate) fn attach(machine: ChildStdin) -> io::Result<Self> {
        // A machine that does not read must not keep Ctrl-C waiting.
        ioctl_fionbio(&machine, true)?;
        set_raw()?;
        let interrupted = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&interrupted);
        thread::spawn(move || relay(machine, &flag));
        Ok(Self { interrupted })
    }

    /// Returns true if the user has pressed Ctrl-C.
    pub(crate) fn interrupted(&self) -> bool {
        self.interrupted.load(Ordering::Relaxed)
    }
}

impl Drop for Keyboard {
    fn drop(&mut self) {
        drop(restore());
    }
}

/// Puts the terminal back as it was. No machine gets it while the result lives.
pub(crate) fn restore() -> impl Sized {
    let mut before = before();
    if let Some(termios) = before.take() {
        let _ = tcsetattr(io::stdin(), OptionalActions::Drain, &termios);
    }
    before
}

fn before() -> MutexGuard<'static, Option<Termios>> {
    BEFORE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Every key is a byte at once, and none means anything to the system. Output stays as it is, since
/// a kernel ends lines with `\n` alone.
fn set_raw() -> io::Result<()> {
    let mut before = before();
    let was = tcgetattr(io::stdin())?;
    let mut raw = was.clone();
    raw.input_modes -= InputModes::BRKINT
        | InputModes::ICRNL
        | InputModes::IGNBRK
        | InputModes::IGNCR
        | InputModes::INLCR
        | InputModes::ISTRIP
        | InputModes::IXON
        | InputModes::PARMRK;
    raw.output_modes |= OutputModes::OPOST;
    raw.local_modes -=
        LocalModes::ECHO | LocalModes::ECHONL | LocalModes::ICANON | LocalModes::IEXTEN | LocalModes::ISIG;
    raw.special_codes[SpecialCodeIndex::VMIN] = 1;
    raw.special_codes[SpecialCodeIndex::VTIME] = 0;
    tcsetattr(io::stdin(), OptionalActions::Now, &raw)?;
    before.get_or_insert(was);
    Ok(())
}

/// Passes keys on until Ctrl-C, or until the terminal or the machine is gone. Keys that the machine
/// has no room for are lost, as at a serial port.
fn relay(mut machine: ChildStdin, interrupted: &AtomicBool) {
    let mut keys = [0; 256];
    let mut terminal = io::stdin().lock();
    while let Ok(count @ 1..) = terminal.read(&mut keys) {
        let keys = keys.get(..count).unwrap_or_default();
        let upto = keys.iter().position(|key| *key == INTERRUPT);
        let passed = machine.write_all(keys.get(..upto.unwrap_or(count)).unwrap_or_default());
        if upto.is_some() {
            break;
        }
        if passed.is_err_and(|error| error.kind() != ErrorKind::WouldBlock) {
            // The machine has ended, which its watch sees.
            return;
        }
    }
    interrupted.store(true, Ordering::Relaxed);
}
