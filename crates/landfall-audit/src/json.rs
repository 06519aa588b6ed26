//! An audit as JSON, and a saved audit for a comparison.
//!
//! `docs/audit.md` lists the keys. Keys are only added, never renamed or removed. Addresses and
//! entries are strings in hex.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::address::{Phys, Span, Virt};
use crate::audit::{Audit, RootAudit, Unchecked};
use crate::finding::Finding;
use crate::inherited::Inherited;
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
    /// Its mode.
    pub mode: Mode,
    /// The root table.
    pub table: Phys,
    /// Its mappings, in ascending order, without those of [`SavedRoot::inherited`].
    /// [`Saved::mappings`] has both.
    #[serde(rename = "mappings")]
    pub runs: Vec<Run>,
    /// Addresses that an earlier root maps by the same tables, in ascending order.
    pub inherited: Vec<Inherited>,
}

/// Text that is no saved audit.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum NoSaved {
    /// It is not JSON of the right shape.
    #[error("it is not an audit: {0}")]
    Json(#[from] serde_json::Error),
    /// It has another format.
    #[error("audit_format is {found}, and this version reads {FORMAT}")]
    Format {
        /// The number of its format.
        found: u64,
    },
    /// No root lists an address twice.
    #[error("root {root} lists {at} twice")]
    Twice {
        /// The number of the root.
        root: usize,
        /// The address.
        at: Virt,
    },
    /// The root is no earlier one.
    #[error("root {root} has mappings of root {from}, which is no earlier one")]
    Later {
        /// The number of the root.
        root: usize,
        /// The root that it names.
        from: usize,
    },
}

/// The key that distinguishes formats, read before all others.
#[derive(Deserialize)]
struct Head {
    audit_format: u64,
}

impl Saved {
    /// Reads a saved audit.
    ///
    /// # Errors
    /// [`NoSaved`] if the text is something else, or no audit can have it.
    pub fn parse(text: &str) -> Result<Self, NoSaved> {
        let Head { audit_format: found } = serde_json::from_str(text)?;
        if found != u64::from(FORMAT) {
            return Err(NoSaved::Format { found });
        }
        let mut saved: Self = serde_json::from_str(text)?;
        for (number, root) in saved.roots.iter_mut().enumerate() {
            root.check(number)?;
        }
        Ok(saved)
    }
}

impl SavedRoot {
    /// Sorts what the root lists, and checks that none of it overlaps.
    fn check(&mut self, root: usize) -> Result<(), NoSaved> {
        self.runs.sort_by_key(|run| run.virt);
        self.inherited.sort_by_key(|own| own.start);
        if let Some(Inherited { root: from, .. }) = self.inherited.iter().find(|own| own.root >= root) {
            return Err(NoSaved::Later { root, from: *from });
        }
        let inherited = self.inherited.iter().map(Inherited::span);
        let mut spans: Vec<Span<Virt>> = self.runs.iter().map(Run::span).chain(inherited).collect();
        spans.sort_unstable();
        let twice = spans.windows(2).find(|pair| pair[0].end() > u128::from(pair[1].start.0));
        twice.map_or(Ok(()), |pair| Err(NoSaved::Twice { root, at: pair[1].start }))
    }
}
