//! A user at a terminal.

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Write};
use std::process::{Child, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, tcgetattr};

use super::command;

const PATIENCE: Duration = Duration::from_secs(120);

/// `run console` at a terminal.
struct User {
    run: Child,
    keys: File,
    /// The terminal's other end, as the command sees it.
    terminal: File,
    screen: Receiver<Vec<u8>>,
    seen: String,
}

impl User {
    fn runs(words: &str) -> Self {
        let main = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
        grantpt(&main).and_then(|()| unlockpt(&main)).expect("a terminal");
        let name = ptsname(&main, Vec::new()).expect("a name").into_string().expect("UTF-8");
        let terminal = OpenOptions::new().read(true).write(true).open(name).expect("the other end");
        let same = || Stdio::from(terminal.try_clone().expect("the same terminal"));
        let mut run = command("run");
        run.args(["console", "--append", words]).stdin(same()).stdout(same()).stderr(same());
        let run = run.spawn().expect("the command runs");
        let keys = File::from(main);
        let mut output = keys.try_clone().expect("the same terminal");
        let (sender, screen) = mpsc::channel();
        thread::spawn(move || {
            let mut buffer = [0; 1024];
            while let Ok(size @ 1..) = output.read(&mut buffer) {
                if sender.send(buffer[..size].to_vec()).is_err() {
                    break;
                }
            }
        });
        Self { run, keys, terminal, screen, seen: String::new() }
    }

    /// Waits for a text on the screen, and forgets what came before it.
    fn sees(&mut self, text: &str) {
        let until = Instant::now() + PATIENCE;
        loop {
            if let Some((_, rest)) = self.seen.split_once(text) {
                self.seen = rest.to_owned();
                return;
            }
            let left = until.saturating_duration_since(Instant::now());
            let bytes = self.screen.recv_timeout(left);
            let bytes = bytes.unwrap_or_else(|_| panic!("no \"{text}\" in {:?}", self.seen));
            // Firmware and terminal both put a carriage return before a line feed.
            self.seen.push_str(&String::from_utf8_lossy(&bytes).replace('\r', ""));
        }
    }

    fn types(&mut self, keys: &[u8]) {
        self.keys.write_all(keys).expect("keys");
    }

    /// Waits for the command's end. The terminal must echo again, and no QEMU of it be left.
    fn ends_with(mut self, status: i32, patience: Duration) {
        let machine = machine_of(self.run.id());
        let until = Instant::now() + patience;
        let ended = loop {
            match self.run.try_wait().expect("a status") {
                Some(ended) => break ended,
                None if Instant::now() > until => panic!("it still runs: {:?}", self.seen),
                None => thread::sleep(Duration::from_millis(5)),
            }
        };
        assert_eq!(ended.code(), Some(status), "{:?}", self.seen);
        let modes = tcgetattr(&self.terminal).expect("the terminal's modes").local_modes;
        assert!(modes.contains(LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG), "{modes:?}");
        let gone = || machine.is_none_or(|machine| !fs::exists(format!("/proc/{machine}")).unwrap_or(true));
        while !gone() && Instant::now() < until {
            thread::sleep(Duration::from_millis(5));
        }
        assert!(gone(), "QEMU is left");
    }
}

impl Drop for User {
    fn drop(&mut self) {
        let _ = self.run.kill();
        let _ = self.run.wait();
    }
}

/// The QEMU that `parent` has started.
fn machine_of(parent: u32) -> Option<u32> {
    let processes = fs::read_dir("/proc").expect("processes").filter_map(Result::ok);
    processes.filter_map(|process| process.file_name().to_str()?.parse().ok()).find(|process: &u32| {
        let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
        // After the name in parentheses: state, parent (proc(5)).
        let fields = stat.rsplit_once(')').map(|(_, fields)| fields.split_whitespace());
        fields.and_then(|mut fields| fields.nth(1)?.parse().ok()) == Some(parent)
    })
}

#[test]
#[ignore = "needs QEMU, and builds a kernel"]
fn a_user_types_to_a_shell_that_ends_itself() {
    let mut user = User::runs("shell");
    user.sees("Ctrl-C ends the machine");
    // The prompt has no end of a line.
    user.sees("> ");
    user.types(b"hi\r");
    user.sees("hi\nyou said \"hi\"\n> ");
    // Keys that mean something to a terminal mean nothing here.
    user.types(b"\x1a\x1c\x04\r");
    user.sees("you said \"\\u{1a}\\u{1c}\\u{4}\"\n> ");
    user.types(b"exit 0\r");
    user.ends_with(0, PATIENCE);
}

#[test]
#[ignore = "needs QEMU, and builds a kernel"]
fn a_panic_and_an_exit_with_a_code_are_failures_at_a_terminal_too() {
    let mut user = User::runs("shell");
    user.sees("> ");
    user.types(b"panic\r");
    user.sees("landfall: panic as told");
    user.sees("error: the kernel panicked: as told");
    user.ends_with(1, PATIENCE);
    let mut user = User::runs("shell");
    user.sees("> ");
    user.types(b"exit 7\r");
    user.sees("error: the kernel ended with exit code 7");
    user.ends_with(1, PATIENCE);
}

#[test]
#[ignore = "needs QEMU, and builds a kernel"]
fn ctrl_c_ends_the_machine_within_a_second() {
    let mut user = User::runs("shell");
    user.sees("> ");
    user.types(b"\x03");
    user.ends_with(130, Duration::from_secs(1));
}

#[test]
#[ignore = "needs QEMU, and builds a kernel"]
fn a_signal_gives_the_terminal_back() {
    let mut user = User::runs("shell");
    user.sees("> ");
    let modes = tcgetattr(&user.terminal).expect("the terminal's modes").local_modes;
    assert!(!modes.intersects(LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG), "{modes:?}");
    kill_process(Pid::from_child(&user.run), Signal::TERM).expect("a signal");
    user.ends_with(143, Duration::from_secs(5));
}
