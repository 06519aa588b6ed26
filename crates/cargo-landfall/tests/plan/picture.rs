//! The picture of the README and the book is the one that the command draws.

use std::fs;
use std::path::Path;
use std::process::Command;

const REDRAW: &str = "cargo landfall plan --facts docs/images/address-space.json --format svg-small > docs/images/address-space.svg";

#[test]
fn the_picture_of_the_documents_is_what_plan_draws() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let arguments = "plan --facts docs/images/address-space.json --format svg-small";
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-landfall"));
    let output = command.args(arguments.split(' ')).current_dir(&root).output().expect("the command runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let committed = fs::read(root.join("docs/images/address-space.svg")).expect("the picture");
    assert!(output.stdout == committed, "the picture is out of date; run `{REDRAW}`");
}
