//! The same command under a name of its own, for those who have no Cargo: `landfall plan KERNEL.elf --dtb BOARD.dtb`.

use std::process::ExitCode;

fn main() -> ExitCode {
    cargo_landfall::cli::main(std::env::args_os())
}
