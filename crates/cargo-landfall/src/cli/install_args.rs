//! The options by which a user permits or forbids that packages are installed.

use clap::Args;

use landfall_host::setup::Consent;

#[derive(Clone, Copy, Debug, Default, Args)]
pub(super) struct InstallArgs {
    /// Install missing tools without a question
    #[arg(short, long, conflicts_with = "no_install", help_heading = MISSING)]
    yes: bool,

    /// Install nothing; print each missing tool and the command that installs it
    #[arg(long, help_heading = MISSING)]
    no_install: bool,
}

/// The heading of the options in `--help`.
const MISSING: &str = "Missing Packages";

impl InstallArgs {
    pub(super) const fn consent(self) -> Consent {
        match self {
            Self { yes: true, .. } => Consent::Given,
            Self { no_install: true, .. } => Consent::Withheld,
            Self { .. } => Consent::Asked,
        }
    }
}
