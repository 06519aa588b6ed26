//! Packages of another release come as the table says, or as the release's signed index says, or
//! not at all.
//!
//! They need a Debian system and its mirror, so a plain `cargo test` passes them over: `cargo test
//! -p landfall-others --test archive -- --ignored`. Root is not needed.

use landfall_host::setup::archive::table::OPENSBI;
use landfall_host::setup::archive::{ArchiveError, Package, Set, newer, unpacked};

/// Returns the result of fetching a set with this one package, in a folder of its own. It is the
/// firmware with its version, or the error.
fn fetch(package: Package) -> Result<(bool, Option<String>), ArchiveError> {
    let cache = landfall_host::private::folder("landfall-").expect("a directory");
    let packages = Box::leak(Box::new([package]));
    let folder = unpacked(&Set { name: "x", packages, ..OPENSBI }, &[], cache.path())?;
    let firmware = folder.join("usr/lib/riscv64-linux-gnu/opensbi/generic/fw_dynamic.elf");
    Ok((firmware.is_file(), newer(&folder)))
}

/// A small package that is the same for every kind of computer.
const SMALL: Package = OPENSBI.packages[0];

#[test]
#[ignore = "needs Debian's archive"]
fn a_package_comes_from_the_pool() {
    assert_eq!(fetch(SMALL).expect("the package"), (true, None));
}

#[test]
#[ignore = "needs Debian's archive"]
fn what_has_left_the_pool_comes_by_the_hash_of_the_index() {
    let old = Package { version: "0.1-1", path: "pool/main/o/opensbi/opensbi_0.1-1_all.deb", ..SMALL };
    let (came, newer) = fetch(old).expect("the package");
    let newer = newer.expect("what came in its place");
    assert!(came && newer.starts_with("opensbi is ") && newer.contains(SMALL.sha256), "{newer}");
}

#[test]
#[ignore = "needs Debian's archive"]
fn a_file_with_another_hash_is_not_taken() {
    let error = fetch(Package { sha256: SMALL.sha256.replace('4', "5").leak(), ..SMALL });
    let Err(error @ ArchiveError::Changed { .. }) = error else { panic!("{error:?}") };
    assert!(error.to_string().contains(SMALL.sha256), "{error}");
}

#[test]
#[ignore = "needs Debian's archive"]
fn a_package_that_is_nowhere_is_named() {
    let nowhere = Package { name: "landfall-nowhere", path: "pool/nowhere.deb", ..SMALL };
    let Err(error @ ArchiveError::Gone { .. }) = fetch(nowhere) else { panic!("it came") };
    let text = error.to_string();
    assert!(
        text.contains("landfall-nowhere") && text.contains(SMALL.sha256) && text.contains("table.rs"),
        "{text}"
    );
}
