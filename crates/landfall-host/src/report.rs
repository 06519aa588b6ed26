//! The landing report: what a kernel says about its own landing, one JSON object on one line of the
//! console.
//!
//! Keys that we do not know pass through: a newer kernel may say more. Those of the stable format
//! must be there, each of its kind.

use serde_json::{Map, Value};
use thiserror::Error;

use landfall_predict::units::Address;

pub use landfall_predict::json::refused;

/// The report of a kernel that has landed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report(Map<String, Value>);

/// The kind of a value in the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A string.
    Text,
    /// An address, or null where the kernel's policy withholds it.
    AddressOrNull,
    /// A string, or null where there is nothing to say.
    TextOrNull,
    /// An address: a string in hex.
    Address,
    /// A number that is not negative.
    Count,
    /// True or false.
    Truth,
    /// A list.
    List,
    /// An object, or null.
    ObjectOrNull,
}

/// Every key that a report has, as paths of JSON pointers.
pub const KEYS: [(&str, Kind); 28] = [
    ("/outcome", Kind::Text),
    ("/refusal", Kind::ObjectOrNull),
    ("/mode", Kind::Text),
    ("/kernel/physical", Kind::AddressOrNull),
    ("/kernel/virtual", Kind::AddressOrNull),
    ("/kernel/size", Kind::Count),
    ("/kernel/slots", Kind::Count),
    ("/linear_map/virtual", Kind::AddressOrNull),
    ("/linear_map/physical", Kind::Address),
    ("/linear_map/size", Kind::Count),
    ("/linear_map/leaves/4K", Kind::Count),
    ("/linear_map/leaves/64K", Kind::Count),
    ("/linear_map/leaves/2M", Kind::Count),
    ("/linear_map/leaves/1G", Kind::Count),
    ("/linear_map/leaves/512G", Kind::Count),
    ("/linear_map/leaves/256T", Kind::Count),
    ("/table_pages", Kind::Count),
    ("/kaslr/enabled", Kind::Truth),
    ("/kaslr/source", Kind::TextOrNull),
    ("/kaslr/kernel_bits", Kind::Count),
    ("/kaslr/linear_map_bits", Kind::Count),
    ("/kaslr/physical_bits", Kind::Count),
    ("/kaslr/reason", Kind::TextOrNull),
    ("/harts/boot", Kind::Count),
    ("/harts/online", Kind::Count),
    ("/harts/failed", Kind::List),
    ("/instructions", Kind::ObjectOrNull),
    ("/notes", Kind::List),
];

/// Why a line is no report.
#[derive(Debug, Error)]
pub enum ReportError {
    /// No JSON, or no object.
    #[error("the kernel's report is not a JSON object: {source}\n  {line}")]
    Json {
        /// The line, without its prefix.
        line: String,
        /// The fault.
        source: serde_json::Error,
    },
    /// A key is missing.
    #[error("the kernel's report has no {key}, which must be {kind}")]
    Missing {
        /// The key's path.
        key: &'static str,
        /// The valid kind.
        kind: Kind,
    },
    /// A key holds something else.
    #[error("the kernel's report has {found} for {key}, which must be {kind}")]
    Wrong {
        /// The key's path.
        key: &'static str,
        /// The valid kind.
        kind: Kind,
        /// The value found.
        found: Value,
    },
    /// The kernel landed and says something else.
    #[error("the kernel's report has {found} for /outcome, which must be \"landed\"")]
    Outcome {
        /// The value.
        found: Value,
    },
}

impl Report {
    /// Reads what follows the prefix on the line of the report.
    ///
    /// # Errors
    /// [`ReportError`] names the key that is not as it must be.
    pub fn parse(line: &str) -> Result<Self, ReportError> {
        let object: Map<String, Value> = serde_json::from_str(line)
            .map_err(|source| ReportError::Json { line: line.to_owned(), source })?;
        let value = Value::Object(object);
        for (key, kind) in KEYS {
            match value.pointer(key) {
                None => return Err(ReportError::Missing { key, kind }),
                Some(found) if !kind.holds(found) => {
                    return Err(ReportError::Wrong { key, kind, found: found.clone() });
                }
                Some(_) => {}
            }
        }
        match value {
            Value::Object(object) if object["outcome"] == "landed" => Ok(Self(object)),
            value => Err(ReportError::Outcome { found: value["outcome"].clone() }),
        }
    }

    /// Returns the kernel's virtual address.
    #[must_use]
    pub fn kernel_virtual(&self) -> Option<Address> {
        self.0["kernel"]["virtual"].as_str()?.parse().ok()
    }

    /// Returns the kernel's physical address.
    #[must_use]
    pub fn kernel_physical(&self) -> Option<Address> {
        self.0["kernel"]["physical"].as_str()?.parse().ok()
    }

    /// Returns the address at which the boot loader loaded the kernel; its address at the landing,
    /// if the report lacks it.
    #[must_use]
    pub fn kernel_loaded(&self) -> Option<Address> {
        let loaded = self.0["kernel"].get("loaded").and_then(Value::as_str);
        loaded.and_then(|loaded| loaded.parse().ok()).or_else(|| self.kernel_physical())
    }

    /// Returns the value at `pointer`, a JSON pointer like `/linear_map/size`.
    #[must_use]
    pub fn get(&self, pointer: &str) -> Option<&Value> {
        let (first, rest) = pointer.strip_prefix('/')?.split_once('/').unwrap_or((&pointer[1..], ""));
        let value = self.0.get(first)?;
        if rest.is_empty() { Some(value) } else { value.pointer(&format!("/{rest}")) }
    }

