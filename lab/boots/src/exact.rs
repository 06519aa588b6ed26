//! Whether a plan made on the host, of what the kernel was given, is exactly what the machine did: as `plan --facts` makes it, from a file of facts as
//! `run --dump-facts` writes it.
//!
//! This judge does use the planner and the mapper: it says nothing of whether they are right, which is for the model to say, but that a landing is a
//! function of facts, policy and seed, and can be foretold.

use std::collections::BTreeMap;

use landfall_image::feature::Features;
use landfall_paging::{
    Entry as TableEntry, LeafCount, LeafSize, Mapper, Mode, PhysAddr, PhysRange, TableMemory,
};
use landfall_plan::planner::ModeLimit;
use landfall_plan::{Draws, Facts, ImageFacts, Movement, OtherHarts, Plan, Policy, TreePlace};
use landfall_tree::Seeds;

use super::image::{Image, Use, at};
use super::moving::Move;
use super::reported::number;
use super::session::{Entry, Lottery, Session};
use landfall_host::report::Report;
use landfall_judge::intervals::Interval;
use landfall_judge::tables::Tables;
use landfall_predict::case::Outcome;
use landfall_predict::facts_file::{FactsFile, Probe};
use landfall_predict::seeds::RawSeeds;

/// A landing, foretold.
#[derive(Debug)]
pub(super) struct Prediction {
    facts: Facts,
    plan: Plan,
    draws: Option<Draws>,
    /// The kernel's entropy.
    entropy: Vec<u64>,
    /// Every word of every table.
    words: Words,
    /// The tree as it should be, without its seeds.
    tree: Vec<u8>,
}

/// Tables in the host's memory, word by word.
#[derive(Debug, Default)]
struct Words(BTreeMap<u64, u64>);

impl TableMemory for &mut Words {
    fn write_run(&mut self, at: PhysAddr, first: TableEntry, step: u64, count: usize) {
        let entries = (0..count as u64).map(|index| first.bits().wrapping_add(index * step));
        self.0.extend((at.get()..).step_by(8).zip(entries));
    }
}

/// The image's parts, by its segments.
fn image_facts(image: &Image) -> ImageFacts {
    let size = |use_for| {
        let segments = image.segments.iter().filter(|segment| segment.use_for == use_for);
        segments.map(|segment| segment.size).sum()
    };
    ImageFacts {
        text: size(Use::Text),
        constants: size(Use::Constants),
        early: size(Use::Early),
        data: size(Use::Data),
    }
}

/// The bytes that a landing draws from.
#[derive(Clone, Copy)]
pub(super) struct Inputs<'a> {
    /// The device tree, before the kernel changes it.
    pub(super) tree: &'a [u8],
    /// The bytes of the boot hart's generator.
    pub(super) generated: &'a [u8],
}

impl Prediction {
    /// Returns the landing that must come of a kernel that is entered with these inputs.
    pub(super) fn new(image: &Image, entry: &Entry, inputs: Inputs<'_>, levels: u32) -> Result<Self, String> {
        let Inputs { tree, generated } = inputs;
        let mode = match levels {
            3 => Mode::Sv39,
            4 => Mode::Sv48,
            _ => Mode::Sv57,
        };
        let record = image.flat.get(image.policy()..).and_then(<[u8]>::first_chunk);
        let policy = Policy::from_record(record.ok_or("the policy record is cut off")?)
            .map_err(|error| error.to_string())?;
        let (facts, seeds) = read_facts(image, entry, tree).map_err(|error| error.to_string())?;
        let limit = ModeLimit::new(&facts, &policy).map_err(|error| error.to_string())?;
        if !limit.modes().any(|allowed| allowed == mode) {
            return Err(format!("{mode} is none of the modes to try, from {} down", limit.best));
        }
        let mut tree = tree.to_vec();
        let (mut facts, plan) = through_a_file(facts, &policy, mode, seeds, inputs)?;
        let entropy = seeds.take(&mut tree, &mut facts, generated);
        let draws = entropy.as_ref().map(|entropy| entropy.draws.clone());
        let mut words = Words::default();
        let mut mapper = Mapper::new(mode, plan.format, &mut words, plan.block.start(), plan.table_pages)
            .map_err(|error| error.to_string())?;
        plan.mappings(&facts)
            .try_for_each(|mapping| mapper.map(mapping))
            .map_err(|error| error.to_string())?;
        mapper.finish();
        let entropy =
            entropy.and_then(|entropy| entropy.kernel().map(|words| words.to_vec())).unwrap_or_default();
        Ok(Self { facts, plan, draws, entropy, words, tree })
    }

