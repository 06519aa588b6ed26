//! A request for a plan, as the page or a command writes it.
//!
//! `page/engine.d.ts` describes the same for the page.
//!
//! ```
//! use landfall_explorer::request::Request;
//!
//! let text = r#"{ "machine": { "kind": "virt", "memory": "4G" } }"#;
//! let request: Request = serde_json::from_str(text)?;
//! assert!(request.kernel.is_none() && request.policy.is_empty());
//! # Ok::<(), serde_json::Error>(())
//! ```

use landfall_predict::units::Size;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::base64::Bytes;

/// One plan to be made.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Request {
    /// The kernel; `None` for the recorded one, or that of the facts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kernel: Option<Kernel>,
    /// The machine.
    pub machine: Machine,
    /// Changes of the kernel's policy, each KEY=VALUE.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub policy: Vec<String>,
}

/// Returns a size as a request and a command line have it: `4G`, or bytes in hex.
#[must_use]
pub fn size(Size(bytes): Size) -> String {
    let units = [(40, 'T'), (30, 'G'), (20, 'M'), (10, 'K')];
    let whole = |(shift, _): &&(u32, char)| bytes != 0 && bytes.trailing_zeros() >= *shift;
    match units.iter().find(whole) {
        Some((shift, unit)) => format!("{}{unit}", bytes >> shift),
        None => format!("{bytes:#x}"),
    }
}

/// The source of a kernel's facts.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Kernel {
    /// The facts themselves.
    Blueprint(Saved),
    /// A flat image.
    Image(Bytes),
}

/// The facts of a kernel's file, saved.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Saved {
    /// The name of the kernel, for people and for command lines.
    pub name: String,
    /// The parts of the image in memory.
    pub parts: Parts,
    /// The policy record in hex.
    pub policy: String,
    /// The names of the features that the kernel is built without.
    #[serde(default)]
    pub compiled_out: Vec<String>,
    /// The number of slots that `rebase` adjusts.
    pub slots: u64,
    /// The record of a wrapper's inner kernel.
    #[serde(default)]
    pub inner: Option<Bytes>,
}

/// The parts of an image, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Parts {
    /// Bytes of code.
    pub text: u64,
    /// Bytes of constants.
    pub constants: u64,
    /// Bytes that only the landing uses.
    pub early: u64,
    /// Bytes of data.
    pub data: u64,
}

/// The source of a machine's facts.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Machine {
    /// QEMU's `virt` machine.
    Virt(Virt),
    /// A board by its device tree.
    Board(Box<Board>),
    /// An earlier boot.
    Facts(Facts),
}

impl Default for Machine {
    fn default() -> Self {
        Self::Virt(Virt::default())
    }
}

/// QEMU's `virt` machine with OpenSBI.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Virt {
    /// The RAM, such as `4G`; 1 GiB by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<String>,
    /// The number of harts; 1 by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub harts: Option<u64>,
    /// The largest mode.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<String>,
    /// 16 hex digits, or `off`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<String>,
    /// The kernel's command line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub append: Option<String>,
    /// The image's address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
}

/// A board by its device tree. The fields are the options of `plan --dtb`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Board {
    /// The name of a recorded board.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The device tree.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tree: Option<Bytes>,
    /// The name of the tree's file, for command lines.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// RAM in place of the tree's, each BASE:SIZE.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub memory: Vec<String>,
    /// More reserved memory, each BASE:SIZE.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reserve: Vec<String>,
    /// More memory that must not be mapped, each BASE:SIZE.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub no_map: Vec<String>,
    /// The image's address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// The tree's address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tree_at: Option<String>,
    /// The hart that boots.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub boot_hart: Option<u64>,
    /// The initrd, BASE:SIZE.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub initrd: Option<String>,
    /// `standard` or `thead`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_types: Option<String>,
    /// The largest mode.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<String>,
    /// 16 hex digits, or `off`; by default the tree's own seeds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<String>,
    /// The kernel's command line, in place of the tree's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub append: Option<String>,
}

/// An earlier boot, as `run --dump-facts` writes it.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Facts {
    /// The content of the file.
    pub facts: Value,
    /// The name of the file, for command lines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
}
