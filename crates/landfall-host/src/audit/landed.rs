//! A landfall kernel that stands at its `main`, and a simulated machine at its end.

use landfall_audit::memory::Missing;
use landfall_audit::plan::Plan;
use landfall_audit::{Mode, Phys, Span};
use landfall_hart::Machine as Simulated;
use landfall_judge::tree::Tree;
use landfall_predict::case::{Case, Outcome, Taken};
use landfall_predict::{json, view};

use super::AuditError;
use super::against::{Against, Scope};
use super::audited::{Audited, finish};
use super::decided;
use super::facts::Facts;
use super::harts::{HartState, Roots, World};
use super::live::{Also, Before, Capture, Held, Pause, Wanted, capture};
use super::snapshot::{Snapshot, Source};
use super::source::Opened;
use crate::gdb::Client;
use crate::report::Report;

/// The name of the plan of a boot.
const PLAN: &str = "the plan of this boot";

/// Audits a machine whose debugger has stopped it at the kernel's `main`, and compares it with the
/// plan of `case`. `tree` is the device tree that the kernel got.
///
/// # Errors
/// [`AuditError`] if the machine cannot be read.
pub fn at_main(gdb: &mut Client, tree: Option<&[u8]>, case: Case) -> Result<Audited, AuditError> {
    let mut held = Held::new(gdb).map_err(|(_, error)| error)?;
    // The seed decides first, and the kernel's memory is the other way.
    let capture = capture(&mut held, &Wanted::OfHarts, Also::Plan)?;
    let mut opened = Opened::captured("the machine at main".to_owned(), capture)?;
    // The machine stands still for other reasons too.
    opened.pause = None;
    let against = match opened.roots.first() {
        Some((root, _)) => against(case, root.mode),
        None => Err("no hart has a root".to_owned()),
    };
    let decided = opened.decided();
    let against = against.or_else(|reason| match decided {
        Ok(decided) => Ok(Against::decided(decided)),
        Err(error) => Err(format!("{reason}; {error}")),
    });
    let against = against.map_err(|reason| opened.notes.push(format!("not compared with a plan: {reason}")));
    let tree = tree.and_then(|tree| Tree::read(tree).ok());
    let plan = match &against {
        Ok(Against::Plan { plan, .. }) => Some(Plan::clone(plan)),
        _ => None,
    };
    Ok(finish(opened, &Facts::of_landing(plan, tree), against.ok().as_ref()))
}

/// Returns the plan of a boot whose machine took `mode`, or the reason for which it is missing.
fn against(mut case: Case, mode: Mode) -> Result<Against, String> {
    if case.seeds.with_assumed_generator(&case.facts).is_some() {
        return Err("the hart's generator gave random bytes that are not known".to_owned());
    }
    case.modes = Taken::Probed(match mode {
        Mode::Sv39 => landfall_paging::Mode::Sv39,
        Mode::Sv48 => landfall_paging::Mode::Sv48,
        Mode::Sv57 => landfall_paging::Mode::Sv57,
    });
    let prediction = match case.predict() {
        Outcome::Lands(prediction) => prediction,
        Outcome::Refuses(refused) => return Err(format!("the plan is a refusal, {refused}")),
    };
    let text = json::object(&prediction, &view::address_space(&prediction)).to_string();
    let plan = Plan::parse(&text).map_err(|error| error.to_string())?;
    let runs = plan.runs().map_err(|error| error.to_string())?.ok_or("the plan has no mappings")?;
    let scope = Scope::default();
    Ok(Against::Plan { name: PLAN.to_owned(), plan: Box::new(plan), runs, scope })
}

/// Audits a simulated machine at the end of its run. The regions are those of the report.
///
/// # Errors
/// [`AuditError`] if no hart uses tables.
pub fn simulated(machine: &mut Simulated, report: Option<&Report>) -> Result<Audited, AuditError> {
    let tree = tree(machine);
    let state = |(index, &id): (usize, &u64)| {
        let state = machine.hart_state(index);
        HartState { id, satp: Some(state.satp), sp: state.x[2], world: World::Host }
    };
    let harts: Vec<_> = machine.config().harts.iter().enumerate().map(state).collect();
    let roots = Roots::of(&harts);
    let tables: Vec<_> = roots.roots.iter().map(|(root, _)| *root).collect();
    let regions = machine.config().regions.iter();
    let memory = regions.map(|region| Span::new(Phys(region.start), region.len)).collect();
    let mut source = Memory { machine, memory };
    let mut snapshot = Snapshot::take(&mut source, &tables)?;
    let decided = decided::find(&mut snapshot, &roots.roots, &mut |span| source.read(&[span]).ok()?.pop());
    let pause = Pause {
        before: Before::Stood { state: "simulated".to_owned() },
        time: None,
        commands: 0,
        bytes: snapshot.bytes(),
    };
    let capture = Capture { harts, roots, format: None, snapshot, pause, decided: Some(decided) };
    let mut opened = Opened::captured("the simulated machine at its end".to_owned(), capture)?;
    opened.pause = None;
    let plan = report.and_then(|report| Plan::parse(&report.clone().into_json().to_string()).ok());
    let mut facts = Facts::of_landing(plan, tree);
    let against = opened.decided().map(Against::decided);
    let against = against.map_err(|reason| opened.notes.push(format!("not compared with a plan: {reason}")));
    if let Ok(against) = &against {
        facts.adopt(against);
    }
    Ok(finish(opened, &facts, against.ok().as_ref()))
}

/// Returns the device tree of a simulated machine.
fn tree(machine: &Simulated) -> Option<Tree> {
    let config = machine.config();
    let (_, bytes) = config.contents.iter().find(|(at, _)| *at == config.tree)?;
    Tree::read(bytes).ok()
}

/// The memory of a simulated machine.
struct Memory<'a> {
    machine: &'a mut Simulated,
    memory: Vec<Span<Phys>>,
}

impl Source for Memory<'_> {
    type Error = Missing;

    fn memory(&self) -> &[Span<Phys>] {
        &self.memory
    }

    fn read(&mut self, spans: &[Span<Phys>]) -> Result<Vec<Vec<u8>>, Missing> {
        let read = |span: &Span<Phys>| {
            let mut bytes = vec![0; usize::try_from(span.size).map_err(|_| Missing::Hole)?];
            self.machine.read_memory(span.start.0, &mut bytes).ok_or(Missing::Hole)?;
            Ok(bytes)
        };
        spans.iter().map(read).collect()
    }
}