    /// Returns the source of randomness, if it is not the tree's `kaslr-seed` only. Firmware may
    /// replace the tree, or have random numbers of its own.
    #[must_use]
    pub fn other_than_seed(&self) -> Option<&str> {
        let text = |pointer| self.get(pointer).map(|value| value.as_str().unwrap_or_default());
        (text("/kaslr/source")? != "kaslr-seed").then(|| text("/kaslr/reason")).flatten()
    }

    /// Puts in what was counted from outside.
    pub fn set_instructions(&mut self, instructions: Value) {
        self.0.insert("instructions".to_owned(), instructions);
    }

    /// Returns the whole object.
    #[must_use]
    pub fn into_json(self) -> Value {
        Value::Object(self.0)
    }
}

impl Kind {
    fn holds(self, value: &Value) -> bool {
        match self {
            Self::Text => value.is_string(),
            Self::AddressOrNull => value.is_null() || Self::Address.holds(value),
            Self::TextOrNull => value.is_string() || value.is_null(),
            Self::Address => {
                let text = value.as_str().unwrap_or_default();
                text.starts_with("0x") && text.parse::<Address>().is_ok()
            }
            Self::Count => value.is_u64(),
            Self::Truth => value.is_boolean(),
            Self::List => value.is_array(),
            Self::ObjectOrNull => value.is_object() || value.is_null(),
        }
    }
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Text => "a string",
            Self::AddressOrNull => "an address in a string like \"0x80200000\", or null",
            Self::TextOrNull => "a string or null",
            Self::Address => "an address like \"0x80200000\"",
            Self::Count => "a number that is not negative",
            Self::Truth => "true or false",
            Self::List => "a list",
            Self::ObjectOrNull => "an object or null",
        })
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use serde_json::json;

    use super::*;

    /// A report, as it is on a console.
    pub(crate) const GOOD: &str = concat!(
        r#"{"outcome":"landed","refusal":null,"mode":"sv57","kernel":{"physical":"0x80200000","#,
        r#""virtual":"0xff12345678000000","size":65536,"slots":12},"linear_map":{"virtual":"0xff60000000000000","#,
        r#""physical":"0x80000000","size":1073741824,"leaves":{"4K":1,"64K":0,"2M":2,"1G":3,"512G":0,"256T":0}},"#,
        r#""table_pages":9,"kaslr":{"enabled":true,"source":"rng-seed","kernel_bits":33,"linear_map_bits":10,"#,
        r#""physical_bits":0,"reason":null},"harts":{"boot":0,"online":1,"failed":[]},"instructions":null,"#,
        r#""notes":[],"later":{"a":1}}"#,
    );

    #[test]
    fn a_report_keeps_what_we_do_not_know() {
        let report = Report::parse(GOOD).expect("a report");
        assert_eq!(report.kernel_virtual(), Some(Address(0xff12_3456_7800_0000)));
        assert_eq!(report.get("/linear_map/leaves/1G"), Some(&json!(3)));
        assert_eq!(report.get("/table_pages"), Some(&json!(9)));
        assert_eq!(report.get("nothing"), None);
        assert_eq!(report.into_json()["later"]["a"], 1);
    }

    #[test]
    fn what_decides_besides_a_seed_is_told() {
        let withheld_reason = |source: &str, reason: &str| {
            let text = GOOD
                .replace("\"rng-seed\"", source)
                .replace("\"reason\":null", &format!("\"reason\":\"{reason}\""));
            Report::parse(&text).expect("a report").other_than_seed().map(str::to_owned)
        };
        assert_eq!(withheld_reason("\"kaslr-seed\"", "seeded"), None);
        assert_eq!(withheld_reason("null", "off: no seed").as_deref(), Some("off: no seed"));
        assert_eq!(
            withheld_reason("\"kaslr-seed and rng-seed\"", "seeded by both").as_deref(),
            Some("seeded by both")
        );
    }

    #[test]
    fn every_key_must_be_there_and_of_its_kind() {
        let good: Value = serde_json::from_str(GOOD).expect("JSON");
        for (key, kind) in KEYS {
            let mut bad = good.clone();
            *bad.pointer_mut(key).expect("the key") = json!(-1.5);
            let error = Report::parse(&bad.to_string()).expect_err(key).to_string();
            assert!(error.contains(key) && error.contains(&kind.to_string()), "{error}");
        }
    }

    #[test]
    fn a_policy_may_withhold_random_addresses() {
        let mut withheld: Value = serde_json::from_str(GOOD).expect("JSON");
        for key in ["/kernel/virtual", "/linear_map/virtual"] {
            *withheld.pointer_mut(key).expect("the key") = Value::Null;
        }
        let report = Report::parse(&withheld.to_string()).expect("a report");
        assert_eq!(report.kernel_virtual(), None);
    }

    #[test]
    fn hostile_lines_are_errors() {
        let other = GOOD.replace("landed", "sunk");
        for line in ["", "null", "[]", "{}", "{\"outcome\"", &"[".repeat(100_000), &other] {
            assert!(Report::parse(line).is_err());
        }
    }

    #[test]
    fn a_refusal_has_the_same_keys() {
        let refused = refused("R7", "found; right");
        let good: Value = serde_json::from_str(GOOD).expect("JSON");
        let keys = good.as_object().expect("an object").keys().filter(|key| *key != "later");
        assert!(keys.eq(refused.as_object().expect("an object").keys()));
    }
}
