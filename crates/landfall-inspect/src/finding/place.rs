//! The place of a fault.

use std::fmt;

use crate::escape::Escaped;
use crate::units::Address;

/// The place of a fault, as a check knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum At {
    /// At an address of the linked image.
    Address(Address),
    /// In a part of the file that is at no address, such as a program header.
    File(String),
}

impl From<Address> for At {
    fn from(address: Address) -> Self {
        Self::Address(address)
    }
}

impl From<String> for At {
    fn from(part: String) -> Self {
        Self::File(part)
    }
}

impl From<&str> for At {
    fn from(part: &str) -> Self {
        Self::File(part.to_owned())
    }
}

/// The same, as a person looks for it. The fields are as the file has them;
/// [`Display`](fmt::Display) escapes them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The part of the file, where there is no address.
    pub part: Option<String>,
    /// The address, as linked.
    pub address: Option<Address>,
    /// The section.
    pub section: Option<String>,
    /// Symbol and offset: `hello::TABLE+0x3`.
    pub symbol: Option<String>,
    /// File and line of the source.
    pub source: Option<String>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        let mut write = |before: &str, part: &Option<String>| match part {
            Some(part) => {
                let written = write!(f, "{separator}{before}{}", Escaped::new(part));
                separator = " ";
                written
            }
            None => Ok(()),
        };
        write("", &self.part)?;
        write("", &self.symbol)?;
        write("at ", &self.address.map(|address| address.to_string()))?;
        write("in ", &self.section)?;
        write("from ", &self.source)
    }
}
