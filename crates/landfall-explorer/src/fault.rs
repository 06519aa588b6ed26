//! A request that cannot be planned.

use thiserror::Error;

/// Why a request cannot be planned. The command would exit with status 2.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct Fault {
    /// The field of the request, such as `machine.memory`; `None` if no one field is at fault.
    pub field: Option<&'static str>,
    /// The fact, its cause and help.
    pub message: String,
}

impl Fault {
    /// Returns the fault of the field `field`.
    pub(crate) fn of(field: &'static str, message: impl Into<String>) -> Self {
        Self { field: Some(field), message: message.into() }
    }
}

/// Reads a text of the field `field`.
pub(crate) fn parse<T>(field: &'static str, text: &str) -> Result<T, Fault>
where
    T: std::str::FromStr<Err: ToString>,
{
    text.parse().map_err(|error: T::Err| Fault::of(field, error.to_string()))
}
