//! The link of a kernel by another build system than Cargo: scripts, and arguments as it takes
//! them.
//!
//! ```text
//! linker    the program, its kind and its version
//! quote     words, as shells, Make and CMake take them
//! format    the arguments as text
//! ```

mod error;
mod format;
mod linker;
mod quote;

use std::fs;
use std::path::{Path, PathBuf};

use landfall_build::link::{Link, OtherRelocations};

pub use error::LinkArgsError;
pub use format::LinkFormat;
pub use linker::NamedLinker;

/// The layout of a kernel.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Layout {
    /// Landfall's.
    #[default]
    Landfall,
    /// The kernel's own script, which includes Landfall's tables.
    Own(PathBuf),
    /// The kernel's own script, of a kernel that uses the rebase alone.
    RebaseOnly(PathBuf),
}

/// A request for scripts and arguments.
#[derive(Clone, Debug)]
pub struct LinkArgsRequest {
    /// The form of the arguments.
    pub format: LinkFormat,
    /// The linker.
    pub linker: NamedLinker,
    /// The layout.
    pub layout: Layout,
    /// Scripts that add sections to the layout.
    pub sections: Vec<PathBuf>,
    /// The folder for Landfall's scripts.
    pub folder: PathBuf,
}

/// Writes the scripts, and returns the arguments as text.
///
/// # Errors
/// [`LinkArgsError`] if the linker is too old or unknown, a script does not exist, or a path cannot
/// be written in this form.
pub fn link_args(request: &LinkArgsRequest) -> Result<String, LinkArgsError> {
    let linker = request.linker.known()?;
    let own = match &request.layout {
        Layout::Landfall => None,
        Layout::Own(script) | Layout::RebaseOnly(script) => Some(script),
    };
    for script in own.into_iter().chain(&request.sections) {
        if !script.is_file() {
            return Err(LinkArgsError::NoScript { path: script.clone() });
        }
    }
    let link = match &request.layout {
        Layout::Landfall => Link::new(),
        Layout::Own(script) => Link::new().with_layout(absolute(script)?),
        Layout::RebaseOnly(script) => Link::rebase_only(absolute(script)?),
    };
    let link = request
        .sections
        .iter()
        .try_fold(link, |link, script| Ok::<_, LinkArgsError>(link.with_sections(absolute(script)?)))?;

    let folder = absolute(&request.folder)?;
    let file = |source| LinkArgsError::File { path: folder.clone(), source };
    fs::create_dir_all(&folder).map_err(file)?;
    link.write_scripts(&folder).map_err(file)?;
    // Other build systems run `seal`. Of LLD's, it takes no relocations other than RELR.
    let arguments = link.arguments(linker.kind, OtherRelocations::Refused, &folder, &folder);
    let scripts = link.scripts(linker.kind, &folder, &folder);
    request.format.text(&linker, &arguments, &scripts)
}

/// Returns an absolute path that all forms can write.
fn absolute(path: &Path) -> Result<PathBuf, LinkArgsError> {
    let whole =
        std::path::absolute(path).map_err(|source| LinkArgsError::File { path: path.to_owned(), source })?;
    match whole.to_str() {
        Some(text) if !text.contains(['\n', '\r']) => Ok(whole),
        _ => Err(LinkArgsError::Path { path: whole }),
    }
}