    /// The image's place, and how it came there.
    pub(super) fn check_move(&self, base: u64, moved: Option<&Move>) -> Vec<String> {
        let physical = self.plan.physical;
        let mut findings = Vec::new();
        if physical.base().get() != base {
            findings.push(format!("the image lands at {base:#x}, and {} was foretold", physical.base()));
        }
        let copier = match physical.movement {
            Movement::Moves { copier, .. } => Some(copier.get()),
            Movement::Stays(_) => None,
        };
        if moved.map(|moved| moved.copier.start) != copier {
            findings.push(format!("the move was {moved:x?}, and foretold was {:?}", physical.movement));
        }
        if let Some(moved) = moved
            && moved.entropy != self.entropy
        {
            findings.push("the kernel's entropy is not the one that was foretold".to_owned());
        }
        findings
    }

    /// Every word of every table, and where each table lies.
    pub(super) fn check_tables(&self, tables: &Tables) -> Vec<String> {
        let mut findings = Vec::new();
        let (root, first) = (tables.root.table, self.plan.block.start().get());
        if root != first {
            findings.push(format!("the root lies at {root:#x}, and {first:#x} was foretold"));
        }
        let foretold: Vec<_> = (0..self.plan.table_pages).map(|page| first + page * 4096).collect();
        let found: Vec<_> = tables.pages.keys().copied().collect();
        if found != foretold {
            findings.push(format!("tables lie at {found:x?}, and foretold was {foretold:x?}"));
        }
        for (page, bytes) in &tables.pages {
            for (word, address) in bytes.as_chunks().0.iter().zip((*page..).step_by(8)) {
                let found = u64::from_le_bytes(*word);
                // A word of a page that is no table of the plan's is told of above.
                let foretold = self.words.0.get(&address).copied().unwrap_or_default();
                if found != foretold {
                    findings.push(format!(
                        "the entry at {address:#x} is {found:#018x}, and {foretold:#018x} was foretold"
                    ));
                }
            }
        }
        findings.truncate(5);
        findings
    }

    /// Where the tree has been copied to.
    pub(super) fn tree_copy(&self) -> Option<Interval> {
        match self.plan.tree {
            TreePlace::Kept => None,
            TreePlace::Copied(to) => Some(Interval::new(to.get(), self.tree.len() as u64).pages_touched()),
        }
    }

    /// The tree in its place, without seeds.
    pub(super) fn check_tree(&self, session: &mut Session, entry: &Entry) -> Result<Vec<String>, String> {
        let place = self.tree_copy().map_or(entry.tree_at, |copy| copy.start);
        let found = session.read(place, self.tree.len() as u64)?;
        let is_right = found == self.tree;
        Ok((!is_right).then(|| format!("the tree at {place:#x} is not as foretold")).into_iter().collect())
    }

    /// What must not be left behind by a move; empty where nothing was drawn.
    pub(super) fn secrets(&self) -> Vec<u64> {
        let Some(draws) = &self.draws else { return Vec::new() };
        if self.plan.linear_map_bits() + self.plan.kernel_bits() + self.plan.physical_bits() == 0 {
            return Vec::new();
        }
        let (draws, entropy) = (words(draws), &self.entropy);
        draws.into_iter().chain(entropy.iter().copied()).collect()
    }

    /// What was drawn, and the kernel's entropy.
    pub(super) fn draws_and_entropy(&self) -> (Vec<u64>, Vec<u64>) {
        let draws = self.draws.as_ref().map(|draws| words(draws).to_vec());
        (draws.unwrap_or_default(), self.entropy.clone())
    }

