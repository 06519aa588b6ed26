//! A package to build, and the kernels of a workspace as Cargo describes them.

use std::fmt;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::selection::{Artifact, BuildOptions};

/// The crate that links kernels; a package that has it as a build dependency is a kernel.
const LINKER: &str = "landfall-build";

/// A package whose binary is a kernel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    /// Its name, or any specification that Cargo takes.
    pub name: String,
    /// The manifest by which Cargo finds it; `None` for the current directory.
    pub manifest_path: Option<PathBuf>,
    /// The part to build; `None` for all binaries, of which one must be the kernel.
    pub artifact: Option<Artifact>,
    /// The options for Cargo.
    pub options: BuildOptions,
}

impl Package {
    /// Returns the package `name` of the current directory's workspace.
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self { name: name.to_owned(), manifest_path: None, artifact: None, options: BuildOptions::default() }
    }
}

impl fmt::Display for Package {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.artifact {
            Some(artifact) if artifact.name() != self.name => write!(f, "{} {artifact}", self.name),
            _ => f.write_str(&self.name),
        }
    }
}

/// A package of a workspace, as far as a choice needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Member {
    pub(super) name: String,
    pub(super) manifest: PathBuf,
    pub(super) binaries: Vec<String>,
    pub(super) examples: Vec<String>,
    /// The name of its static library.
    pub(super) static_library: Option<String>,
    default_run: Option<String>,
    links_kernels: bool,
    is_default: bool,
}

/// A workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Workspace {
    /// Its folder.
    pub(crate) root: PathBuf,
    pub(super) members: Vec<Member>,
    /// The kernel that the workspace names: `workspace.metadata.landfall.kernel`.
    preferred: Option<String>,
}

/// A choice that leaves no kernel or several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum NoChoice {
    /// No package is a kernel.
    None,
    /// Several are.
    Several(Vec<String>),
    /// The workspace names a package that it does not have.
    Preferred(String),
}

impl Workspace {
    /// Reads the output of `cargo metadata --no-deps`.
    pub(crate) fn parse(metadata: &Value) -> Self {
        let ids = |key: &str| {
            let ids = metadata[key].as_array().into_iter().flatten();
            ids.filter_map(Value::as_str).collect::<Vec<_>>()
        };
        let default = ids("workspace_default_members");
        let packages = metadata["packages"].as_array().into_iter().flatten();
        Self {
            root: metadata["workspace_root"].as_str().unwrap_or_default().into(),
            members: packages.filter_map(|package| member(package, &default)).collect(),
            preferred: metadata["metadata"]["landfall"]["kernel"].as_str().map(str::to_owned),
        }
    }

    /// Returns the manifests of all members.
    pub(crate) fn manifests(&self) -> impl Iterator<Item = &Path> {
        self.members.iter().map(|member| &*member.manifest)
    }

    pub(super) fn member(&self, name: &str) -> Option<&Member> {
        self.members.iter().find(|member| member.name == name)
    }

    /// Returns the package with this manifest.
    pub(super) fn at(&self, manifest: &Path) -> Option<&Member> {
        let same = |other: &Path| match (other.canonicalize(), manifest.canonicalize()) {
            (Ok(other), Ok(manifest)) => other == manifest,
            _ => false,
        };
        self.members.iter().find(|member| same(&member.manifest))
    }

