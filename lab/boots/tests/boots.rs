//! The boots, as ordinary tests: `cargo test -p landfall-boots --test boots -- --list`.

use std::process::ExitCode;

fn main() -> ExitCode {
    landfall_boots::run()
}
