//! Compares a plan of the host with the landing of the machine, bit by bit. The plan is that of
//! `plan --facts`, from a file of facts that `run --dump-facts` writes.
//!
//! This judge uses the planner and the mapper, so it does not judge them; the model does. It checks
//! that a landing is a function of facts, policy and seed, and can be predicted.

use landfall_image::feature::Features;
use landfall_paging::{Mode, PhysAddr, PhysRange};
use landfall_plan::facts::{ImageFacts, OtherHarts};
use landfall_plan::plan::{Movement, TreePlace};
use landfall_plan::planner::ModeLimit;
use landfall_plan::{Draws, Facts, Plan, Policy};
use landfall_tree::Seeds;

use super::image::{Image, Use, at};
use super::moving::Move;
use super::session::{Entry, Lottery, Session};
use landfall_host::report::Report;
use landfall_host::trial::predicted::{self, TableWords};
use landfall_judge::intervals::Interval;
use landfall_judge::tables::Tables;
use landfall_predict::case::Outcome;
use landfall_predict::facts_file::{FactsFile, Probe};
use landfall_predict::seeds::RawSeeds;
use landfall_predict::{json, view};

/// A predicted landing.
#[derive(Debug)]
pub(super) struct Prediction {
    facts: Facts,
    plan: Plan,
    /// The output of `plan --format json`, as an audit reads it.
    written: landfall_audit::plan::Plan,
    draws: Option<Draws>,
    /// The kernel's entropy.
    entropy: Vec<u64>,
    /// The secret from which seeds of next kernels come.
    secret: Vec<u64>,
    /// Every word of every table.
    words: TableWords,
    /// The tree as it should be, without its seeds.
    tree: Vec<u8>,
}

/// Returns the image's parts, by its segments.
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
    /// Predicts the landing of a kernel that is entered with these inputs.
    pub(super) fn new(image: &Image, entry: &Entry, inputs: Inputs<'_>, levels: u32) -> Result<Self, String> {
        let Inputs { tree, generated } = inputs;
        let mode = match levels {
            3 => Mode::Sv39,
            4 => Mode::Sv48,
            _ => Mode::Sv57,
        };
        let record = image.flat.get(image.policy_offset()..).and_then(<[u8]>::first_chunk);
        let policy = Policy::from_record(record.ok_or("the policy record is cut off")?)
            .map_err(|error| error.to_string())?;
        let (facts, seeds) = read_facts(image, entry, tree).map_err(|error| error.to_string())?;
        let limit = ModeLimit::new(&facts, &policy).map_err(|error| error.to_string())?;
        if !limit.modes().any(|allowed| allowed == mode) {
            return Err(format!("{mode} is not one of the modes to try, from {} down", limit.best));
        }
        let mut tree = tree.to_vec();
        let (mut facts, plan, written) = through_a_file(facts, &policy, mode, seeds, inputs)?;
        let entropy = seeds.take(&mut tree, &mut facts, generated);
        let draws = entropy.as_ref().map(|entropy| entropy.draws.clone());
        let words = TableWords::of(&plan, &facts)?;
        let secret = entropy.as_ref().map(|entropy| entropy.secret().to_vec()).unwrap_or_default();
        let entropy =
            entropy.and_then(|entropy| entropy.kernel().map(|words| words.to_vec())).unwrap_or_default();
        Ok(Self { facts, plan, written, draws, entropy, secret, words, tree })
    }

    /// Compares the image's place and its move.
    pub(super) fn check_move(&self, base: u64, moved: Option<&Move>) -> Vec<String> {
        let physical = self.plan.physical;
        let mut findings = Vec::new();
        if physical.base().get() != base {
            findings.push(format!("the image lands at {base:#x}; the prediction is {}", physical.base()));
        }
        let copier = match physical.movement {
            Movement::Moves { copier, .. } => Some(copier.get()),
            Movement::Stays(_) => None,
        };
        if moved.map(|moved| moved.copier.start) != copier {
            findings.push(format!("the move was {moved:x?}; the prediction is {:?}", physical.movement));
        }
        if let Some(moved) = moved
            && moved.entropy != self.entropy
        {
            findings.push("the kernel's entropy differs from the prediction".to_owned());
        }
        findings
    }

    /// Compares every word of every table, and the place of each table.
    pub(super) fn check_tables(&self, tables: &Tables) -> Vec<String> {
        self.words.check(&self.plan, tables)
    }

    /// Returns the kernel's virtual address.
    pub(super) const fn kernel(&self) -> u64 {
        self.plan.image.virt.get()
    }

    /// Returns the plan as an audit reads it.
    pub(super) const fn written(&self) -> &landfall_audit::plan::Plan {
        &self.written
    }

    /// Returns the place of the tree's copy.
    pub(super) fn tree_copy(&self) -> Option<Interval> {
        match self.plan.tree {
            TreePlace::Kept => None,
            TreePlace::Copied(to) => Some(Interval::new(to.get(), self.tree.len() as u64).pages_touched()),
        }
    }

    /// Compares the tree in its place, without seeds.
    pub(super) fn check_tree(&self, session: &mut Session, entry: &Entry) -> Result<Vec<String>, String> {
        let place = self.tree_copy().map_or(entry.tree_at, |copy| copy.start);
        let found = session.read(place, self.tree.len() as u64)?;
        let is_right = found == self.tree;
        Ok((!is_right)
            .then(|| format!("the tree at {place:#x} differs from the prediction"))
            .into_iter()
            .collect())
    }

    /// Returns the values that a move must not leave behind; none if nothing was random.
    pub(super) fn secrets(&self) -> Vec<u64> {
        let Some(draws) = &self.draws else { return Vec::new() };
        if self.plan.linear_map_bits() + self.plan.kernel_bits() + self.plan.physical_bits() == 0 {
            return Vec::new();
        }
        let (draws, entropy) = (words(draws), &self.entropy);
        draws.into_iter().chain(entropy.iter().copied()).chain(self.secret.iter().copied()).collect()
    }

    /// Returns the draws and the kernel's entropy.
    pub(super) fn draws_and_entropy(&self) -> (Vec<u64>, Vec<u64>) {
        let draws = self.draws.as_ref().map(|draws| words(draws).to_vec());
        (draws.unwrap_or_default(), [&self.entropy[..], &self.secret].concat())
    }

    /// Compares the report with the plan.
    pub(super) fn check_report(&self, report: &Report) -> Vec<String> {
        predicted::check_report(&self.plan, &self.facts, report)
    }
}

