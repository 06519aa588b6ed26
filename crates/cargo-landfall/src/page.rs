//! `--format html`: the explorer's page, with one document or two.

use std::path::Path;

use landfall_explorer::document::{Base, Document, Kind, Symbol, Symbols};
use landfall_explorer::request::{self, Board, Facts, Kernel, Machine, Request, Saved, Virt};
use landfall_explorer::{Bytes, answer, page};
use landfall_host::plan::{PlanRequest, Source};
use landfall_host::request::BootRequest;
use landfall_host::symbols::Linked;
use landfall_host::user_file::{self, Limit};
use landfall_host::{output, place};
use landfall_plan::Plan;
use landfall_predict::board::{Loading, read_tree};
use landfall_predict::case::Case;
use landfall_predict::facts_file::{FactsFile, Probe};
use landfall_predict::hex::hex;
use landfall_predict::policy::Change;
use landfall_predict::{Randomness, facts_file};
use serde_json::Value;

use crate::failure::Failure;

/// Prints the page of a document, or of its comparison with another.
pub(crate) fn print(before: Option<Document>, document: Document) {
    let documents: Vec<_> = before.into_iter().chain([document]).collect();
    output::result(page::page(&documents).trim_end());
}

/// Reads a plan or an audit in JSON.
///
/// # Errors
/// [`Failure::Document`] if the file is neither, or one that a page cannot show.
pub(crate) fn saved(path: &Path) -> Result<Document, Failure> {
    let wrong = |reason: String| Failure::Document { path: path.to_owned(), reason };
    let text = user_file::read(path, Limit::DOCUMENT).map_err(|error| wrong(error.to_string()))?;
    let json = serde_json::from_slice(&text).map_err(|error| wrong(error.to_string()))?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    Document::of_json(&name, json).map_err(|error| wrong(error.to_string()))
}

/// Returns the document of an audit in JSON. The kernel's symbols are at the image that was found.
///
/// # Errors
/// [`Failure::Output`] if it is not JSON, which would be a defect of the audit.
pub(crate) fn of_audit(json: &[u8], linked: Option<&Linked>) -> Result<Document, Failure> {
    let json: Value =
        serde_json::from_slice(json).map_err(|error| Failure::Output { source: error.into() })?;
    let symbols = linked.zip(image(&json)).map(|(linked, image)| symbols(Base::At(image), linked));
    let source = json["source"]["name"].as_str();
    let title = source.map_or_else(|| "audit".to_owned(), |source| format!("audit of {source}"));
    Ok(Document { kind: Kind::Audit, title, json, request: None, command: None, symbols })
}

/// Returns the first address of an audit's image.
fn image(audit: &Value) -> Option<u64> {
    let roots = audit["roots"].as_array()?;
    let mut regions = roots.iter().filter_map(|root| root["regions"].as_array()).flatten();
    let image = regions.find(|region| region["kind"] == landfall_audit::Kind::Image.name())?;
    u64::from_str_radix(image["virtual"].as_str()?.strip_prefix("0x")?, 16).ok()
}

fn symbols(base: Base, linked: &Linked) -> Symbols {
    let of = |(offset, symbol): (u64, &landfall_host::symbols::Symbol)| Symbol {
        name: symbol.name.clone(),
        offset,
        size: symbol.size,
    };
    Symbols::of(base, linked.offsets().map(of).collect())
}

/// Returns the document of a plan. It has a request if a page can make the same plan.
pub(crate) fn of_plan(
    request: &PlanRequest,
    policy: &[Change],
    case: Option<&Case>,
    json: Value,
) -> Document {
    let name = request.kernel.name.as_deref().or(request.kernel.package.as_deref()).unwrap_or_default();
    let found = case.and_then(|case| {
        let policy: Vec<_> = policy.iter().map(ToString::to_string).collect();
        let machines = machines(&request.source, case).into_iter();
        let requests = machines.map(|machine| {
            // Facts have the kernel of their boot.
            let keeps = matches!((&machine, &request.source), (Machine::Facts(_), Source::Facts(_)));
            let kernel = Saved::of(name, &case.kernel()).filter(|_| !(keeps && request.kernel.is_default()));
            Request { kernel: kernel.map(Kernel::Blueprint), machine, policy: policy.clone() }
        });
        requests.into_iter().find_map(|request| {
            let answer = answer(&request).ok().filter(|answer| same(&answer["plan"], &json))?;
            Some((request, answer["command"].as_str()?.to_owned()))
        })
    });
    let (found, command) = found.unzip();
    let title = if name.is_empty() { "plan".to_owned() } else { format!("plan of {name}") };
    // Facts alone name no kernel.
    let is_named = !matches!(&request.source, Source::Facts(_)) || !request.kernel.is_default();
    let linked = Some(&request.kernel).filter(|_| is_named).and_then(Linked::of_kernel);
    let symbols = linked.map(|linked| symbols(Base::Plan, &linked));
    Document { kind: Kind::Plan, title, json, request: found, command, symbols }
}

