//! Audits of machines, which `landfall-audit` makes, and their judges.
//!
//! ```text
//! planned     the tables of a landing: they are as planned, and nothing is wrong with them
//! qemu        QEMU's own walk of the tables
//! remembered  the plan by the memory of a kernel: it is that of its seed
//! mod         a core of a machine that stands still
//! ```

pub(super) mod planned;
pub(super) mod qemu;
pub(super) mod remembered;

use std::fs::File;
use std::path::Path;

use landfall_audit::memory::CoreFile;

use super::session::{Session, as_text};

/// Lets QEMU write the memory of a machine to a core in `folder`, and returns the core.
pub(super) fn core_of(session: &mut Session, folder: &Path) -> Result<CoreFile<File>, String> {
    let path = folder.join("core");
    let answer = as_text(session.gdb.monitor(&format!("dump-guest-memory {}", path.display())))?;
    let file = File::open(path).map_err(|error| format!("there is no core ({error}): {answer}"))?;
    as_text(CoreFile::new(file))
}
