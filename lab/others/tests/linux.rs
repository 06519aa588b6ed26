//! Debian's Linux under `cargo landfall test`: another kernel, with a header that permits any
//! multiple of 2 MiB.
//!
//! It fetches 120 MB, so a plain `cargo test` passes it over: `cargo test -p landfall-others --test
//! linux -- --include-ignored`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use landfall_host::setup::archive::{table, unpacked};
use serde_json::Value;

/// Without an initrd, Linux comes as far as this.
const UNTIL: &str = "Unable to mount root fs";

#[test]
#[ignore = "needs Debian's archive"]
fn linux_boots_at_random_addresses_and_takes_each_mode() {
    for only in ["mode", "address/1"] {
        for boot in boots(only) {
            let at = boot["address"].as_str().and_then(|at| at.strip_prefix("0x")).expect("an address");
            assert!(u64::from_str_radix(at, 16).expect("hex").is_multiple_of(2 << 20), "{boot}");
            assert!(boot["axis"] != "mode" || boot["mode"] == boot["value"], "{boot}");
            assert_eq!(boot["judged"], serde_json::json!(["rights"]), "{boot}");
            assert!(boot["rights"]["executable"].as_u64().is_some_and(|bytes| bytes != 0), "{boot}");
        }
    }
}

/// The boots whose names contain `only`, all of which must pass.
fn boots(only: &str) -> Vec<Value> {
    let mut command = Command::new(landfall_boots::command::path().expect("the command"));
    command.arg("test").arg(image()).args(["--until", UNTIL, "--append", "console=ttyS0"]);
    command.args(["--timeout", "300", "--only", only, "--format", "json"]);
    let output = command.output().expect("the command runs");
    let stderr = String::from_utf8_lossy(&output.stderr);
    let result: Value =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {stderr}"));
    assert_eq!(output.status.code(), Some(0), "{result:#}");
    result["boots"].as_array().expect("a list").clone()
}

/// The image of Debian's package.
fn image() -> PathBuf {
    let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("debian");
    let folder = unpacked(&table::LINUX, &[], &cache).expect("the package").join("boot");
    let is_image = |path: &PathBuf| path.to_string_lossy().contains("/vmlinux-");
    let mut files = fs::read_dir(folder).expect("Linux's files").map(|entry| entry.expect("a file").path());
    files.find(is_image).expect("Linux's image")
}