    /// Returns the kernel that Cargo's own notions select, `current` being the package of the
    /// current directory.
    ///
    /// The first of these sets that has a kernel decides: the current package, the package that the
    /// workspace names, its default members, all members. A package that links no kernel by its
    /// build script comes last.
    pub(super) fn choose<'a>(&'a self, current: Option<&'a Member>) -> Result<&'a Member, NoChoice> {
        if let Some(member) = current.filter(|member| member.is_kernel()) {
            return Ok(member);
        }
        if let Some(name) = &self.preferred {
            return self.member(name).ok_or_else(|| NoChoice::Preferred(name.clone()));
        }
        let default = |member: &&Member| member.is_default && member.is_kernel();
        let any = |member: &&Member| member.is_kernel();
        let sets: [Vec<&Member>; 3] = [
            self.members.iter().filter(default).collect(),
            self.members.iter().filter(any).collect(),
            current.into_iter().filter(|member| !member.binaries.is_empty()).collect(),
        ];
        match sets.into_iter().find(|set| !set.is_empty()).as_deref() {
            None => Err(NoChoice::None),
            Some([member]) => Ok(member),
            Some(several) => {
                Err(NoChoice::Several(several.iter().map(|member| member.name.clone()).collect()))
            }
        }
    }
}

impl Workspace {
    /// Returns true if [`Workspace::choose`] looks at one package alone.
    pub(super) fn has_sole_choice(&self, current: Option<&Member>) -> bool {
        current.is_some_and(Member::is_kernel) || self.preferred.is_some()
    }
}

impl Member {
    fn is_kernel(&self) -> bool {
        self.links_kernels && !(self.binaries.is_empty() && self.examples.is_empty())
    }

    /// Returns the binary that `cargo run` would run, or `None` if the user has to choose.
    pub(super) fn binary(&self) -> Option<Artifact> {
        let named_like_it = || self.binaries.iter().find(|name| **name == self.name);
        let name = match (&self.default_run, self.binaries.as_slice()) {
            (Some(name), _) | (None, [name]) => Some(name),
            (None, _) => named_like_it(),
        };
        name.cloned().map(Artifact::Bin)
    }

    /// Returns true if the package has this part.
    pub(super) fn has(&self, artifact: &Artifact) -> bool {
        self.parts(artifact).iter().any(|name| name == artifact.name())
    }

    /// Returns the names of the package's parts of the same kind.
    pub(super) fn parts(&self, kind: &Artifact) -> &[String] {
        match kind {
            Artifact::Bin(_) => &self.binaries,
            Artifact::Example(_) => &self.examples,
        }
    }
}

