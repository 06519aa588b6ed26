//! Audits of Debian's Linux, and of landfall's `hello` and `demo` on the same machine, beside
//! QEMU's own walk. Each prints the audit, and the lines for `docs/linux.md`.

use std::fs;
use std::path::Path;
use std::time::Duration;

use landfall_audit::search::search;
use landfall_audit::{Audit, Format, Known, Origin, Request, Root, RootAudit, audit, linux};
use landfall_host::gdb::Hart;
use landfall_host::initrd::archive::Archive;
use landfall_host::machine::Mode;
use landfall_host::{output, place};

use super::debian::Debian;
use crate::audited::qemu::{Leaves, Walks};
use crate::audited::{core_of, planned};
use crate::bench::Bench;
use crate::check::Outcome;
use crate::exact::{Inputs, Prediction};
use crate::matrix::{levels, machine};
use crate::session::{Session, as_text};

const TIME: Duration = Duration::from_secs(300);
const MEMORY: u64 = 1 << 30;
const HARTS: u32 = 2;

/// The kernels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kernel {
    /// Debian's Linux with one process, which runs in user mode.
    Linux,
    /// Landfall's `hello`, when `main` begins.
    Hello,
    /// Landfall's `demo`, at its prompt.
    Demo,
}

impl Kernel {
    pub(super) const ALL: [Self; 3] = [Self::Linux, Self::Hello, Self::Demo];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Linux => "linux",
            Self::Hello => "hello",
            Self::Demo => "demo",
        }
    }
}

/// Starts the machine, and runs until the kernel's tables stay as they are.
fn start(kernel: Kernel, mode: Mode, folder: &Path) -> Result<Session, String> {
    let bench = Bench::get()?;
    let mut machine = machine(mode, HARTS, MEMORY);
    if kernel == Kernel::Linux {
        let init = as_text(fs::read(bench.kernels.linux_init()?))?;
        let initrd = folder.join("initrd");
        as_text(fs::write(&initrd, Archive::default().with("init", &init).into_bytes()))?;
        machine.initrd = Some(initrd);
        machine.append = Some("console=ttyS0 init.do=stay".into());
        machine.kernel = Some(Debian::get()?.image);
    } else {
        machine.kernel = Some(bench.kernels.get(kernel.name())?.flat.clone());
    }
    let mut session = Session::start(bench.qemu, &machine, folder, TIME)?;
    match kernel {
        Kernel::Linux => session.go_to_line("linux-init: stays")?,
        Kernel::Demo => session.go_to_line("A kernel in")?,
        Kernel::Hello => {
            let image = &bench.kernels.get(kernel.name())?.image;
            let entry = session.enter(place::DEFAULT.0, image, None)?;
            let tree = session.tree(entry.tree_at)?;
            let inputs = Inputs { tree: &tree, generated: &[] };
            let prediction = Prediction::new(image, &entry, inputs, levels(mode))?;
            session.set_breakpoint(prediction.kernel() + image.symbol("__landfall_main")?.offset)?;
            session.go()?.ok_or("the machine ended before main")?;
        }
    }
    Ok(session)
}

/// Returns each `satp` that turns translation on, with the ids of its harts.
fn roots(session: &mut Session) -> Result<Vec<(u64, Vec<u64>)>, String> {
    let mut roots: Vec<(u64, Vec<u64>)> = Vec::new();
    for hart in as_text(session.gdb.harts())? {
        as_text(session.gdb.select(hart))?;
        let satp = as_text(session.gdb.register("satp"))?;
        match roots.iter_mut().find(|(own, _)| *own == satp) {
            _ if satp == 0 => {}
            Some((_, harts)) => harts.push(hart.id()),
            None => roots.push((satp, vec![hart.id()])),
        }
    }
    Ok(roots)
}

/// Boots a kernel, and audits a core of its machine.
pub(super) fn run(kernel: Kernel, mode: Mode) -> Outcome {
    let directory = as_text(landfall_host::private::folder("landfall-test-"))?;
    let mut session = start(kernel, mode, directory.path())?;
    let roots = roots(&mut session)?;
    let mut memory = core_of(&mut session, directory.path())?;
    let named = roots.iter().map(|(satp, harts)| {
        let root = as_text(Root::from_satp(*satp))?;
        Ok((root, Origin::Harts { harts: harts.clone() }))
    });
    let named = named.collect::<Result<Vec<_>, String>>()?;
    let found = search(&mut memory, Format::default());
    let missed = named.iter().filter(|(root, _)| !found.roots.contains(root));
    let mut findings: Vec<_> =
        missed.map(|(root, _)| format!("a search does not find {} at {}", root.mode, root.table)).collect();
    let mut known = Known::default();
    if let (Kernel::Linux, [(root, _), ..]) = (kernel, &named[..]) {
        known.layout = linux::layout(root.mode);
    }
    let audit = audit(&mut memory, &Request { roots: named, known, ..Request::default() });
    output::note(audit.to_string());
    output::note(rows(kernel, &audit));

    let mut translated = 0;
    for (number, (satp, harts)) in roots.iter().enumerate() {
        let mut walks = Walks::with_satp(&mut session.gdb, Hart::with_id(harts[0]), *satp)?;
        findings.extend(walks.check_addresses(&audit, number, Leaves::Each, &[])?);
        findings.extend(walks.check_ranges(&audit, number)?);
        translated += walks.translated;
    }
    output::note(format_args!("{translated} addresses translated"));
    findings.extend(planned::faults(&audit));
    if findings.is_empty() { Ok(()) } else { Err(findings.join("\n")) }
}

/// Returns a line for each root: leaves by size, tables, and larger leaves that nothing prevents.
fn rows(kernel: Kernel, audit: &Audit) -> String {
    let row = |root: &RootAudit| {
        let free: u64 = root.regions.iter().map(|region| region.splits.free).sum();
        let mode = root.root.mode;
        format!("| {} | {mode} | {} | {} | {free} |", kernel.name(), root.leaves(), root.tables)
    };
    audit.roots.iter().map(row).collect::<Vec<_>>().join("\n")
}
