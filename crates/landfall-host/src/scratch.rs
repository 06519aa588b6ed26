//! Folders of this process: each goes with its value, and all of them where a signal ends the
//! process.
//!
//! Of a process that is ended by SIGINT, SIGTERM or SIGHUP no value is dropped, and a folder may
//! hold 31 MB of firmware.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, Once, PoisonError, RwLock, RwLockReadGuard};
use std::thread;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::flag;
use signal_hook::iterator::Signals;

use crate::private;

/// Work that a signal waits for.
static WORK: RwLock<()> = RwLock::new(());

/// Until the result is dropped, a signal that ends this process waits: a machine that was stopped
/// must go on first.
pub(crate) fn unbroken() -> RwLockReadGuard<'static, ()> {
    WATCH.call_once(watch);
    WORK.read().unwrap_or_else(PoisonError::into_inner)
}

static WATCH: Once = Once::new();

/// The signal that came last; 0 without one.
static SIGNAL: LazyLock<Arc<AtomicUsize>> = LazyLock::new(Arc::default);

/// Returns the exit status of a process that a signal ends, if one came. The thread that ends the
/// process by it may be slower than the process's own end.
#[must_use]
pub fn interrupted() -> Option<u8> {
    let signal = SIGNAL.load(Ordering::SeqCst);
    u8::try_from(signal).ok().filter(|signal| *signal != 0).and_then(|signal| signal.checked_add(128))
}

/// All that there are.
static FOLDERS: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// A folder of this process.
#[derive(Debug)]
pub struct Scratch(PathBuf);

impl Scratch {
    /// Returns a new one in the temporary directory.
    ///
    /// # Errors
    /// The system's error.
    pub fn create() -> io::Result<Self> {
        Self::made_by(|| Ok(private::folder("landfall-")?.keep()))
    }

    /// Returns the one that `make` makes. No signal ends the process between its making and its
    /// being known.
    ///
    /// # Errors
    /// As `make`.
    pub fn made_by(make: impl FnOnce() -> io::Result<PathBuf>) -> io::Result<Self> {
        WATCH.call_once(watch);
        let mut folders = folders();
        let path = make()?;
        folders.push(path.clone());
        Ok(Self(path))
    }

    /// Returns the path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
        folders().retain(|path| *path != self.0);
    }
}

fn folders() -> MutexGuard<'static, Vec<PathBuf>> {
    FOLDERS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// From here on, a signal that ends this process removes its folders first. If that is impossible,
/// they stay, as after SIGKILL.
fn watch() {
    // Ignored signals stay ignored. SIGHUP under nohup, and the Ctrl-C of a debugger for a shell's
    // background jobs, must not end this process.
    let ignored = ignored(&status());
    let ends = [SIGINT, SIGTERM, SIGHUP].into_iter().filter(|signal| ignored & bit(*signal) == 0);
    let Ok(mut signals) = Signals::new(ends.clone()) else { return };
    for signal in ends {
        // Without it the end of the process may be faster than its signal.
        let _ = flag::register_usize(signal, Arc::clone(&SIGNAL), usize::try_from(signal).unwrap_or(0));
    }
    thread::spawn(move || {
        let Some(signal) = signals.forever().next() else { return };
        let _work = WORK.write().unwrap_or_else(PoisonError::into_inner);
        // Held to the end, so that no machine gets the terminal again, and no other folder comes.
        let _terminal = crate::terminal::restore();
        let folders = folders();
        for path in folders.iter() {
            // A file that is made meanwhile makes the first attempt fail.
            let _ = std::fs::remove_dir_all(path).or_else(|_| std::fs::remove_dir_all(path));
        }
        // As shells report it.
        std::process::exit(128 + signal);
    });
}

/// Returns Linux's description of this process; elsewhere nothing.
fn status() -> String {
    std::fs::read_to_string("/proc/self/status").unwrap_or_default()
}

fn bit(signal: i32) -> u64 {
    1 << (signal - 1)
}

