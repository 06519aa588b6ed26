//! QEMU and OpenSBI through apt-get, from the system's own archive or, where that is too old, from
//! its backports.
//!
//! The system's configuration does not change. apt-get gets a temporary directory of sources, with
//! links to the system's own and one file for the backports.

use std::ffi::OsString;
use std::fmt;
use std::io;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::{fs, os::unix::fs::symlink};

use tempfile::TempDir;

use super::emulator::Lack;
use super::sources::{Source, SourceFile};
use super::system::{self, SOURCE_LIST};
use super::version::Version;
use super::{SetupError, consent};
use crate::output;

/// The packages that may hold QEMU for RISC-V: its own, and the one that it was part of before.
const QEMU_PACKAGES: [&str; 2] = ["qemu-system-riscv", "qemu-system-misc"];
const FIRMWARE_PACKAGE: &str = "opensbi";

/// Installs what is missing. Says which command did it.
pub(super) fn install(lack: &Lack, minimum: Version) -> Result<String, SetupError> {
    let impossible =
        |obstacle: String| SetupError::Impossible { missing: lack.to_string(), obstacle, minimum };
    let packages = match lack {
        Lack::Firmware => vec![FIRMWARE_PACKAGE],
        Lack::Qemu { .. } | Lack::Newer { .. } => vec![QEMU_PACKAGES[0], FIRMWARE_PACKAGE],
    };
    consent::obtain(&lack.to_string(), &command(&packages))?;
    let apt = Apt { rights: Rights::find().map_err(&impossible)?, archive: Archive::Release };
    output::note(format_args!("setup: {lack}"));
    output::note("setup: apt-get looks for it in this system's archive");
    apt.update()?;
    let wanted = match lack {
        Lack::Firmware => None,
        Lack::Qemu { .. } | Lack::Newer { .. } => Some(minimum),
    };
    let Some(wanted) = wanted else { return apt.install(&[FIRMWARE_PACKAGE]) };
    if let Some(package) = apt.package_of(wanted) {
        return apt.install(&[package, FIRMWARE_PACKAGE]);
    }

    let codename =
        system::codename().ok_or_else(|| impossible("this system's release has no codename".to_owned()))?;
    output::note(format_args!(
        "setup: the archive of {codename} has no QEMU {wanted} or newer; its backports are used for this package only"
    ));
    let apt = Apt { archive: Archive::backports(&codename).map_err(&impossible)?, ..apt };
    apt.update()?;
    match apt.package_of(wanted) {
        Some(package) => apt.install(&[package, FIRMWARE_PACKAGE]),
        None => Err(impossible(format!("neither {codename} nor its backports have one"))),
    }
}

/// Returns the command by which a user installs `packages`.
fn command(packages: &[&str]) -> String {
    format!("apt-get install {}", packages.join(" "))
}

/// Installs packages of this system's own release, because of what is `missing`. Says which command
/// did it.
pub(super) fn install_packages(missing: &str, packages: &[&str]) -> Result<String, SetupError> {
    consent::obtain(missing, &command(packages))?;
    let rights = Rights::find()
        .map_err(|obstacle| SetupError::Packages { packages: packages.join(", "), obstacle })?;
    let apt = Apt { rights, archive: Archive::Release };
    apt.update()?;
    apt.install(packages)
}

/// Installs the first of these packages that this system's release has, because of what is
/// `missing`, and removes none for it. Says which command did it.
pub(super) fn install_first_of(missing: &str, packages: &[&str]) -> Result<String, SetupError> {
    consent::obtain(missing, &command(packages.get(..1).unwrap_or_default()))?;
    let impossible = |obstacle| SetupError::Packages { packages: packages.join(" or "), obstacle };
    let apt = Apt { rights: Rights::find().map_err(impossible)?, archive: Archive::Release };
    apt.update()?;
    let found = packages.iter().find(|package| apt.can_add(package));
    let none =
        || impossible("this system's archive has no version that fits the installed packages".to_owned());
    apt.install(&[found.ok_or_else(none)?])
}

/// The rights of install commands.
#[derive(Clone, Copy)]
enum Rights {
    Root,
    Sudo,
}

