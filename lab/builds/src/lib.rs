//! A kernel that other build systems than Cargo link: its library, linkers, and boots.
//!
//! ```text
//! library    static libraries, as Cargo builds them
//! c          kernels in C, as their Makefiles build them
//! new        a new kernel in C, as its author uses it
//! linker     linkers of this system and of Debian
//! boot       a boot of the result, and what the console must say
//! ```

mod boot;
mod c;
mod library;
mod linker;
mod new;

pub use boot::{boot, refuse};
pub use c::{Compiler, c_kernel, c_module, fixed_kernel};
pub use library::{checkout, library, sources};
pub use linker::Tool;
pub use new::{NewKernel, files};

use std::path::Path;
use std::process::Command;

/// Runs a command, and returns what it prints on stdout.
///
/// # Errors
/// Returns what it prints on stderr, if it fails.
pub fn run(command: &mut Command) -> Result<String, String> {
    let output = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if output.status.success() {
        return Ok(text(&output.stdout));
    }
    Err(format!("{command:?}: {}\n{}", output.status, text(&output.stderr)))
}

/// Returns the command `cargo-landfall` with these arguments.
///
/// # Errors
/// Returns the reason why the command does not build.
pub fn landfall(arguments: &[&str], folder: &Path) -> Result<Command, String> {
    let mut command = Command::new(path()?);
    command.args(arguments).current_dir(folder);
    Ok(command)
}

/// Returns the absolute path of the command.
///
/// # Errors
/// Returns the reason why the command does not build.
pub fn path() -> Result<std::path::PathBuf, String> {
    std::env::set_current_dir(checkout()).map_err(|error| error.to_string())?;
    std::path::absolute(landfall_boots::command::path()?).map_err(|error| error.to_string())
}
