//! An audit as JSON, and a saved audit for a comparison.
//!
//! `docs/audit.md` lists the keys. Keys are only added, never renamed or removed. Addresses and
//! entries are strings in hex.

use serde::{Deserialize, Serialize};

use crate::address::Phys;
use crate::audit::{Audit, Inherited, RootAudit, Unchecked};
use crate::finding::Finding;
use crate::leaf::LeafCounts;
use crate::region::Region;
use crate::root::{Mode, Origin};
use crate::run::Run;
use crate::walk::Cost;

/// The number of the format. Added keys do not change it.
pub const FORMAT: u32 = 1;

#[derive(Serialize)]
struct Document<'a> {
    audit_format: u32,
    roots: Vec<Root<'a>>,
    findings: &'a [Finding],
    finding_counts: std::collections::BTreeMap<&'static str, u64>,
    unchecked: &'a [Unchecked],
    cost: Cost,
}

#[derive(Serialize)]
struct With<'a, T> {
    #[serde(flatten)]
    document: Document<'a>,
    #[serde(flatten)]
    more: &'a T,
}

#[derive(Serialize)]
struct Root<'a> {
    mode: Mode,
    table: Phys,
    origin: &'a Origin,
    leaves: LeafCounts,
    tables: u64,
    tables_of_several_regions: u64,
    tables_without_leaf: u64,
    regions: &'a [Region],
    inherited: &'a [Inherited],
    mappings: &'a [Run],
}

impl Audit {
    /// Writes the audit as JSON.
    ///
    /// # Errors
    /// The error of the writer.
    pub fn write_json(&self, writer: impl std::io::Write) -> std::io::Result<()> {
        self.write_json_with(writer, &std::collections::BTreeMap::<&str, u8>::new())
    }

    /// Writes the audit as JSON, with the keys of `more` behind its own.
    ///
    /// # Errors
    /// The error of the writer, or of `more`, which must be a map or a structure.
    pub fn write_json_with(&self, writer: impl std::io::Write, more: &impl Serialize) -> std::io::Result<()> {
        let codes = self.findings.codes();
        let document = Document {
            audit_format: FORMAT,
            roots: self.roots.iter().map(root).collect(),
            findings: self.findings.kept(),
            finding_counts: codes.map(|code| (code.name(), self.findings.count(code))).collect(),
            unchecked: &self.unchecked,
            cost: self.cost,
        };
        serde_json::to_writer(writer, &With { document, more }).map_err(std::io::Error::from)
    }
}

fn root(audit: &RootAudit) -> Root<'_> {
    Root {
        mode: audit.root.mode,
        table: audit.root.table,
        origin: &audit.origin,
        leaves: audit.leaves(),
        tables: audit.tables,
        tables_of_several_regions: audit.tables_of_several,
        tables_without_leaf: audit.tables_of_none,
        regions: &audit.regions,
        inherited: &audit.inherited,
        mappings: &audit.runs,
    }
}

/// The mappings of a saved audit.
#[derive(Clone, Debug, Deserialize)]
pub struct Saved {
    /// The roots, in their order.
    pub roots: Vec<SavedRoot>,
}

/// A root of a saved audit.
#[derive(Clone, Debug, Deserialize)]
pub struct SavedRoot {
    /// The name of its mode.
    pub mode: String,
    /// The root table.
    pub table: Phys,
    /// Its mappings, in ascending order.
    #[serde(rename = "mappings")]
    pub runs: Vec<Run>,
}

impl Saved {
    /// Reads a saved audit.
    ///
    /// # Errors
    /// The error of the parser.
    pub fn parse(text: &str) -> Result<Self, serde_json::Error> {
        let mut saved: Self = serde_json::from_str(text)?;
        for root in &mut saved.roots {
            root.runs.sort_by_key(|run| run.virt);
        }
        Ok(saved)
    }
}
