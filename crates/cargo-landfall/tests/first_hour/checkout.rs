//! The checkout beside an installed command.

use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Stdio};

use landfall_host::private;

use super::texts_of;

#[test]
fn no_alias_of_the_checkout_shadows_the_installed_command() {
    let folder = private::folder("landfall-").expect("a folder");
    symlink(env!("CARGO_BIN_EXE_cargo-landfall"), folder.path().join("cargo-landfall")).expect("a link");
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = [folder.path().to_owned()].into_iter().chain(std::env::split_paths(&path));
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["landfall", "--version"]).env("PATH", std::env::join_paths(folders).expect("a PATH"));
    cargo.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")).stdin(Stdio::null());
    let (code, stdout, stderr) = texts_of(&cargo.output().expect("it runs"));
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    assert_eq!(stdout.trim_end(), concat!("cargo landfall ", env!("CARGO_PKG_VERSION")));
}
