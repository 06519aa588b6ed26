//! A value of a JSON file, with the keys that lead to it, so that what is wrong can be named.

use serde_json::Value;

use super::error::FileError;
use crate::hex::unhex;
use crate::units::Address;

/// A value and its place.
#[derive(Clone, Debug)]
pub(super) struct Field<'a> {
    key: String,
    value: &'a Value,
}

type Read<T> = Result<T, FileError>;

impl<'a> Field<'a> {
    pub(super) fn root(value: &'a Value) -> Self {
        Self { key: "the file".to_owned(), value }
    }

    /// Returns the value of `key` in this object; `None` if the object has no such key.
    pub(super) fn find(&self, key: &str, right: &str) -> Read<Option<Self>> {
        match self.get(key, right) {
            Ok(field) => Ok(Some(field)),
            Err(FileError::Missing { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Returns the value of `key` in this object.
    pub(super) fn get(&self, key: &str, right: &str) -> Read<Self> {
        let path = if self.key == "the file" { key.to_owned() } else { format!("{}.{key}", self.key) };
        match self.value {
            Value::Object(object) => match object.get(key) {
                Some(value) => Ok(Self { key: path, value }),
                None => Err(FileError::Missing { key: path, right: right.to_owned() }),
            },
            _ => self.wrong("an object"),
        }
    }

    pub(super) fn wrong<T>(&self, right: &str) -> Read<T> {
        let mut found = self.value.to_string();
        if found.len() > 80 {
            found = found.chars().take(77).chain("...".chars()).collect();
        }
        Err(FileError::Wrong { key: self.key.clone(), found, right: right.to_owned() })
    }

    pub(super) fn is_null(&self) -> bool {
        self.value.is_null()
    }

    pub(super) fn text(&self, right: &str) -> Read<&'a str> {
        self.value.as_str().map_or_else(|| self.wrong(right), Ok)
    }

    pub(super) fn count(&self, right: &str) -> Read<u64> {
        self.value.as_u64().map_or_else(|| self.wrong(right), Ok)
    }

    pub(super) fn truth(&self) -> Read<bool> {
        self.value.as_bool().map_or_else(|| self.wrong("true or false"), Ok)
    }

    /// Returns an address: a string in hex.
    pub(super) fn address(&self) -> Read<u64> {
        const RIGHT: &str = "an address like \"0x80200000\"";
        let text = self.text(RIGHT)?;
        let address = text.starts_with("0x").then(|| text.parse::<Address>().ok()).flatten();
        address.map_or_else(|| self.wrong(RIGHT), |address| Ok(address.0))
    }

    /// Returns the items of a list.
    pub(super) fn list(&self, right: &str) -> Read<Vec<Self>> {
        let Value::Array(items) = self.value else { return self.wrong(right) };
        let item = |(index, value)| Self { key: format!("{}[{index}]", self.key), value };
        Ok(items.iter().enumerate().map(item).collect())
    }

    /// Bytes in hex.
    pub(super) fn bytes(&self, right: &str) -> Read<Vec<u8>> {
        let text = self.text(right)?;
        unhex(text).map_or_else(|| self.wrong(right), Ok)
    }
}
