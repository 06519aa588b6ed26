//! The section `.landfall.module`: the module about itself.

use std::fmt;
use std::str::FromStr;

use super::{name, text};
use crate::subject::Subject;
use crate::units::Address;

/// The name of the section.
pub(super) const SECTION: &str = ".landfall.module";

/// The build ID of a kernel: what `--build-id=sha1` writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct BuildId([u8; Self::SIZE]);

impl BuildId {
    /// Its size in bytes.
    pub const SIZE: usize = 20;

    /// Returns the build ID with these bytes; none if it has another size.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }
}

impl fmt::Display for BuildId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// A text that is no build ID.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a build ID has {} lower-case hexadecimal digits", 2 * BuildId::SIZE)]
pub struct NoBuildId;

impl FromStr for BuildId {
    type Err = NoBuildId;

    fn from_str(text: &str) -> Result<Self, NoBuildId> {
        let digit = |byte: &u8| match byte {
            b'0'..=b'9' => Some(byte - b'0'),
            b'a'..=b'f' => Some(byte - b'a' + 10),
            _ => None,
        };
        let mut id = [0; Self::SIZE];
        let (pairs, rest) = text.as_bytes().as_chunks::<2>();
        if pairs.len() != Self::SIZE || !rest.is_empty() {
            return Err(NoBuildId);
        }
        for (byte, [high, low]) in id.iter_mut().zip(pairs) {
            *byte = digit(high).zip(digit(low)).map(|(high, low)| high << 4 | low).ok_or(NoBuildId)?;
        }
        Ok(Self(id))
    }
}

/// The statements of a module about itself, as far as they are valid.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct About<'data> {
    /// Its name.
    pub name: Option<&'data str>,
    /// The kernel that it was built for.
    pub kernel: Option<BuildId>,
    /// Its version.
    pub version: Option<&'data str>,
    /// Its description.
    pub description: Option<&'data str>,
}

/// A statement that is not valid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) at: Address,
    pub(super) kind: FaultKind,
    pub(super) found: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FaultKind {
    Invalid,
    Twice,
}

impl<'data> About<'data> {
    /// Reads the statements of a module.
    #[must_use]
    pub fn of(subject: &Subject<'data>) -> Self {
        Self::read(subject).0
    }

    pub(super) fn read(subject: &Subject<'data>) -> (Self, Vec<Fault>) {
        let (mut about, mut faults) = (Self::default(), Vec::new());
        let mut seen = Vec::new();
        for line in text::lines(subject, SECTION) {
            let mut fault = |kind, found: String| faults.push(Fault { at: line.at, kind, found });
            let Some((key, value)) = line.pair() else {
                fault(FaultKind::Invalid, "a string that is no `key=value` with a NUL at its end".to_owned());
                continue;
            };
            let field = match key {
                "name" => &mut about.name,
                "version" => &mut about.version,
                "description" => &mut about.description,
                "kernel" => &mut None,
                // A later version may have more keys.
                _ => continue,
            };
            if seen.contains(&key) {
                fault(FaultKind::Twice, format!("the key `{key}` once more, with the value `{value}`"));
                continue;
            }
            seen.push(key);
            match key {
                "name" if !name::is_valid(value) => {
                    fault(FaultKind::Invalid, format!("the name `{value}`"));
                }
                "kernel" if value.is_empty() => {}
                "kernel" => match value.parse() {
                    Ok(id) => about.kernel = Some(id),
                    Err(error) => fault(FaultKind::Invalid, format!("the kernel `{value}`; {error}")),
                },
                _ => *field = Some(value),
            }
        }
        (about, faults)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_build_id_is_forty_digits_and_comes_back_as_them() {
        let text = "0123456789abcdef0123456789abcdef01234567";
        assert_eq!(text.parse::<BuildId>().map(|id| id.to_string()).as_deref(), Ok(text));
        for wrong in ["", "0", &text[1..], &text.to_uppercase(), &text.replace('0', "g"), &format!("{text}0")]
        {
            assert_eq!(wrong.parse::<BuildId>(), Err(NoBuildId), "{wrong}");
        }
        assert_eq!(BuildId::of(&[1; 19]), None);
    }
}
