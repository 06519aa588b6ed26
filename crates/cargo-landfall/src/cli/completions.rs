//! `completions`: a script by which a shell completes the command.
//!
//! The script completes the program by the name under which it was called: `cargo-landfall`, or
//! `landfall` if a link has that name. Shells complete `cargo landfall` by Cargo's script, which
//! knows Cargo's own commands. zsh's calls the function of a subcommand that it finds. For bash and
//! fish the script has a bridge.

use clap::{Args, Command};
use clap_complete::{Shell, generate};

use super::program::Program;

/// Ways to install a script.
pub(super) const HELP: &str = "\
Examples:
  source <(cargo landfall completions bash)
  cargo landfall completions zsh > ~/.zfunc/_cargo-landfall
  cargo landfall completions fish > ~/.config/fish/conf.d/cargo-landfall.fish

`cargo-landfall VERB` completes in every shell. `cargo landfall VERB` completes in bash and fish after \
the script was sourced, and in zsh if Cargo's own completions are installed. It does not complete in \
elvish and PowerShell.";

/// `cargo-landfall` and `cargo landfall` in bash.
const BASH_BRIDGE: &str = include_str!("completions/bridge.bash");

/// `cargo landfall` in fish.
const FISH_BRIDGE: &str = include_str!("completions/bridge.fish");

#[derive(Debug, Args)]
pub(super) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

impl CompletionsArgs {
    /// Returns the script for `command`, called as `program`.
    pub(super) fn script(&self, command: Command, program: Program) -> String {
        let (name, bridge) = match (self.shell, program) {
            // Scripts for bash whose name has a hyphen lose all flags. The bridge adds the name.
            (Shell::Bash, _) => (Program::Landfall.file_name(), BASH_BRIDGE),
            (Shell::Fish, Program::CargoLandfall) => (program.file_name(), FISH_BRIDGE),
            _ => (program.file_name(), ""),
        };
        let mut script = Vec::new();
        generate(self.shell, &mut command.name(name).bin_name(name), name, &mut script);
        String::from_utf8_lossy(&script).into_owned() + bridge
    }
}
