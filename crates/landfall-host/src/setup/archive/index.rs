//! The index of the release: which version, place and hash a package has by now.
//!
//! apt reads it into a temporary folder, with a list of sources that contains only this one. It
//! checks Debian's signature with the keys of the system's own source.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{fs, io};

use super::fetch::{Download, UNSANDBOXED};
use super::{ArchiveError, Package};
use crate::setup::sources::Source;

/// An index that apt has read.
pub(super) struct Index {
    folder: PathBuf,
    architectures: String,
}

impl Index {
    /// Reads the index of `release`, of the architectures of `packages`, from `mirror`, into
    /// `folder`.
    pub(super) fn read(
        mirror: &Source,
        release: &str,
        packages: &[&Package],
        folder: &Path,
    ) -> Result<Self, ArchiveError> {
        let at = |source| ArchiveError::File { path: folder.to_owned(), source };
        for part in ["lists/partial", "cache/archives/partial", "sources"] {
            fs::create_dir_all(folder.join(part)).map_err(at)?;
        }
        // No package is installed, as apt sees it from here.
        fs::write(folder.join("status"), "").map_err(at)?;
        let source = mirror.with_suite(release);
        let list = format!("sources/{release}.{}", source.style().extension());
        fs::write(folder.join(list), source.text()).map_err(at)?;
        let mut architectures: Vec<_> = packages.iter().map(|package| package.architecture).collect();
        architectures.sort_unstable();
        architectures.dedup();
        let index = Self { folder: folder.to_owned(), architectures: architectures.join(",") };
        let mut update = index.command("apt-get");
        // Without that, an index that did not come is a warning to apt, and no failure.
        update.args(["-o", "APT::Update::Error-Mode=any"]);
        // The pool has had more: without a network, that is long enough.
        update.args(["-o", "Acquire::Retries=1"]);
        let status = update.args(["update", "-q"]).stdout(io::stderr()).status();
        let status = status.map_err(|source| ArchiveError::Start { program: "apt-get", source })?;
        if status.success() {
            return Ok(index);
        }
        Err(ArchiveError::Unreached { what: format!("the index of Debian's {release}") })
    }

    /// Returns the entry of the index that replaces `package`.
    pub(super) fn newer(&self, package: &Package, file: PathBuf) -> Result<Download, ArchiveError> {
        let name = match package.follows {
            None => format!("{}:{}", package.name, package.architecture),
            Some(follows) => {
                let of = format!("{follows}:{}", package.architecture);
                let depends = self.ask("apt-cache", &["depends", &of])?;
                dependency(&depends).ok_or_else(|| package.gone())?.to_owned()
            }
        };
        let uris = self.ask("apt-get", &["--print-uris", "download", &name])?;
        let (uri, sha256) = place(&uris).ok_or_else(|| package.gone())?;
        if uri.ends_with(package.path) && sha256 != package.sha256 {
            let Package { name, version, sha256: ours, .. } = *package;
            return Err(ArchiveError::Changed { package: name, version, sha256: ours, found: sha256 });
        }
        Ok(Download { uri, sha256, file })
    }

    fn ask(&self, program: &'static str, question: &[&str]) -> Result<String, ArchiveError> {
        let output = self.command(program).args(question).output();
        let output = output.map_err(|source| ArchiveError::Start { program, source })?;
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Returns a program of apt's that sees this index and nothing else.
    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        let mut set = |option: &str, value: &Path| {
            command.arg("-o").arg(format!("{option}={}", value.display()));
        };
        set("Dir::State", &self.folder);
        set("Dir::State::status", &self.folder.join("status"));
        set("Dir::Cache", &self.folder.join("cache"));
        set("Dir::Etc::SourceList", Path::new("/dev/null"));
        set("Dir::Etc::SourceParts", &self.folder.join("sources"));
        set("Dir::Etc::Preferences", Path::new("/dev/null"));
        set("Dir::Etc::PreferencesParts", Path::new("/dev/null"));
        command.args(["-o", UNSANDBOXED, "-o", "Acquire::Languages=none"]);
        command.arg("-o").arg(format!("APT::Architectures={}", self.architectures));
        command.env("LC_ALL", "C").stdin(Stdio::null());
        command
    }
}

/// Returns the package that the first line `Depends: name` names.
fn dependency(depends: &str) -> Option<&str> {
    let name = depends.lines().find_map(|line| line.trim().strip_prefix("Depends: "))?;
    (!name.starts_with('<')).then_some(name)
}

/// URI and hash in a line such as `'http://m.example/x.deb' x.deb 12 SHA256:0123`.
fn place(uris: &str) -> Option<(String, String)> {
    let line = uris.lines().find(|line| line.starts_with('\''))?;
    let (uri, rest) = line.strip_prefix('\'')?.split_once('\'')?;
    let sha256 = rest.split_whitespace().find_map(|word| word.strip_prefix("SHA256:"))?;
    let is_hash = sha256.len() == 64 && sha256.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hash.then(|| (uri.to_owned(), sha256.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::setup::archive::table::{EDK2, TRIXIE};
    use crate::setup::sources::{self, SourceStyle};

    #[test]
    fn an_index_that_did_not_come_is_not_taken_for_one_without_the_package() {
        let folder = crate::private::folder("landfall-").expect("a directory");
        let nowhere = sources::parse("deb http://127.0.0.1:1/debian trixie main", SourceStyle::List);
        match Index::read(&nowhere[0], TRIXIE, &[&EDK2.packages[0]], &folder.path().join("index")) {
            Err(ArchiveError::Unreached { what }) => assert!(what.contains(TRIXIE), "{what}"),
            // Not every system has apt.
            Err(ArchiveError::Start { program: "apt-get", .. }) => {}
            Err(error) => panic!("{error}"),
            Ok(_) => panic!("an index from nowhere"),
        }
    }

    #[test]
    fn a_package_without_a_hash_is_not_taken() {
        let hash = "a5".repeat(32);
        let line = format!("'http://m.example/p/x%2b1.deb' x+1_all.deb 12 SHA256:{hash}\n");
        assert_eq!(place(&line), Some(("http://m.example/p/x%2b1.deb".to_owned(), hash)));
        for line in ["", "'http://m.example/x.deb' x.deb 12", "'u' x 1 SHA256:a5", "'u' x 1 MD5Sum:00", "'u"]
        {
            assert_eq!(place(line), None, "{line}");
        }
    }

    #[test]
    fn a_package_that_stands_for_the_newest_depends_on_it() {
        let depends = "linux-image-riscv64:riscv64\n  Depends: linux-image-6.1-riscv64:riscv64\n";
        assert_eq!(dependency(depends), Some("linux-image-6.1-riscv64:riscv64"));
        assert_eq!(dependency("x\n  Depends: <virtual>\n"), None);
        assert_eq!(dependency(""), None);
    }
}
