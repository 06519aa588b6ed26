//! The options by which a user selects a kernel, as in Cargo.

use std::path::PathBuf;

use clap::Args;

use super::install_args::InstallArgs;
use landfall_host::check::settings::Allow;
use landfall_host::kernel::{Artifact, BuildOptions, Selection};

#[derive(Clone, Debug, Args)]
pub(super) struct KernelArgs {
    /// A package of the workspace, or the path of an ELF or flat image [default: the kernel of the
    /// current directory]
    kernel: Option<String>,

    /// A package of the workspace
    #[arg(short, long, value_name = "SPEC", conflicts_with = "kernel", help_heading = SELECTION)]
    package: Option<String>,

    /// The Cargo.toml of the package or workspace
    #[arg(long, value_name = "PATH", help_heading = SELECTION)]
    manifest_path: Option<PathBuf>,

    /// The binary of the package
    #[arg(long, value_name = "NAME", conflicts_with = "example", help_heading = SELECTION)]
    bin: Option<String>,

    /// An example of the package
    #[arg(long, value_name = "NAME", help_heading = SELECTION)]
    example: Option<String>,

    /// Features of the package
    #[arg(short = 'F', long, value_name = "FEATURES", help_heading = SELECTION)]
    features: Vec<String>,

    /// Accept findings of this code of `check`, for this reason; repeatable. The project's
    /// landfall.toml keeps such choices
    #[arg(long, value_name = "CODE[=REASON]")]
    allow: Vec<Allow>,

    #[command(flatten)]
    pub(super) install: InstallArgs,
}

/// A selection with a profile. `check` has another option of that name.
#[derive(Clone, Debug, Args)]
pub(super) struct ProfiledArgs {
    #[command(flatten)]
    pub(super) kernel: KernelArgs,

    /// Build with Cargo's profile `release`, which is the default
    #[arg(short, long, conflicts_with = "profile", help_heading = SELECTION)]
    release: bool,

    /// Build with this profile
    #[arg(long, value_name = "NAME", help_heading = SELECTION)]
    profile: Option<String>,
}

/// The heading of the options in `--help`.
const SELECTION: &str = "Package Selection";

impl From<KernelArgs> for Selection {
    fn from(arguments: KernelArgs) -> Self {
        let bin = arguments.bin.map(Artifact::Bin);
        Self {
            name: arguments.kernel,
            package: arguments.package,
            manifest_path: arguments.manifest_path,
            artifact: bin.or(arguments.example.map(Artifact::Example)),
            options: BuildOptions { profile: None, features: arguments.features },
            allow: arguments.allow.into_iter().map(|Allow(accepted)| accepted).collect(),
        }
    }
}

impl From<ProfiledArgs> for Selection {
    fn from(arguments: ProfiledArgs) -> Self {
        let mut selection = Self::from(arguments.kernel);
        selection.options.profile = arguments.profile;
        selection
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use clap::Parser;

    use super::super::Cli;
    use super::*;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        kernel: ProfiledArgs,
    }

    fn parse(line: &str) -> Option<Selection> {
        let line = Line::try_parse_from(format!("verb {line}").split_whitespace()).ok()?;
        Some(line.kernel.into())
    }

    #[test]
    fn a_kernel_is_selected_as_in_cargo() {
        let selection =
            parse("-p k@0.1.0 --manifest-path d/Cargo.toml --bin b --profile dev -F a,b --allow got-entry");
        let selection = selection.expect("all of these are right");
        assert_eq!(selection.package.as_deref(), Some("k@0.1.0"));
        assert_eq!(selection.manifest_path.as_deref(), Some(Path::new("d/Cargo.toml")));
        assert_eq!(selection.artifact, Some(Artifact::Bin("b".into())));
        assert_eq!(selection.options.profile.as_deref(), Some("dev"));
        assert_eq!((selection.options.features.len(), selection.allow.len()), (1, 1));
        assert_eq!(
            parse("--example e").and_then(|found| found.artifact),
            Some(Artifact::Example("e".into()))
        );
        assert!(parse("").is_some_and(|selection| selection.is_default()));
        assert!(parse("--release --yes").is_some_and(|selection| selection.is_default()));
    }

    #[test]
    fn words_that_contradict_each_other_are_a_mistake() {
        for line in
            ["k -p k", "--bin a --example b", "--release --profile dev", "--yes --no-install", "--allow x"]
        {
            assert!(parse(line).is_none(), "{line}");
        }
    }

    #[test]
    fn every_verb_that_takes_a_kernel_takes_all_of_it() {
        let parses = |verb: &str, option: &str| {
            let line = format!("landfall {verb} {option}");
            let parsed = Cli::try_parse_from(line.split_whitespace());
            assert!(parsed.is_ok(), "{line}: {}", parsed.expect_err("a mistake"));
        };
        for verb in ["run", "build", "plan", "board --dtb t --out d", "gdb", "lldb", "symbolize"] {
            parses(verb, "-r");
            parses(verb, "--profile p");
        }
        for verb in ["run", "build", "check", "plan", "board --dtb t --out d", "gdb", "lldb", "symbolize"] {
            for option in ["k", "-p k", "--manifest-path m", "--bin b", "--example e", "-F f"] {
                parses(verb, option);
            }
            for option in ["--allow got-entry", "--yes", "--no-install"] {
                parses(verb, option);
            }
        }
    }
}