impl Rights {
    /// Root, or a sudo without a password: no user may be there to type one.
    fn find() -> Result<Self, String> {
        if quiet("apt-get", &["--version"]).is_none() {
            return Err("this system has no apt-get".to_owned());
        }
        if quiet("id", &["-u"]).is_some_and(|id| id.trim() == "0") {
            return Ok(Self::Root);
        }
        match quiet("sudo", &["-n", "true"]) {
            Some(_) => Ok(Self::Sudo),
            None => Err("apt-get needs root, and sudo asks for a password".to_owned()),
        }
    }
}

/// The source of packages.
enum Archive {
    /// The system's own sources.
    Release,
    /// The same and the release's backports.
    Backports { suite: String, parts: Parts },
}

/// The directory that apt reads sources from.
enum Parts {
    /// The system's own, which has the backports in it already.
    System,
    /// Ours; it goes when this does.
    Ours(TempDir),
}

impl Archive {
    fn backports(codename: &str) -> Result<Self, String> {
        let files = system::source_files();
        let all = system::sources(&files);
        let suite = format!("{codename}-backports");
        if all.iter().any(|source| source.serves(&suite)) {
            return Ok(Self::Backports { suite, parts: Parts::System });
        }
        let release = system::own_source(&all, codename)?;
        let parts = our_parts(&files, &release.with_suite(&suite))
            .map_err(|error| format!("cannot create a directory of sources for apt-get: {error}"))?;
        Ok(Self::Backports { suite, parts: Parts::Ours(parts) })
    }

    /// Returns the options that make apt see this archive, and prefer it.
    fn options(&self) -> Vec<OsString> {
        let Self::Backports { suite, parts } = self else { return Vec::new() };
        let mut options = vec!["-o".into(), format!("APT::Default-Release={suite}").into()];
        if let Parts::Ours(directory) = parts {
            let mut parts = OsString::from("Dir::Etc::SourceParts=");
            parts.push(directory.path());
            options.extend(["-o".into(), parts]);
        }
        options
    }
}

/// Returns a directory with links to the system's sources and a file with `more`.
fn our_parts(files: &[SourceFile], more: &Source) -> io::Result<TempDir> {
    let directory = crate::private::folder("landfall-apt-")?;
    for file in files.iter().filter(|file| file.path != Path::new(SOURCE_LIST)) {
        if let Some(name) = file.path.file_name() {
            symlink(&file.path, directory.path().join(name))?;
        }
    }
    let name = format!("landfall-backports.{}", more.style().extension());
    fs::write(directory.path().join(name), more.text())?;
    Ok(directory)
}

/// apt-get, as this system lets us use it.
struct Apt {
    rights: Rights,
    archive: Archive,
}

impl Apt {
    fn update(&self) -> Result<(), SetupError> {
        let update = self.get(&["update", "-q"]);
        let status = update.status()?;
        if !status.success() {
            // One source that is gone for good fails the whole update; ours may have been read all
            // the same.
            output::note(format_args!(
                "setup: `{update}` failed ({status}); setup continues with the known packages"
            ));
        }
        Ok(())
    }

