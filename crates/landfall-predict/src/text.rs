//! A prediction as text: the address space from its highest address down, then what it costs, and
//! what to know.
//!
//! ```
//! use landfall_predict::case::Outcome;
//! use landfall_predict::facts_file::FactsFile;
//! use landfall_predict::{text, view};
//!
//! let facts = include_bytes!("../tests/records/facts-2.json");
//! let Outcome::Lands(prediction) = FactsFile::parse(facts)?.case(None).predict() else {
//!     panic!("the kernel of these facts has landed")
//! };
//! let text = text::text(&prediction, &view::address_space(&prediction));
//! assert!(text.lines().any(|line| line.trim_start().starts_with("address ")));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::fmt::Write;

use landfall_paging::LeafSize;
use landfall_plan::Plan;
use landfall_plan::plan::{Movement, TreePlace};
use landfall_plan::planner::Bytes;
use landfall_plan::randomness::KaslrState;
use landfall_wrap::Places;

use super::case::Prediction;
use super::inner::{InnerPrediction, InnerStart};
use super::leaves::in_words;
use super::notes::{Note, absent_harts};
use super::space::{AddressSpace, Content, Kind, Part, Region, Split};

/// The number of parts of a region, and of splits of a size, that are listed.
const MOST_LISTED: usize = 12;

/// Returns the text.
#[must_use]
pub fn text(prediction: &Prediction, space: &AddressSpace) -> String {
    let mut page = Page::default();
    page.heading(prediction);
    page.row("address", "size", "access", "content, from the highest address down");
    for region in space.regions.iter().rev() {
        page.region(region, prediction);
    }
    page.totals(prediction);
    page.0
}

#[derive(Default)]
struct Page(String);

impl Page {
    fn line(&mut self, line: &str) {
        self.0.push_str(line.trim_end());
        self.0.push('\n');
    }

    fn row(&mut self, address: &str, size: &str, access: &str, what: &str) {
        self.line(&format!("  {address:<18}  {size:>11}  {access:<6}  {what}"));
    }

    /// A line with a title.
    fn entry(&mut self, title: &str, text: &str) {
        self.line(&format!("  {title:<12}{text}"));
    }

    fn heading(&mut self, prediction: &Prediction) {
        let Prediction { facts, plan, .. } = prediction;
        let harts = facts.harts.len();
        let refused = match &prediction.inner {
            Some(InnerPrediction::Refused { rule, .. }) => {
                format!(", and refuse the inner kernel by {rule}")
            }
            _ => String::new(),
        };
        self.line(&format!("would land in {}{refused}", plan.mode));
        let ram = facts.ram.as_slice().len();
        let machine = format!(
            "{}, {} of RAM in {}",
            plural(harts, "hart"),
            Bytes(facts.ram.size()),
            plural(ram, "range")
        );
        self.entry("machine", &machine);
        let image = facts.image;
        let image = format!(
            "{} at {}, with {}",
            Bytes(image.size()),
            facts.loaded,
            plural(usize::try_from(prediction.slots).unwrap_or(usize::MAX), "slot")
        );
        self.entry("image", &image);
        self.line("");
    }

    fn region(&mut self, region: &Region, prediction: &Prediction) {
        let address = format!("{:#018x}", region.start);
        let size = Bytes(region.size).to_string();
        let access = if region.parts.is_empty() { "---" } else { "" };
        self.row(&address, &size, access, &title(region, prediction));
        let skip = region.parts.len().saturating_sub(MOST_LISTED);
        for part in region.parts.iter().rev().take(MOST_LISTED) {
            self.part(part);
        }
        if skip != 0 {
            self.row("", "", "", &format!("  and {skip} more below"));
        }
        self.splits(&region.splits);
    }

    fn part(&mut self, part: &Part) {
        let (access, what) = match &part.content {
            Content::Mapped { what, physical, access, leaves } => {
                (access.name(), format!("  {what} at {physical:#x}: {}", in_words(leaves)))
            }
            Content::Hole { why } => ("---", format!("  not mapped: {why}")),
        };
        let size = Bytes(part.size).to_string();
        self.row(&format!("{:#018x}", part.start), &size, access, &what);
    }

    fn splits(&mut self, splits: &[Split]) {
        for size in LeafSize::BY_LEVEL.iter().rev() {
            let of_size = || splits.iter().filter(|split| split.leaf == *size);
            for split in of_size().take(MOST_LISTED) {
                let what = format!("  no leaf of {size}: {}", in_short(&split.causes));
                let bytes = Bytes(size.bytes()).to_string();
                self.row(&format!("{:#018x}", split.start), &bytes, "", &what);
            }
            let more = of_size().count().saturating_sub(MOST_LISTED);
            if more != 0 {
                self.row("", "", "", &format!("  and {more} more without a leaf of {size}"));
            }
        }
    }

