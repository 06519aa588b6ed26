//! The steps of an audit, in their order.

use landfall_audit::search::search;
use landfall_audit::{Audit, Format, Origin, Request, Root, RootAudit, audit};

use super::AuditError;
use super::against::{Against, Compared};
use super::facts::Facts;
use super::harts::{NoRoot, in_use, stacks};
use super::live::Pause;
use super::notes::in_core;
use super::request::{AuditRequest, Comparison, Source};
use super::searched::Searched;
use super::source::Opened;
use crate::progress::Line;

/// An audit of a source.
#[derive(Clone, Debug)]
pub struct Audited {
    /// The name of the source.
    pub source: String,
    /// The audit.
    pub audit: Audit,
    /// The harts that use no root, and the reasons.
    pub without: Vec<(u64, NoRoot)>,
    /// The pause of a live machine.
    pub pause: Option<Pause>,
    /// Facts about the source that a user should know.
    pub notes: Vec<String>,
    /// The name of the expected address space, and the differences from it.
    pub compared: Option<(String, Vec<Compared>)>,
}

impl Audited {
    /// Returns the number of all findings.
    #[must_use]
    pub fn findings(&self) -> u64 {
        self.audit.findings.total()
    }

    /// Returns the number of all differences.
    #[must_use]
    pub fn differences(&self) -> u64 {
        let compared = self.compared.iter().flat_map(|(_, compared)| compared);
        compared.map(Compared::count).sum()
    }
}

/// Audits a source. Files are read before a live machine is stopped.
///
/// # Errors
/// [`AuditError`] if there is nothing to audit.
pub fn audited(request: &AuditRequest) -> Result<Audited, AuditError> {
    let mut against = match &request.against {
        Some(Comparison::File(path)) => Some(Against::read(path)?),
        Some(Comparison::Plan) | None => None,
    };
    let mut facts = Facts::read(&request.hints)?;
    let mut opened = Opened::of(request)?;
    if opened.roots.is_empty() {
        let line = Line::on_terminal();
        let found = search(&mut Searched::new(&mut opened.memory, line), facts.format(None));
        opened.notes.push(format!(
            "the roots are guesses: a search found {} in {} bytes",
            found.roots.len(),
            found.bytes
        ));
        opened.roots = found.roots.into_iter().map(|root| (root, Origin::Guess)).collect();
        keep_used(&mut opened, facts.format(None));
    }
    if let (Source::Core(path) | Source::Raw { path, .. }, []) = (&request.source, opened.roots.as_slice()) {
        return Err(AuditError::NoneFound { path: path.clone() });
    }
    if request.against == Some(Comparison::Plan) {
        against = Some(Against::decided(opened.decided()?));
    }
    if let Some(against) = &against {
        facts.adopt(against);
    }
    Ok(finish(opened, &facts, against.as_ref()))
}

/// Keeps the guesses that the harts of a core can have used: they map the code at `pc` and the
/// stack at `sp` of one. Without such a guess all stay.
fn keep_used(opened: &mut Opened, format: Format) {
    let Opened { memory, roots, stopped, .. } = opened;
    let mut is_used = |root: Root| {
        let request = Request { roots: vec![(root, Origin::Guess)], format, ..Request::default() };
        let result = audit(memory, &request);
        stopped.iter().any(|hart| hart.can_use(&result.roots[0].runs))
    };
    let used: Vec<_> = roots.iter().filter(|(root, _)| is_used(*root)).cloned().collect();
    if used.is_empty() {
        if !stopped.is_empty() {
            opened
                .notes
                .push("none of these roots maps the pc and the sp that the core has of a hart".into());
        }
        return;
    }
    opened.notes.push(format!(
        "{} of these roots map the pc and the sp that the core has of a hart; others are left out",
        used.len()
    ));
    opened.roots = used;
}

/// Audits a source that is open.
pub(super) fn finish(opened: Opened, facts: &Facts, against: Option<&Against>) -> Audited {
    let Opened {
        name: source,
        mut memory,
        roots,
        harts,
        without,
        format,
        pause,
        stopped,
        ram,
        mut notes,
        ..
    } = opened;
    let known = facts.known(&ram, roots.first().map(|(root, _)| root.mode));
    let format = facts.format(format);
    let mut request = Request { roots, format, known, ..Request::default() };
    let mut result = audit(&mut memory, &request);
    // Places that only the tables state, for a second audit of the same tables.
    let mut is_refined = false;
    if let (Some(image), Some(root)) = (&facts.image, result.roots.first()) {
        is_refined = image.refine(&mut request.known, root);
        if !is_refined {
            notes.push("the symbols are not used: the first root has no image of Linux".to_owned());
        }
    }
    if is_refined {
        result = audit(&mut memory, &request);
    }
    if request.known.stacks.is_empty() {
        let mut used = in_use(&harts, &result);
        used.extend(in_core(&stopped, &result));
        result.check_stacks(&stacks(used, &result));
    }
    let without_mapping = |root: &&RootAudit| root.runs.is_empty() && root.inherited.is_empty();
    for root in result.roots.iter().filter(without_mapping) {
        let Root { mode, table } = root.root;
        notes.push(format!("the root {table} of {mode} maps nothing; is this its address, and its mode?"));
    }
    notes.extend(against.and_then(|against| against.note(&result)));
    let compared = against.map(|against| (against.name().to_owned(), against.compare(&result)));
    Audited { source, audit: result, without, pause, notes, compared }
}
