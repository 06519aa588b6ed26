//! Kernels in documents: written into packages as a reader would write them, built, and booted.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Stdio};

use super::blocks::{Block, Kind};
use super::name;
use crate::check::Check;
use crate::session::as_text;
use crate::{command, set_up, workshop};
use landfall_host::build::TARGET;
use landfall_host::kernel::cargo;

/// The kernel that a fragment for ArceOS goes into, in the place of this line.
const ARCEOS_KERNEL: &str = "kernels/axplat-hello/src/main.rs";
const ARCEOS_LINE: &str = "extern crate axplat_riscv64_landfall;";

/// The build script of kernels that show none.
const BUILD: &str = "fn main() {\n    landfall_build::kernel();\n}\n";

/// A package with one kernel.
struct Package {
    name: String,
    dependencies: String,
    build: String,
    main: String,
    /// A linker script for more sections, beside the manifest.
    sections: Option<String>,
    /// The check's name.
    check: String,
}

/// Returns a test for each kernel among `blocks`.
pub(super) fn checks(blocks: &[Block]) -> Result<Vec<Check>, String> {
    let check = |package: Package| Check::new(package.check.clone(), move || build_and_boot(&package));
    Ok(packages(blocks)?.into_iter().map(check).collect())
}

fn packages(blocks: &[Block]) -> Result<Vec<Package>, String> {
    let arceos = fs::read_to_string(ARCEOS_KERNEL).map_err(|error| format!("{ARCEOS_KERNEL}: {error}"))?;
    let mut packages = Vec::new();
    let of_kind = |kind: Kind| blocks.iter().filter(move |block| block.kind() == Ok(kind));
    for (index, block) in of_kind(Kind::Kernel).enumerate() {
        let package = Package {
            name: format!("block-{index}"),
            dependencies: String::new(),
            build: BUILD.to_owned(),
            main: block.text.clone(),
            sections: None,
            check: name(block),
        };
        packages.push(if block.text.contains("axplat_riscv64_landfall") {
            for_arceos(package, &arceos)?
        } else {
            with_its_files(package, block, blocks)
        });
    }
    for (index, block) in of_kind(Kind::LinkerScript).enumerate() {
        packages.push(with_sections(index, block));
    }
    Ok(packages)
}

/// A fragment that takes the place of the line by which a kernel names its platform.
fn for_arceos(package: Package, kernel: &str) -> Result<Package, String> {
    if kernel.matches(ARCEOS_LINE).count() != 1 {
        return Err(format!("{ARCEOS_KERNEL} does not have the line `{ARCEOS_LINE}` once"));
    }
    let features = if package.main.contains("entry!") {
        "default-features = false, features = [\"report\", \"addresses\"]"
    } else {
        "features = [\"addresses\"]"
    };
    Ok(Package {
        dependencies: format!(
            "axplat = \"0.4.1\"\naxplat-riscv64-landfall = {{ path = \"../landfall/crates/axplat-riscv64-landfall\", {features} }}\n"
        ),
        main: kernel.replace(ARCEOS_LINE, &package.main),
        ..package
    })
}

/// A whole kernel, with the manifest and the build script that its document shows.
fn with_its_files(package: Package, block: &Block, blocks: &[Block]) -> Package {
    let beside = |kind: Kind| {
        let found = blocks.iter().find(|other| other.file == block.file && other.kind() == Ok(kind));
        found.map(|other| other.text.clone())
    };
    let usual = "[dependencies]\nlandfall = { path = \"../landfall/crates/landfall\" }\n".to_owned();
    Package {
        dependencies: beside(Kind::Manifest).unwrap_or(usual),
        build: beside(Kind::BuildScript).unwrap_or(package.build),
        ..package
    }
}

/// A kernel that says nothing of the sections in `block`, which must link all the same.
fn with_sections(index: usize, block: &Block) -> Package {
    Package {
        name: format!("sections-{index}"),
        dependencies: String::new(),
        build: "fn main() {\n    landfall_build::Kernel::new().with_sections(\"sections.ld\").link();\n}\n"
            .to_owned(),
        main: include_str!("../../../../crates/landfall-host/src/new/template/rust/main.rs").to_owned(),
        sections: Some(block.text.clone()),
        check: name(block),
    }
}

impl Package {
    fn manifest(&self) -> String {
        let mut text =
            format!("[package]\nname = \"{}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n", self.name);
        if !self.dependencies.contains("[dependencies]") {
            text.push_str("[dependencies]\n");
        }
        if self.dependencies.is_empty() {
            text.push_str("landfall = { path = \"../landfall/crates/landfall\" }\n");
        }
        text.push_str(&self.dependencies);
        if !self.dependencies.contains("[build-dependencies]") {
            text.push_str(
                "\n[build-dependencies]\nlandfall-build = { path = \"../landfall/crates/landfall-build\" }\n",
            );
        }
        text
    }

    fn write(&self, folder: &Path) -> std::io::Result<()> {
        fs::create_dir_all(folder.join("src"))?;
        fs::write(folder.join("Cargo.toml"), self.manifest())?;
        fs::write(folder.join("build.rs"), &self.build)?;
        fs::write(folder.join("src/main.rs"), &self.main)?;
        self.sections.as_ref().map_or(Ok(()), |script| fs::write(folder.join("sections.ld"), script))
    }
}

/// The packages lie beside the checkout, as the documents say, and share what is built of it.
fn build_and_boot(package: &Package) -> Result<(), String> {
    set_up::rust_target()?;
    let root = workshop::folder("documents")?;
    let alone = workshop::lock(&root)?;
    match symlink(as_text(std::env::current_dir())?, root.join("landfall")) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error.to_string()),
        _ => {}
    }
    let folder = root.join(&package.name);
    as_text(package.write(&folder))?;
    as_text(fs::copy("Cargo.lock", folder.join("Cargo.lock")))?;
    let target = root.join("target");
    let mut build = cargo();
    build.args(["build", "--quiet", "--release", "--target", TARGET]).env("CARGO_TARGET_DIR", &target);
    says(build.current_dir(folder))?;
    drop(alone);
    let own = command::path()?;
    says(Command::new(own).arg("run").arg(target.join(TARGET).join("release").join(&package.name)))
}

/// Runs a command, which must succeed.
fn says(command: &mut Command) -> Result<(), String> {
    let output = command.stdin(Stdio::null()).output().map_err(|error| error.to_string())?;
    if output.status.success() {
        return Ok(());
    }
    let messages = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    Err(format!("{command:?} ends with {}: {messages}", output.status))
}
