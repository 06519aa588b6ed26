//! The memory of a source, with its roots.

use std::fs::File;
use std::io::{BufReader, Read as _};
use std::path::Path;

use landfall_audit::memory::{CoreFile, Memory, Missing, Page, Raw};
use landfall_audit::{Format, Origin, Phys, Root, Span};
use object::elf::{ELFMAG, ET_CORE};

use super::AuditError;
use super::decided::{self, Decided, NoDecisions};
use super::files::{self, unreadable};
use super::harts::{HartState, NoRoot, Roots};
use super::live::{Also, Capture, Gdb, Machine, Pause, Qmp, Wanted, capture};
use super::notes::{Notes, Stopped};
use super::request::{AuditRequest, Comparison, Source};
use super::snapshot::Snapshot;

/// A source that is ready to be audited.
#[derive(Debug)]
pub(super) struct Opened {
    /// Its name.
    pub(super) name: String,
    /// Its memory.
    pub(super) memory: Pages,
    /// The roots. Without one they are to be searched.
    pub(super) roots: Vec<(Root, Origin)>,
    /// The harts of a live machine.
    pub(super) harts: Vec<HartState>,
    /// The harts that use no root.
    pub(super) without: Vec<(u64, NoRoot)>,
    /// The format of entries, if a live machine states it.
    pub(super) format: Option<Format>,
    /// The pause of a live machine.
    pub(super) pause: Option<Pause>,
    /// The harts of a core, by its notes.
    pub(super) stopped: Vec<Stopped>,
    /// All RAM, if the source has all of it.
    pub(super) ram: Vec<Span<Phys>>,
    /// Facts about the source that a user should know.
    pub(super) notes: Vec<String>,
    /// The plan of a live machine, which was read while it stood still.
    decided: Option<Result<Decided, NoDecisions>>,
}

/// Memory of any source.
#[derive(Debug)]
pub(super) enum Pages {
    Snapshot(Snapshot),
    Core(CoreFile<BufReader<File>>),
    Raw(Raw<BufReader<File>>),
}

impl Memory for Pages {
    fn read(&mut self, at: Phys, page: &mut Page) -> Result<(), Missing> {
        match self {
            Self::Snapshot(memory) => memory.read(at, page),
            Self::Core(memory) => memory.read(at, page),
            Self::Raw(memory) => memory.read(at, page),
        }
    }

    fn spans(&self) -> Vec<Span<Phys>> {
        match self {
            Self::Snapshot(memory) => memory.spans(),
            Self::Core(memory) => memory.spans(),
            Self::Raw(memory) => memory.spans(),
        }
    }
}

impl Opened {
    /// Opens the source of a request. A live machine is read and goes on.
    ///
    /// # Errors
    /// [`AuditError`] if it cannot be read.
    pub(super) fn of(request: &AuditRequest) -> Result<Self, AuditError> {
        match &request.source {
            Source::Qmp(endpoint) => {
                live(format!("QMP at {endpoint}"), &mut Qmp::connect(endpoint)?, request)
            }
            Source::Gdb(endpoint) => {
                live(format!("gdb at {endpoint}"), &mut Gdb::new(endpoint.clone()), request)
            }
            Source::Core(path) => core(path, request),
            Source::Raw { path, base } => {
                let name = format!("{} from {base} on", path.display());
                Ok(Self::file(name, Pages::Raw(raw(path, *base)?), request))
            }
        }
    }

    fn file(name: String, memory: Pages, request: &AuditRequest) -> Self {
        let roots = request.roots.iter().map(|root| (*root, Origin::Given)).collect();
        Self {
            name,
            memory,
            roots,
            harts: Vec::new(),
            without: Vec::new(),
            format: None,
            pause: None,
            stopped: Vec::new(),
            ram: Vec::new(),
            notes: Vec::new(),
            decided: None,
        }
    }