    fn totals(&mut self, prediction: &Prediction) {
        let Prediction { facts, policy, plan, .. } = prediction;
        self.line("");
        let leaves = format!(
            "linear map {}; kernel and stacks {}",
            in_words(&plan.linear_leaves),
            in_words(&plan.kernel_leaves)
        );
        self.entry("leaves", &leaves);
        let tables = usize::try_from(plan.table_pages).unwrap_or(usize::MAX);
        self.entry("tables", &format!("{} at {}", plural(tables, "page"), plan.block.start()));
        let tree = match plan.tree {
            TreePlace::Kept => String::new(),
            TreePlace::Copied(at) => format!(", and the device tree's copy at {at}"),
        };
        let taken =
            format!("{} at {} for tables and stacks{tree}", Bytes(plan.block.size()), plan.block.start());
        self.entry("taken", &taken);
        if !facts.crash.is_empty() {
            let crash = facts.crash;
            let reserved = format!("{} at {}, neither mapped nor free", Bytes(crash.size()), crash.start());
            self.entry("crash", &reserved);
        }
        self.entry("KASLR", &kaslr(plan));
        self.entry("in memory", &movement(plan));
        if let Some(inner) = &prediction.inner {
            self.entry("inner", &inner_kernel(inner));
        }
        let open = prediction.notes.iter().any(Note::leaves_boot_hart_open);
        let boots = if open { "is assumed to boot" } else { "boots" };
        self.entry("harts", &format!("{} land; hart {} {boots}", plan.stacks.count, facts.boot_hart));
        let absent: Vec<_> = absent_harts(facts, policy, plan).collect();
        for (hart, why) in absent.iter().take(MOST_LISTED) {
            self.entry("", &format!("hart {hart}: {why}"));
        }
        if let more @ 1.. = absent.len().saturating_sub(MOST_LISTED) {
            self.entry("", &format!("and {more} more"));
        }
        for note in &prediction.notes {
            self.entry("note", &format!("{note} [{}]", note.code()));
        }
    }
}

fn title(region: &Region, prediction: &Prediction) -> String {
    let plan = &prediction.plan;
    match region.kind {
        Kind::LinearMap => {
            let span = plan.linear.span;
            let holes = match region.size - plan.linear.size {
                0 => String::new(),
                holes => format!(" and {} of holes", Bytes(holes)),
            };
            format!("linear map of {span}: {} mapped{holes}", Bytes(plan.linear.size))
        }
        Kind::Near => "near region, for modules and generated code".to_owned(),
        Kind::Kernel => format!("kernel, at {} in memory", plan.image.phys.base),
        Kind::Stacks => {
            let count = usize::try_from(plan.stacks.count).unwrap_or(usize::MAX);
            format!("{} of {}", plural(count, "stack"), Bytes(plan.stacks.size))
        }
        Kind::Dynamic => "dynamic region, for mappings at run time".to_owned(),
        Kind::Window => "window that the policy keeps free for the kernel".to_owned(),
        Kind::Guard => "guard".to_owned(),
        Kind::Unused => "nothing".to_owned(),
    }
}

fn kaslr(plan: &Plan) -> String {
    let mut text = plan.kaslr.to_string();
    if let KaslrState::Random(_) = plan.kaslr {
        let [kernel, linear, physical] = [plan.kernel_bits(), plan.linear_map_bits(), plan.physical_bits()];
        let _ = write!(text, "; kernel {kernel} bits, linear map {linear} bits");
        if physical != 0 {
            let _ = write!(text, ", place in memory {physical} bits");
        }
        if plan.near.size() != 0 {
            let _ = write!(text, ", near region {} bits", plan.near_bits());
        }
        let [dynamic, stacks, tables] = [plan.dynamic_bits(), plan.stacks_bits(), plan.tables_bits()];
        let _ =
            write!(text, ", dynamic region {dynamic} bits, stacks {stacks} bits, page tables {tables} bits");
    }
    text
}

fn inner_kernel(inner: &InnerPrediction) -> String {
    match inner {
        InnerPrediction::Starts(InnerStart { places: Places { virt, phys }, entry }) => format!(
            "the inner kernel starts at {entry}; it lies at {} ({} bits), in memory at {} ({} bits)",
            virt.start,
            virt.places.bits(),
            phys.range.start(),
            phys.places.bits()
        ),
        InnerPrediction::Refused { rule, message } => {
            format!("the inner kernel is refused by {rule}: {message}")
        }
        InnerPrediction::Replaced => "the initrd may replace the inner kernel".to_owned(),
    }
}

fn movement(plan: &Plan) -> String {
    let loaded = plan.physical.loaded;
    match plan.physical.movement {
        Movement::Stays(reason) => format!("the image stays at {loaded}: {reason}"),
        Movement::Moves { to, .. } => format!("the image moves from {loaded} to {to} before it lands"),
    }
}

fn in_short(causes: &[String]) -> String {
    let more = causes.len().saturating_sub(MOST_LISTED);
    let listed = causes.iter().take(MOST_LISTED).cloned().collect::<Vec<_>>().join("; ");
    if more == 0 { listed } else { format!("{listed}; and {more} more reasons") }
}

fn plural(count: usize, thing: &str) -> String {
    if count == 1 { format!("1 {thing}") } else { format!("{count} {thing}s") }
}