/// Returns the signals that a process ignores, one bit each, from what Linux says of it: `SigIgn`,
/// proc(5).
fn ignored(status: &str) -> u64 {
    let bits = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    bits.and_then(|bits| u64::from_str_radix(bits.trim(), 16).ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader, Lines};
    use std::process::{Child, ChildStdout, Command, Stdio};
    use std::time::Duration;

    use rustix::process::{Pid, Signal, kill_process};

    use super::*;

    /// The variable by which the test below recognizes its own process.
    const STAY: &str = "LANDFALL_TEST_STAY";

    /// Starts a test of this module as a process of its own, and returns it with its output.
    fn start(test: &str) -> (Child, Lines<BufReader<ChildStdout>>) {
        let mut process = Command::new(std::env::current_exe().expect("the tests"));
        process.args(["--exact", &format!("scratch::tests::{test}"), "--nocapture"]).env(STAY, "1");
        let mut process = process.stdout(Stdio::piped()).spawn().expect("a process");
        let output = process.stdout.take().expect("its output");
        (process, BufReader::new(output).lines())
    }

    #[test]
    fn a_process_that_stays() {
        if std::env::var_os(STAY).is_some() {
            let folder = Scratch::create().expect("a folder");
            std::fs::write(folder.path().join("file"), "file").expect("a file");
            println!("\nfolder: {}", folder.path().display());
            thread::sleep(Duration::from_secs(60));
        }
    }

    #[test]
    fn folders_go_with_a_process_that_a_signal_ends() {
        for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143), (Signal::HUP, 129)] {
            // The other process inherits it.
            if ignored(&status()) & bit(signal.as_raw()) != 0 {
                continue;
            }
            let (mut process, mut lines) = start("a_process_that_stays");
            let folder = lines.find_map(|line| line.ok()?.strip_prefix("folder: ").map(PathBuf::from));
            let folder = folder.expect("its folder");
            assert!(folder.join("file").exists());
            let id = Pid::from_child(&process);
            kill_process(id, signal).expect("a signal");
            assert_eq!(process.wait().expect("an end").code(), Some(code));
            assert!(!folder.exists(), "{}", folder.display());
        }
    }

    #[test]
    fn a_process_that_works() {
        if std::env::var_os(STAY).is_some() {
            let work = unbroken();
            println!("\nworks");
            thread::sleep(Duration::from_millis(300));
            println!("\ndone");
            drop(work);
            thread::sleep(Duration::from_secs(60));
        }
    }

    #[test]
    fn a_signal_waits_for_work_that_must_not_break() {
        if ignored(&status()) & bit(SIGTERM) != 0 {
            return;
        }
        let (mut process, mut lines) = start("a_process_that_works");
        let mut has = |line: &str| lines.by_ref().any(|own| own.is_ok_and(|own| own == line));
        assert!(has("works"));
        kill_process(Pid::from_child(&process), Signal::TERM).expect("a signal");
        assert!(has("done"));
        assert_eq!(process.wait().expect("an end").code(), Some(143));
    }

    #[test]
    fn a_process_that_ends() {
        if std::env::var_os(STAY).is_some() {
            let work = unbroken();
            println!("\nworks");
            thread::sleep(Duration::from_millis(300));
            drop(work);
            std::process::exit(i32::from(interrupted().unwrap_or(0)));
        }
    }

    #[test]
    fn a_signal_just_before_the_end_is_the_exit_status() {
        if ignored(&status()) & bit(SIGTERM) != 0 {
            return;
        }
        let (mut process, mut lines) = start("a_process_that_ends");
        assert!(lines.any(|line| line.is_ok_and(|line| line == "works")));
        kill_process(Pid::from_child(&process), Signal::TERM).expect("a signal");
        assert_eq!(process.wait().expect("an end").code(), Some(143));
    }

    #[test]
    fn a_folder_goes_with_its_value() {
        let folder = Scratch::create().expect("a folder");
        let path = folder.path().to_owned();
        assert!(path.is_dir() && folders().contains(&path));
        drop(folder);
        assert!(!path.exists() && !folders().contains(&path));
    }

    #[test]
    fn what_a_process_ignores_is_read() {
        assert_eq!(ignored("Name:\tx\nSigIgn:\t0000000000000003\n"), bit(SIGHUP) | bit(SIGINT));
        assert_eq!(ignored(""), 0);
    }
}