    /// Returns the plan of the kernel.
    ///
    /// # Errors
    /// [`NoDecisions`] if it states none.
    pub(super) fn decided(&mut self) -> Result<Decided, NoDecisions> {
        match self.decided.take() {
            Some(decided) => decided,
            None => decided::in_pages(&mut self.memory, &self.roots),
        }
    }

    /// A capture of a machine.
    ///
    /// # Errors
    /// [`AuditError::NoRoots`] if no hart uses tables.
    pub(super) fn captured(name: String, capture: Capture) -> Result<Self, AuditError> {
        let Capture { harts, roots: Roots { roots, without }, format, snapshot, pause, decided } = capture;
        if roots.is_empty() {
            let harts: Vec<_> = without.iter().map(|(id, reason)| format!("hart {id}: {reason}")).collect();
            return Err(AuditError::NoRoots { harts: harts.join("; ") });
        }
        let ram = snapshot.spans();
        let (memory, notes) = (Pages::Snapshot(snapshot), Vec::new());
        Ok(Self {
            name,
            memory,
            roots,
            harts,
            without,
            format,
            pause: Some(pause),
            stopped: Vec::new(),
            ram,
            notes,
            decided,
        })
    }
}

fn live(name: String, machine: &mut impl Machine, request: &AuditRequest) -> Result<Opened, AuditError> {
    let wanted = match request.roots.as_slice() {
        [] => Wanted::OfHarts,
        roots => Wanted::Given(roots.to_vec()),
    };
    let also = match request.against {
        Some(Comparison::Plan) => Also::Plan,
        Some(Comparison::File(_)) | None => Also::Nothing,
    };
    Opened::captured(name, capture(machine, &wanted, also)?)
}

fn core(path: &Path, request: &AuditRequest) -> Result<Opened, AuditError> {
    let memory =
        CoreFile::new(open(path)?).map_err(|source| AuditError::Core { path: path.to_owned(), source })?;
    let notes = Notes::read(path);
    let mut opened = Opened::file(path.display().to_string(), Pages::Core(memory), request);
    opened.stopped = notes.stopped;
    if !notes.of_kernel {
        opened.ram = opened.memory.spans();
    }
    if notes.missing != 0 {
        opened.notes.push(format!(
            "the core is cut off: {:#x} bytes of its segments are missing; tables among them are findings",
            notes.missing
        ));
    }
    if let Some((root, name)) = notes.root.filter(|_| opened.roots.is_empty()) {
        opened.notes.push(format!("the root is that of the note {name}"));
        opened.roots.push((root, Origin::Given));
    }
    Ok(opened)
}

/// Opens a file whose pages are read one by one, from places that differ.
fn open(path: &Path) -> Result<BufReader<File>, AuditError> {
    Ok(BufReader::with_capacity(4096, files::open(path)?))
}

/// Opens raw memory. A core's memory lies behind its headers, so every address would be wrong.
fn raw(path: &Path, base: Phys) -> Result<Raw<BufReader<File>>, AuditError> {
    let failed = |source| unreadable(path, source);
    let mut bytes = open(path)?;
    let mut header = [0; 18];
    let is_core = bytes.read_exact(&mut header).is_ok()
        && header.starts_with(&ELFMAG)
        && header[16..] == ET_CORE.0.to_le_bytes();
    if is_core {
        return Err(AuditError::CoreAsRaw { path: path.to_owned() });
    }
    Raw::new(bytes, base).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_core_is_not_raw_memory() {
        let folder = crate::private::folder("landfall-").expect("a folder");
        let path = folder.path().join("file");
        let mut bytes = vec![0; 4096];
        bytes[..4].copy_from_slice(&ELFMAG);
        for (kind, is_core) in [(4, true), (2, false)] {
            bytes[16] = kind;
            std::fs::write(&path, &bytes).expect("a file");
            let error = raw(&path, Phys(0x8000_0000)).err().map(|error| error.to_string());
            assert_eq!(error.is_some_and(|error| error.ends_with("leave --base out")), is_core);
        }
    }
}