/// Returns true if two plans differ in notes or in the boot hart alone: firmware lets harts race.
fn same(plan: &Value, other: &Value) -> bool {
    let essence = |plan: &Value| {
        let mut plan = plan.clone();
        plan["notes"] = Value::Null;
        if let Some(harts) = plan["harts"].as_object_mut() {
            harts.remove("boot");
        }
        plan
    };
    essence(plan) == essence(other)
}

/// Returns the machines that a page may have for `source`, the one with most settings first.
fn machines(source: &Source, case: &Case) -> Vec<Machine> {
    match source {
        Source::Facts(path) => facts(path).into_iter().collect(),
        Source::Tree { path, loading } => board(path, loading).into_iter().collect(),
        Source::Machine(boot) => virt(boot, case).into_iter().chain(dumped(boot, case)).collect(),
    }
}

fn facts(path: &Path) -> Option<Machine> {
    let facts = facts_file::read(path).ok()?.to_json();
    Some(Machine::Facts(Facts { facts, file: Some(file_name(path)) }))
}

fn board(path: &Path, loading: &Loading) -> Option<Machine> {
    let text =
        |extent: &landfall_predict::units::Extent| format!("{}:{}", extent.base, request::size(extent.size));
    let texts = |extents: &[_]| extents.iter().map(text).collect();
    Some(Machine::Board(Box::new(Board {
        tree: Some(Bytes(read_tree(path).ok()?)),
        file: Some(file_name(path)),
        memory: texts(&loading.memory),
        reserve: texts(&loading.reserve),
        no_map: texts(&loading.no_map),
        at: loading.at.map(|at| at.to_string()),
        tree_at: loading.tree_at.map(|at| at.to_string()),
        boot_hart: loading.boot_hart,
        initrd: loading.initrd.as_ref().map(text),
        memory_types: loading.memory_types.map(|types| types.to_string()),
        mode: loading.mode.map(|mode| mode.name().to_owned()),
        seed: seed(loading.randomness),
        append: loading.append.clone(),
        name: None,
    })))
}

/// Returns the `virt` machine with the seed of this boot.
fn virt(boot: &BootRequest, case: &Case) -> Option<Machine> {
    let of_boot = || Some(format!("rng:{}", hex(case.seeds.rng.as_ref()?)));
    Some(Machine::Virt(Virt {
        memory: Some(request::size(boot.memory)),
        harts: Some(boot.harts.get().into()),
        mode: boot.mode.map(|mode| mode.name().to_owned()),
        seed: Some(seed(boot.randomness).or_else(of_boot)?),
        append: boot.append.clone(),
        at: boot.at.filter(|at| *at != place::DEFAULT).map(|at| at.to_string()),
    }))
}

/// Returns the facts of a machine with arguments of its own, as `run --dump-facts` writes them.
fn dumped(boot: &BootRequest, case: &Case) -> Option<Machine> {
    let nokaslr = (boot.randomness == Randomness::Off).then_some("nokaslr");
    let words: Vec<_> = boot.append.as_deref().into_iter().chain(nokaslr).collect();
    let file = FactsFile {
        plan_version: Plan::VERSION,
        facts: case.facts.clone(),
        command_line: words.join(" ").into_bytes(),
        policy: case.policy.ok()?,
        missing: case.missing,
        slots: case.slots,
        probe: Probe::NotRun,
        seeds: case.seeds.clone(),
    };
    Some(Machine::Facts(Facts { facts: file.to_json(), file: None }))
}

fn seed(randomness: Randomness) -> Option<String> {
    match randomness {
        Randomness::Seed(seed) => Some(seed.to_string()),
        Randomness::Off => Some("off".to_owned()),
        Randomness::Fresh => None,
    }
}

fn file_name(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