fn member(package: &Value, default: &[&str]) -> Option<Member> {
    let name = package["name"].as_str()?.to_owned();
    let targets = package["targets"].as_array().into_iter().flatten();
    let of_kind = |kind: &'static str| {
        let is = move |target: &&Value| {
            target["kind"].as_array().into_iter().flatten().any(|found| found.as_str() == Some(kind))
        };
        let names = targets.clone().filter(is).filter_map(|target| target["name"].as_str());
        names.map(str::to_owned).collect::<Vec<_>>()
    };
    let mut dependencies = package["dependencies"].as_array().into_iter().flatten();
    Some(Member {
        binaries: of_kind("bin"),
        examples: of_kind("example"),
        static_library: of_kind("staticlib").into_iter().next(),
        default_run: package["default_run"].as_str().map(str::to_owned),
        links_kernels: dependencies.any(|dependency| {
            dependency["name"].as_str() == Some(LINKER) && dependency["kind"].as_str() == Some("build")
        }),
        is_default: package["id"].as_str().is_some_and(|id| default.contains(&id)),
        manifest: package["manifest_path"].as_str()?.into(),
        name,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Returns a package at `/w/NAME`.
    fn package(name: &str, binaries: &[&str], dependencies: &[(&str, Option<&str>)]) -> Value {
        let target = |name: &&str| json!({ "name": name, "kind": ["bin"] });
        let dependency = |(name, kind): &(&str, Option<&str>)| json!({ "name": name, "kind": kind });
        json!({
            "name": name,
            "id": format!("path+file:///w/{name}"),
            "manifest_path": format!("/w/{name}/Cargo.toml"),
            "targets": binaries.iter().map(target).collect::<Vec<_>>(),
            "dependencies": dependencies.iter().map(dependency).collect::<Vec<_>>(),
        })
    }

    fn kernel(name: &str) -> Value {
        package(name, &[name], &[("landfall", None), (LINKER, Some("build"))])
    }

    fn workspace(packages: &[Value], default: &[&str], preferred: Option<&str>) -> Workspace {
        let ids: Vec<_> = default.iter().map(|name| format!("path+file:///w/{name}")).collect();
        Workspace::parse(&json!({
            "packages": packages,
            "workspace_default_members": ids,
            "metadata": preferred.map(|name| json!({ "landfall": { "kernel": name } })),
        }))
    }

    fn chosen(workspace: &Workspace, current: Option<&str>) -> Result<String, NoChoice> {
        let current = current.map(|name| workspace.member(name).expect("a package"));
        workspace.choose(current).map(|member| member.name.clone())
    }

    #[test]
    fn the_only_kernel_is_used_from_anywhere_in_its_workspace() {
        let tool = package("tool", &["tool"], &[("landfall", None), (LINKER, Some("dev"))]);
        let two = workspace(&[tool, kernel("k")], &["tool"], None);
        for current in [None, Some("tool"), Some("k")] {
            assert_eq!(chosen(&two, current), Ok("k".into()), "{current:?}");
        }
    }

    #[test]
    fn of_several_kernels_the_current_one_is_used_then_the_named_one_then_the_default_member() {
        let packages = [kernel("a"), kernel("b"), package("lib", &[], &[])];
        let several = Err(NoChoice::Several(vec!["a".into(), "b".into()]));
        assert_eq!(chosen(&workspace(&packages, &["a", "b", "lib"], None), None), several);
        assert_eq!(chosen(&workspace(&packages, &["lib"], None), Some("lib")), several);
        assert_eq!(chosen(&workspace(&packages, &["b", "lib"], None), None), Ok("b".into()));
        assert_eq!(chosen(&workspace(&packages, &["b"], Some("a")), Some("lib")), Ok("a".into()));
        assert_eq!(chosen(&workspace(&packages, &["b"], Some("b")), Some("a")), Ok("a".into()));
        let missing = chosen(&workspace(&packages, &[], Some("c")), None);
        assert_eq!(missing, Err(NoChoice::Preferred("c".into())));
    }

    #[test]
    fn other_members_have_no_say_about_the_current_kernel_and_a_named_one() {
        let packages = [kernel("a"), package("lib", &[], &[])];
        let sole = |preferred, current: Option<&str>| {
            let workspace = workspace(&packages, &[], preferred);
            workspace.has_sole_choice(current.map(|name| workspace.member(name).expect("a package")))
        };
        assert!(sole(None, Some("a")) && sole(Some("a"), None));
        assert!(!sole(None, None) && !sole(None, Some("lib")));
    }

    #[test]
    fn a_kernel_that_links_itself_is_used_in_its_own_directory_alone() {
        let foreign = workspace(&[package("foreign", &["foreign"], &[])], &["foreign"], None);
        assert_eq!(chosen(&foreign, Some("foreign")), Ok("foreign".into()));
        assert_eq!(chosen(&foreign, None), Err(NoChoice::None));
        let library = workspace(&[package("lib", &[], &[])], &["lib"], None);
        assert_eq!(chosen(&library, Some("lib")), Err(NoChoice::None));
    }

    #[test]
    fn the_binary_is_the_one_that_cargo_would_run() {
        let binary = |package: Value| member(&package, &[]).expect("a package").binary();
        let bin = |name: &str| Some(Artifact::Bin(name.into()));
        assert_eq!(binary(package("k", &["other"], &[])), bin("other"));
        assert_eq!(binary(package("k", &["a", "k"], &[])), bin("k"));
        assert_eq!(binary(package("k", &["a", "b"], &[])), None);
        let mut with_default = package("k", &["a", "k"], &[]);
        with_default["default_run"] = "a".into();
        assert_eq!(binary(with_default), bin("a"));
    }
}