    /// Returns the package with a QEMU for RISC-V that is `minimum` or newer, and can be installed
    /// with all that it needs.
    fn package_of(&self, minimum: Version) -> Option<&'static str> {
        let new_enough = |package: &&str| self.candidate(package).is_some_and(|found| found >= minimum);
        QEMU_PACKAGES.into_iter().filter(new_enough).find(|package| self.can_install(package))
    }

    /// Returns true if apt-get finds a solution. A package that only the backports have is a
    /// candidate even if they are not preferred; its dependencies are not.
    fn can_install(&self, package: &str) -> bool {
        self.get(&["install", "--simulate", "--no-install-recommends", package, FIRMWARE_PACKAGE])
            .is_possible()
    }

    /// Returns true if apt-get finds a solution that removes nothing.
    fn can_add(&self, package: &str) -> bool {
        self.get(&["install", "--simulate", "--no-remove", "--no-install-recommends", package]).is_possible()
    }

    /// Returns the version of `package` that would be installed.
    fn candidate(&self, package: &str) -> Option<Version> {
        let mut command = Command::new("apt-cache");
        command
            .args(self.archive.options())
            .args(["policy", package])
            .env("LC_ALL", "C")
            .stdin(Stdio::null());
        candidate_in(&String::from_utf8_lossy(&command.output().ok()?.stdout))
    }

    fn install(&self, packages: &[&str]) -> Result<String, SetupError> {
        let from = match &self.archive {
            Archive::Release => "this system's archive".to_owned(),
            Archive::Backports { suite, .. } => suite.clone(),
        };
        output::note(format_args!("setup: installing {} from {from}", packages.join(" and ")));
        let install = self.get(&[&["install", "-q", "-y", "--no-install-recommends"], packages].concat());
        let status = install.status()?;
        if status.success() {
            Ok(install.to_string())
        } else {
            Err(SetupError::Failed { command: install.to_string(), status })
        }
    }

    fn get(&self, arguments: &[&str]) -> AptGet {
        let mut words: Vec<OsString> = match self.rights {
            Rights::Root => Vec::new(),
            Rights::Sudo => vec!["sudo".into(), "-n".into()],
        };
        // `env`, because sudo lets no variables through.
        words.extend(["env", "LC_ALL=C", "DEBIAN_FRONTEND=noninteractive", "apt-get"].map(OsString::from));
        // Another apt-get may hold the lock for a while: systems update themselves.
        words.extend(["-o", "DPkg::Lock::Timeout=120"].map(OsString::from));
        words.extend(self.archive.options());
        words.extend(arguments.iter().map(OsString::from));
        AptGet(words)
    }
}

/// A command, as words.
struct AptGet(Vec<OsString>);

impl AptGet {
    /// Returns true if it succeeds. Its output is dropped.
    fn is_possible(&self) -> bool {
        let mut command = Command::new(&self.0[0]);
        command.args(&self.0[1..]).stdin(Stdio::null());
        command.output().is_ok_and(|output| output.status.success())
    }

    /// Runs it with its words on stderr: stdout is for results.
    fn status(&self) -> Result<ExitStatus, SetupError> {
        let mut command = Command::new(&self.0[0]);
        command.args(&self.0[1..]).stdin(Stdio::null()).stdout(io::stderr());
        command.status().map_err(|source| SetupError::Start { program: self.to_string(), source })
    }
}

impl fmt::Display for AptGet {
    /// From the program's name on, without what leads up to it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = self.0.iter().skip_while(|word| *word != "apt-get");
        let words: Vec<_> = words.map(|word| word.to_string_lossy()).collect();
        f.write_str(&words.join(" "))
    }
}

fn candidate_in(policy: &str) -> Option<Version> {
    let line = policy.lines().find_map(|line| line.trim().strip_prefix("Candidate:"))?;
    Version::of_package(line.trim())
}

/// Returns the output of a command, if it can be run and succeeds.
fn quiet(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).stdin(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::setup::sources::SourceStyle;

    #[test]
    fn the_candidate_is_what_would_be_installed() {
        let policy =
            "qemu-system-misc:\n  Installed: (none)\n  Candidate: 1:8.2.2+ds-0ubuntu1.4\n  Version table:\n";
        assert_eq!(candidate_in(policy), Some(Version::new(8, 2)));
        assert_eq!(candidate_in("x:\n  Candidate: (none)\n"), None);
        assert_eq!(candidate_in(""), None, "apt-cache says nothing about packages that it does not know");
    }

    #[test]
    fn our_sources_are_the_systems_and_one_more() {
        let mut list =
            crate::setup::sources::parse("deb http://m.example/debian bookworm main", SourceStyle::List);
        let files = [
            SourceFile { path: SOURCE_LIST.into(), style: SourceStyle::List },
            SourceFile { path: "/x/debian.sources".into(), style: SourceStyle::Sources },
        ];
        let more = list.pop().expect("a source").with_suite("bookworm-backports");
        let directory = our_parts(&files, &more).expect("a directory");
        let text = fs::read_to_string(directory.path().join("landfall-backports.list")).expect("our file");
        assert_eq!(text, "deb http://m.example/debian bookworm-backports main\n");
        let link = fs::read_link(directory.path().join("debian.sources")).expect("a link");
        assert_eq!(link, Path::new("/x/debian.sources"));
        assert!(!directory.path().join("sources.list").exists(), "apt reads that one anyway");
    }
}
