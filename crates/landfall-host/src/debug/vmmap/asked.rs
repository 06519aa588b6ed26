//! The arguments of `landfall vmmap`.

use landfall_audit::region::Region;
use landfall_audit::{Attributes, Audit, Kind};

/// The arguments.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) show: Show,
    /// An expression for the `satp` in place of the hart's.
    pub(super) satp: Option<String>,
}

/// The form of the answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Show {
    /// All regions with their parts.
    #[default]
    Regions,
    /// Mappings one by one.
    Mappings(Filter),
    /// A region, or an address: the name decides when the regions are known.
    Place(String),
    Findings,
    Json,
}

/// A choice of mappings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Filter {
    /// The kind or the name of the region.
    pub(super) region: Option<String>,
    /// All of these permissions.
    pub(super) permissions: Vec<Permission>,
}

/// A permission that a mapping must have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Permission {
    Write,
    Execute,
    User,
}

impl Permission {
    const ALL: [Self; 3] = [Self::Write, Self::Execute, Self::User];

    const fn option(self) -> &'static str {
        match self {
            Self::Write => "--writable",
            Self::Execute => "--executable",
            Self::User => "--user",
        }
    }

    const fn is_in(self, attributes: Attributes) -> bool {
        match self {
            Self::Write => attributes.writable(),
            Self::Execute => attributes.executable(),
            Self::User => attributes.user(),
        }
    }
}

/// The kinds that a user may name even if nothing is mapped there.
const KINDS: [Kind; 10] = [
    Kind::User,
    Kind::Identity,
    Kind::LinearMap,
    Kind::Image,
    Kind::Modules,
    Kind::Stacks,
    Kind::Dynamic,
    Kind::Fixmap,
    Kind::Devices,
    Kind::Other,
];

impl Asked {
    /// Reads the arguments: options, then a region or an expression for an address.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut asked = Self::default();
        let mut filter = Filter::default();
        let mut rest = text.trim();
        while rest.starts_with("--") {
            let (option, after) = split(rest);
            rest = after;
            if let Some(permission) = Permission::ALL.into_iter().find(|own| own.option() == option) {
                filter.permissions.push(permission);
                continue;
            }
            match option {
                "--findings" => asked.show = Show::Findings,
                "--json" => asked.show = Show::Json,
                "--satp" => {
                    let (value, after) = split(rest);
                    if value.is_empty() {
                        return Err("--satp takes a value; write it without spaces".to_owned());
                    }
                    asked.satp = Some(value.to_owned());
                    rest = after;
                }
                _ => return Err(format!("unknown option {option}; see `help landfall vmmap`")),
            }
        }
        let is_filtered = !filter.permissions.is_empty();
        asked.show = match asked.show {
            Show::Regions if is_filtered => {
                filter.region = Some(rest).filter(|rest| !rest.is_empty()).map(str::to_owned);
                Show::Mappings(filter)
            }
            Show::Regions if !rest.is_empty() => Show::Place(rest.to_owned()),
            _ if is_filtered || !rest.is_empty() => {
                return Err("--findings and --json take no region, address or permission".to_owned());
            }
            show => show,
        };
        Ok(asked)
    }
}

/// Returns the first word, and the rest.
fn split(text: &str) -> (&str, &str) {
    let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    (word, rest.trim_start())
}

impl Filter {
    /// All mappings of a region.
    pub(super) fn region(name: &str) -> Self {
        Self { region: Some(name.to_owned()), permissions: Vec::new() }
    }

    /// Returns true if the region was chosen.
    pub(super) fn takes(&self, region: &Region) -> bool {
        self.region.as_ref().is_none_or(|name| *name == region.name || name == region.kind.name())
    }

    /// Returns true if a mapping with these attributes was chosen.
    pub(super) fn allows(&self, attributes: Attributes) -> bool {
        self.permissions.iter().all(|permission| permission.is_in(attributes))
    }
}

/// Returns true if the words are the name of a region, or of a kind of regions.
pub(super) fn is_region(audit: &Audit, words: &str) -> bool {
    let mut regions = audit.roots.iter().flat_map(|root| &root.regions);
    KINDS.iter().any(|kind| kind.name() == words) || regions.any(|region| region.name == words)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Show {
        Asked::parse(text).expect("arguments").show
    }

    #[test]
    fn options_come_before_a_region_or_an_expression() {
        assert_eq!(shown(" "), Show::Regions);
        assert_eq!(shown("$pc + 8"), Show::Place("$pc + 8".to_owned()));
        assert_eq!(shown("--findings"), Show::Findings);
        assert_eq!(shown("--json"), Show::Json);
        let writable = Filter { region: None, permissions: vec![Permission::Write] };
        assert_eq!(shown("--writable"), Show::Mappings(writable));
        let both = vec![Permission::Execute, Permission::Write];
        let image = Filter { region: Some("near region".to_owned()), permissions: both };
        assert_eq!(shown("--executable  --writable near region"), Show::Mappings(image));
        let asked = Asked::parse("--satp 8<<60|0x80200 linear-map").expect("arguments");
        assert_eq!(asked.satp.as_deref(), Some("8<<60|0x80200"));
        assert_eq!(asked.show, Show::Place("linear-map".to_owned()));
    }

    #[test]
    fn wrong_arguments_are_named() {
        for (text, words) in [
            ("--what", "unknown option --what"),
            ("--satp", "--satp takes a value"),
            ("--findings $pc", "take no region"),
            ("--json --user", "take no region"),
        ] {
            assert!(Asked::parse(text).is_err_and(|error| error.contains(words)), "{text}");
        }
    }
}
