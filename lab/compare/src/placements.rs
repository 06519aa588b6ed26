//! Placements of the kernel: in a region of its own or in the linear map, with an alias or without,
//! random or fixed. Each row is a real boot.

use std::time::Duration;

use serde_json::Value;

use super::Table;
use super::table::Cell;
use anyhow::Error;
use landfall_host::kernel::Selection;
use landfall_host::machine::Mode;
use landfall_host::report::Report;
use landfall_host::request::BootRequest;
use landfall_host::run;
use landfall_predict::Randomness;
use landfall_predict::policy::Change;
use landfall_predict::units::{Address, Seed, Size};

/// A way to lay the address space out.
struct Layout {
    name: &'static str,
    /// Changes of the kernel's policy.
    policy: &'static [&'static str],
    at: Loaded,
}

/// The load address of the image.
#[derive(Clone, Copy, Debug)]
enum Loaded {
    /// In the 2 MiB behind those of the firmware, where QEMU puts a kernel by itself.
    BesideFirmware,
    /// In a gigabyte that nothing else splits, where there is one.
    Elsewhere,
}

impl Loaded {
    fn address(self, memory: Size) -> Address {
        match self {
            Self::BesideFirmware => Address(0x8020_0000),
            Self::Elsewhere if memory > Size::gib(2) => Address(0x1_0234_5000),
            Self::Elsewhere => Address(0xa234_5000),
        }
    }
}

const LAYOUTS: [Layout; 8] = [
    Layout { name: "own region, read-only alias", policy: &[], at: Loaded::BesideFirmware },
    Layout { name: "own region, no alias", policy: &["alias=absent"], at: Loaded::BesideFirmware },
    Layout { name: "in the linear map", policy: &["placement=linear-map"], at: Loaded::BesideFirmware },
    Layout {
        name: "fixed, one layout for all modes",
        policy: &["linear-map=base:0xffffffc000000000", "kernel=0xffffffff80000000"],
        at: Loaded::BesideFirmware,
    },
    Layout { name: "own region, loaded elsewhere", policy: &[], at: Loaded::Elsewhere },
    Layout {
        name: "own region, loaded elsewhere, packed",
        policy: &["physical=pack"],
        at: Loaded::Elsewhere,
    },
    Layout {
        name: "in the linear map, loaded elsewhere",
        policy: &["placement=linear-map"],
        at: Loaded::Elsewhere,
    },
    Layout {
        name: "in the linear map, anywhere in memory",
        policy: &["placement=linear-map", "physical=random"],
        at: Loaded::Elsewhere,
    },
];

/// Every mode.
pub const MODES: [Mode; 3] = [Mode::Sv39, Mode::Sv48, Mode::Sv57];
/// Little RAM, some, and more than sv39 reaches.
pub const MEMORY: [Size; 3] = [Size::gib(1), Size::gib(16), Size::gib(256)];

/// One boot.
#[derive(Clone, Debug)]
pub struct Row {
    /// The layout of the address space.
    pub layout: &'static str,
    /// The mode that the machine has.
    pub mode: Mode,
    /// Its RAM.
    pub memory: Size,
    /// The kernel's report.
    pub report: Report,
    /// Instructions from the image's first to `main`.
    pub instructions: u64,
}

/// Boots every layout in each of the modes at each of the sizes. Calls `progress` with the name of
/// each boot before it begins.
///
/// # Errors
/// [`Error`] where one does not land.
pub fn measure(modes: &[Mode], sizes: &[Size], mut progress: impl FnMut(&str)) -> Result<Vec<Row>, Error> {
    let mut rows = Vec::new();
    for layout in &LAYOUTS {
        for (&mode, &memory) in modes.iter().flat_map(|mode| sizes.iter().map(move |memory| (mode, memory))) {
            progress(&format!("{}, {}, {memory}", layout.name, name_of(mode)));
            let (report, instructions) = run::land(&options(layout, mode, memory)?, |_| {})?;
            let instructions = instructions.map_or(0, |instructions| instructions.total());
            rows.push(Row { layout: layout.name, mode, memory, report, instructions });
        }
    }
    Ok(rows)
}

fn options(layout: &Layout, mode: Mode, memory: Size) -> Result<BootRequest, Error> {
    let changes: Result<Vec<Change>, _> = layout.policy.iter().map(|change| change.parse()).collect();
    Ok(BootRequest {
        mode: Some(mode),
        at: Some(layout.at.address(memory)),
        memory,
        randomness: Randomness::Seed(Seed(0x0123_4567_89ab_cdef)),
        policy: changes?,
        timeout: Duration::from_secs(60),
        qemu: ["-icount", "shift=0"].map(Into::into).to_vec(),
        ..BootRequest::new(Selection::named("hello"))
    })
}

pub(super) const fn name_of(mode: Mode) -> &'static str {
    match mode {
        Mode::Sv39 => "sv39",
        Mode::Sv48 => "sv48",
        Mode::Sv57 => "sv57",
    }
}

/// The table that users see.
#[must_use]
pub fn table(rows: &[Row]) -> Table {
    Table {
        title: "Placements: hello, one hart, one seed",
        columns: vec![
            "layout",
            "mode",
            "RAM",
            "leaves of the linear map",
            "leaves of kernel and stack",
            "table pages",
            "instructions to land",
            "RAM reached",
            "bits: kernel",
            "linear map",
            "physical",
        ],
        rows: rows.iter().map(cells).collect(),
    }
}

fn cells(row: &Row) -> Vec<Cell> {
    let number = |pointer| row.report.get(pointer).and_then(Value::as_u64).unwrap_or_default();
    vec![
        row.layout.into(),
        name_of(row.mode).into(),
        row.memory.to_string().as_str().into(),
        leaves(row.report.get("/linear_map/leaves")).as_str().into(),
        leaves(row.report.get("/kernel/leaves")).as_str().into(),
        number("/table_pages").into(),
        row.instructions.into(),
        reached(&row.report).as_str().into(),
        number("/kaslr/kernel_bits").into(),
        number("/kaslr/linear_map_bits").into(),
        number("/kaslr/physical_bits").into(),
    ]
}

/// "all", or how much of the machine's RAM is mapped where some is out of reach.
fn reached(report: &Report) -> String {
    let notes = report.get("/notes").and_then(Value::as_array).into_iter().flatten();
    let is_cut = notes.into_iter().any(|note| note["code"] == "ram-unreached");
    let size = report.get("/linear_map/size").and_then(Value::as_u64).unwrap_or_default();
    if is_cut { format!("{} GiB", size.div_ceil(1 << 30)) } else { "all".to_owned() }
}

/// Sizes from the largest on, as the text report has them.
fn leaves(counts: Option<&Value>) -> String {
    let counts = counts.and_then(Value::as_object).into_iter().flatten();
    let mut parts: Vec<String> = counts
        .filter_map(|(size, count)| {
            count.as_u64().filter(|count| *count != 0).map(|count| format!("{count} x {size}"))
        })
        .collect();
    parts.reverse();
    parts.join(" + ")
}
