//! Nothing is installed without consent: judged by an `apt-get` that only writes down its
//! arguments.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::Write;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt, symlink};
use std::process::{Command, Output, Stdio};

use landfall_host::private;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use tempfile::TempDir;

use super::{landfall, texts_of, write};

/// A system without QEMU, with all that set-up runs.
struct System(TempDir);

impl System {
    fn new() -> Self {
        let folder = private::folder("landfall-").expect("a folder");
        let bin = folder.path().join("bin");
        let log = folder.path().join("log");
        for (name, script) in [
            ("apt-get", format!("echo \"$@\" >> '{}'", log.display())),
            ("apt-cache", "echo '  Candidate: 1:10.0.0'".to_owned()),
            ("id", "echo 0".to_owned()),
        ] {
            let path = bin.join(name);
            write(&path, &format!("#!/bin/sh\n{script}\n"));
            fs::set_permissions(&path, Permissions::from_mode(0o755)).expect("our own file");
        }
        symlink("/usr/bin/env", bin.join("env")).expect("a link");
        let mut image = vec![0; 0x80];
        image[0x38..0x3c].copy_from_slice(b"RSC\x05");
        fs::write(folder.path().join("kernel.bin"), image).expect("a file");
        Self(folder)
    }

    /// The first step of this plan is QEMU.
    fn command(&self, options: &[&str]) -> Command {
        let mut command = landfall(self.0.path(), &[&["plan", "./kernel.bin"], options].concat());
        command.env("PATH", self.0.path().join("bin"));
        command
    }

    /// The requested installations, and the runs of apt-get.
    fn installed(&self) -> (bool, bool) {
        let log = fs::read_to_string(self.0.path().join("log")).unwrap_or_default();
        (log.lines().any(|line| line.contains("install -q -y")), !log.is_empty())
    }
}

/// Runs a command whose stdin is a terminal on which `answer` is typed.
fn on_a_terminal(mut command: Command, answer: &str) -> Output {
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
    grantpt(&master).expect("ours");
    unlockpt(&master).expect("ours");
    let name = ptsname(&master, Vec::new()).expect("a name");
    let flags = i32::try_from(rustix::fs::OFlags::NOCTTY.bits()).expect("a flag");
    let mut options = OpenOptions::new();
    options.read(true).write(true).custom_flags(flags);
    let terminal = options.open(name.to_str().expect("a path")).expect("the terminal");
    let mut keyboard = File::from(master);
    keyboard.write_all(answer.as_bytes()).expect("keys");
    command.stdin(terminal).output().expect("it runs")
}

#[test]
fn on_a_terminal_the_user_is_asked_first() {
    for (answer, installs) in [("n\n", false), ("\u{4}", false), ("y\n", true), ("\n", true)] {
        let system = System::new();
        let (code, stdout, stderr) = texts_of(&on_a_terminal(system.command(&[]), answer));
        assert_eq!((code, stdout.as_str()), (Some(2), ""), "{answer:?}: {stderr}");
        assert!(
            stderr.contains("setup: install it by `apt-get install qemu-system-riscv opensbi`? [Y/n]"),
            "{stderr}"
        );
        assert_eq!(system.installed(), (installs, installs), "{answer:?}: {stderr}");
        assert_eq!(stderr.contains("the answer was no"), !installs, "{stderr}");
    }
}

#[test]
fn yes_asks_nothing() {
    let system = System::new();
    let (_, _, stderr) = texts_of(&on_a_terminal(system.command(&["--yes"]), ""));
    assert!(!stderr.contains("[Y/n]"), "{stderr}");
    assert_eq!(system.installed(), (true, true), "{stderr}");
}

#[test]
fn no_install_reports_what_is_missing_and_the_command() {
    for terminal in [false, true] {
        let system = System::new();
        let mut command = system.command(&["--no-install"]);
        let output = if terminal {
            on_a_terminal(command, "y\n")
        } else {
            command.stdin(Stdio::null()).output().expect("it runs")
        };
        let (code, stdout, stderr) = texts_of(&output);
        assert_eq!((code, stdout.as_str()), (Some(2), ""), "{stderr}");
        for words in
            ["qemu-system-riscv64 is missing", "--no-install", "apt-get install qemu-system-riscv opensbi"]
        {
            assert!(stderr.contains(words), "{stderr}");
        }
        assert_eq!(system.installed(), (false, false), "{stderr}");
    }
}

#[test]
fn without_a_terminal_nothing_is_asked() {
    let system = System::new();
    let output = system.command(&[]).stdin(Stdio::null()).output().expect("it runs");
    let (_, _, stderr) = texts_of(&output);
    assert!(!stderr.contains("[Y/n]"), "{stderr}");
    assert_eq!(system.installed(), (true, true), "{stderr}");
}
