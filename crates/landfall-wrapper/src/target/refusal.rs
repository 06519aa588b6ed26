//! Reasons against the start of the inner kernel.

use core::fmt;

use landfall_image::inner::InnerError;
use landfall_paging::MapError;
use landfall_wrap::{PolicyFault, Refusal, Rule};

/// Why the inner kernel is not started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// The image has no inner kernel, or a damaged one.
    Record(InnerError),
    /// Its ELF, or its places.
    Inner(Refusal),
    /// The free memory has no room beside the kernel.
    NoRoom { size: u64 },
    /// The kernel breaks a rule of Limine's protocol.
    Limine(landfall_limine::Refusal),
    /// No wrapper can run with the policy.
    Policy(PolicyFault),
    /// The machine has more harts, or ranges of memory, than boot information can hold.
    TooMany { most: usize },
    /// Page tables cannot be built.
    Tables(MapError),
}

impl Refused {
    /// Returns the number of the broken rule.
    pub(super) fn rule(&self) -> impl fmt::Display {
        match self {
            Self::Record(_) => RuleName::Wrap(Rule::Record),
            Self::Inner(refusal) => RuleName::Wrap(refusal.rule()),
            Self::Limine(refusal) => RuleName::Limine(refusal.rule()),
            Self::NoRoom { .. } | Self::TooMany { .. } => RuleName::Wrap(Rule::Room),
            Self::Tables(_) | Self::Policy(_) => RuleName::Wrap(Rule::Tables),
        }
    }
}

/// The name of a rule.
enum RuleName {
    Wrap(Rule),
    Limine(&'static str),
}

impl fmt::Display for RuleName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Wrap(rule) => rule.fmt(f),
            Self::Limine(rule) => f.write_str(rule),
        }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Record(InnerError::TooShort { .. }) => {
                f.write_str("the image holds no inner kernel; build it with `cargo landfall wrap`")
            }
            Self::Record(error) => write!(f, "{error}; load the image again, unchanged"),
            Self::Inner(refusal) => refusal.fmt(f),
            Self::Policy(fault) => fault.fmt(f),
            Self::Limine(refusal) => refusal.fmt(f),
            Self::TooMany { most } => write!(f, "the machine has more than {most} ranges of memory"),
            Self::NoRoom { size } => write!(
                f,
                "no free memory has {size:#x} bytes for page tables, boot information and stacks; add RAM"
            ),
            Self::Tables(error) => write!(f, "the page tables of the inner kernel: {error}"),
        }
    }
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self::Inner(refusal)
    }
}

impl From<PolicyFault> for Refused {
    fn from(fault: PolicyFault) -> Self {
        Self::Policy(fault)
    }
}

impl From<landfall_limine::Refusal> for Refused {
    fn from(refusal: landfall_limine::Refusal) -> Self {
        Self::Limine(refusal)
    }
}

impl From<InnerError> for Refused {
    fn from(error: InnerError) -> Self {
        Self::Record(error)
    }
}

impl From<MapError> for Refused {
    fn from(error: MapError) -> Self {
        Self::Tables(error)
    }
}