    /// What the report tells of the plan.
    pub(super) fn check_report(&self, report: &Report) -> Vec<String> {
        let plan = &self.plan;
        let span = plan.linear.virt(plan.linear.span.start()).get();
        let mut foretold: Vec<(String, u64)> = [
            ("/kernel/physical", plan.image.phys.base.get()),
            ("/kernel/loaded", plan.physical.loaded.get()),
            ("/kernel/virtual", plan.image.virt.get()),
            ("/kernel/size", plan.image.phys.size()),
            ("/linear_map/virtual", span),
            ("/linear_map/physical", plan.linear.span.start().get()),
            ("/linear_map/size", plan.linear.size),
            ("/table_pages", plan.table_pages),
            ("/near/virtual", plan.near.start().get()),
            ("/near/size", plan.near.size()),
            ("/dynamic/virtual", plan.dynamic.start().get()),
            ("/dynamic/size", plan.dynamic.size()),
            ("/stacks/virtual", plan.stacks.virt.get()),
            ("/stacks/size", plan.stacks.range().size()),
            ("/kaslr/near_bits", plan.near_bits().into()),
            ("/kaslr/dynamic_bits", plan.dynamic_bits().into()),
            ("/kaslr/stacks_bits", plan.stacks_bits().into()),
            ("/kaslr/tables_bits", plan.tables_bits().into()),
            ("/kaslr/seed_bits", plan.seed.map_or(0, |seed| seed.bits).into()),
            ("/kaslr/kernel_bits", plan.kernel_bits().into()),
            ("/kaslr/linear_map_bits", plan.linear_map_bits().into()),
            ("/kaslr/physical_bits", plan.physical_bits().into()),
            ("/harts/boot", self.facts.boot_hart),
        ]
        .map(|(key, value)| (key.to_owned(), value))
        .into();
        foretold.extend(leaves("/linear_map", &plan.linear_leaves));
        foretold.extend(leaves("/kernel", &plan.kernel_leaves));
        let wrong = foretold.into_iter().filter_map(|(key, foretold)| {
            let found = number(report, &key);
            (found != Some(foretold))
                .then(|| format!("the report has {found:x?} for {key}, and foretold was {foretold:#x}"))
        });
        let mut findings: Vec<_> = wrong.collect();
        if report.get("/kaslr/reason").is_none_or(|reason| *reason != plan.kaslr.to_string()) {
            findings.push(format!("the report's reason is not \"{}\", which was foretold", plan.kaslr));
        }
        if let Movement::Stays(reason) = plan.physical.movement
            && reason != landfall_plan::StayReason::NotWanted
            && !report.get("/notes").is_some_and(|notes| notes.to_string().contains(&reason.to_string()))
        {
            findings.push(format!("the report does not say that the image stayed because {reason}"));
        }
        findings
    }
}

/// What was drawn for each place.
const fn words(draws: &Draws) -> [u64; 7] {
    let Draws { linear_map, kernel, physical, near, dynamic, stacks, tables, .. } = *draws;
    [linear_map, kernel, physical, near, dynamic, stacks, tables]
}

fn leaves(part: &str, count: &LeafCount) -> Vec<(String, u64)> {
    LeafSize::ALL.map(|size| (format!("{part}/leaves/{size}"), count[size].into())).into()
}

/// Writes the facts down, reads them back, and predicts from that: what a user of `--dump-facts` and `--facts` gets.
fn through_a_file(
    facts: Facts,
    policy: &Policy,
    mode: Mode,
    seeds: Seeds,
    inputs: Inputs<'_>,
) -> Result<(Facts, Plan), String> {
    let Inputs { tree, generated } = inputs;
    let line = facts.command_line;
    let start = at(line.start().wrapping_offset_from(facts.tree.start()));
    let line = tree.get(start..).and_then(|rest| rest.get(..at(line.size()))).unwrap_or_default();
    let zkr = Some(generated.to_vec()).filter(|generated| !generated.is_empty());
    let seeds = RawSeeds { zkr, ..RawSeeds::of(&seeds, tree) };
    let command_line = line.to_vec();
    let written = FactsFile {
        plan_version: Plan::VERSION,
        facts,
        command_line,
        policy: *policy,
        missing: Features::NONE,
        slots: 0,
        probe: Probe::Took(mode),
        seeds,
    };
    let text = format!("{:#}\n", written.to_json());
    let read =
        FactsFile::parse(text.as_bytes()).map_err(|error| format!("the facts, written down: {error}"))?;
    match read.case(None).predict() {
        Outcome::Lands(prediction) => Ok((prediction.facts, prediction.plan)),
        Outcome::Refuses(refused) => Err(format!("foretold was a refusal: {refused}")),
    }
}

/// The facts, as the kernel finds them: in the tree, and by what the tests know of its firmware.
fn read_facts(image: &Image, entry: &Entry, tree: &[u8]) -> Result<(Facts, Seeds), landfall_plan::Refusal> {
    let mut facts = Facts::UNKNOWN;
    (facts.image, facts.boot_hart) = (image_facts(image), entry.hart);
    facts.loaded = PhysAddr::new(entry.base);
    facts.tree = PhysRange::new(PhysAddr::new(entry.tree_at), tree.len() as u64);
    let seeds = landfall_tree::Tree::new(tree)?.read(&mut facts)?.seeds;
    if entry.lottery == Lottery::Kernel && facts.harts.len() > 1 {
        facts.other_harts = OtherHarts::InImage;
    }
    Ok((facts, seeds))
}