/// Returns the draw for each place.
const fn words(draws: &Draws) -> [u64; 7] {
    let Draws { linear_map, kernel, physical, near, dynamic, stacks, tables, .. } = *draws;
    [linear_map, kernel, physical, near, dynamic, stacks, tables]
}

/// Writes the facts to a file, reads them from it, and predicts: the same as `--dump-facts` and
/// `--facts`.
fn through_a_file(
    facts: Facts,
    policy: &Policy,
    mode: Mode,
    seeds: Seeds,
    inputs: Inputs<'_>,
) -> Result<(Facts, Plan, landfall_audit::plan::Plan), String> {
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
        Outcome::Lands(prediction) => {
            let text = json::object(&prediction, &view::address_space(&prediction)).to_string();
            let written = landfall_audit::plan::Plan::parse(&text).map_err(|error| error.to_string())?;
            Ok((prediction.facts, prediction.plan, written))
        }
        Outcome::Refuses(refused) => Err(format!("the prediction is a refusal: {refused}")),
    }
}

/// Returns the facts that the kernel finds: those of the tree, and those that the tests know about
/// its firmware.
fn read_facts(image: &Image, entry: &Entry, tree: &[u8]) -> Result<(Facts, Seeds), landfall_plan::Refusal> {
    let mut facts = Facts::UNKNOWN;
    (facts.image, facts.boot_hart) = (image_facts(image), entry.hart);
    facts.loaded = PhysAddr::new(entry.base);
    facts.tree = PhysRange::new(PhysAddr::new(entry.tree_at), tree.len() as u64);
    let seeds = landfall_tree::Tree::read(tree, &mut facts)?.seeds;
    if entry.lottery == Lottery::Kernel && facts.harts.len() > 1 {
        facts.other_harts = OtherHarts::InImage;
    }
    Ok((facts, seeds))
}
