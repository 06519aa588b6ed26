//! The package of a module: its library is a static one.

use std::path::PathBuf;

use super::package::{Member, Workspace};
use super::{BuildOptions, KernelError, Selection, current_manifest, names, plain_name, workspace};

/// A package whose static library is a module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModulePackage {
    /// Its name.
    pub name: String,
    /// The name of its library.
    pub library: String,
    /// The manifest by which Cargo finds it; `None` for the current directory.
    pub manifest_path: Option<PathBuf>,
    /// The options for Cargo.
    pub options: BuildOptions,
}

impl ModulePackage {
    /// Finds the package that `selection` names. Without a name it is the package of the current
    /// directory, or the only one of the workspace that has a static library.
    ///
    /// # Errors
    /// [`KernelError`] if there is no such package, or it has no static library.
    pub fn find(selection: &Selection) -> Result<Self, KernelError> {
        let workspace = workspace(selection.manifest_path.as_deref());
        let name = selection.package.as_ref().or(selection.name.as_ref());
        let workspace = match (workspace, name) {
            (Ok(workspace), _) => workspace,
            (Err(cargo), None) => return Err(KernelError::NoPackage { cargo }),
            (Err(cargo), Some(name)) => return Err(KernelError::NoWorkspace { name: name.clone(), cargo }),
        };
        let Some(name) = name else {
            return Self::of(only_module(&workspace, selection)?, selection);
        };
        let unknown = || KernelError::Unknown { name: name.clone(), packages: names(&workspace) };
        Self::of(workspace.member(plain_name(name)).ok_or_else(unknown)?, selection)
    }

    fn of(member: &Member, selection: &Selection) -> Result<Self, KernelError> {
        let library = member.static_library.clone();
        Ok(Self {
            name: member.name.clone(),
            library: library.ok_or_else(|| KernelError::NoLibrary { package: member.name.clone() })?,
            manifest_path: selection.manifest_path.clone(),
            options: selection.options.clone(),
        })
    }
}

/// Returns the package of the current directory if it has a static library, else the only one of
/// the workspace that has.
fn only_module<'a>(workspace: &'a Workspace, selection: &Selection) -> Result<&'a Member, KernelError> {
    let current = current_manifest(selection.manifest_path.as_deref());
    let current = current.and_then(|manifest| workspace.at(&manifest));
    if let Some(member) = current.filter(|member| member.static_library.is_some()) {
        return Ok(member);
    }
    let modules: Vec<_> = workspace.members.iter().filter(|member| member.static_library.is_some()).collect();
    match modules.as_slice() {
        [] => Err(KernelError::NoModule { packages: names(workspace) }),
        [member] => Ok(member),
        several => {
            let packages = several.iter().map(|member| member.name.clone()).collect();
            Err(KernelError::SeveralModules { packages })
        }
    }
}
