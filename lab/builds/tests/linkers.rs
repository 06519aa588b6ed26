//! One kernel, linked by each linker with the arguments that the command prints.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use landfall_builds::{Tool, boot, landfall, library, refuse, run, sources};
use landfall_inspect::{Hints, Subject, inspect};

/// A kernel as its linker wrote it.
struct Linked {
    folder: tempfile::TempDir,
    elf: PathBuf,
}

/// Links the kernel.
fn link(tool: Tool) -> Linked {
    let folder = landfall_host::private::folder("landfall-").expect("a folder");
    let program = tool.program().expect("a linker");
    let object = folder.path().join("part.o");
    run(Tool::assembler().arg("-march=rv64gc").arg(sources().join("part.s")).arg("-o").arg(&object))
        .expect("an object");
    let name = program.to_str().expect("UTF-8");
    let arguments = ["link-args", "--format", "json", "--linker", name, "--out", "scripts"];
    let json = run(&mut landfall(&arguments, folder.path()).expect("the command")).expect("arguments");
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    let arguments = json["arguments"].as_array().expect("a list").iter().filter_map(|word| word.as_str());
    let elf = folder.path().join("kernel.elf");
    let mut command = Command::new(&program);
    command.args(arguments).arg("-o").arg(&elf).arg(&object).arg(library().expect("a library"));
    let linked = run(&mut command);
    linked.unwrap_or_else(|error| panic!("{tool:?}: {error}"));
    Linked { folder, elf }
}

/// Seals a kernel in place, and returns the path of its flat image.
fn seal(elf: &Path) -> PathBuf {
    let path = elf.to_str().expect("UTF-8");
    let printed = run(&mut landfall(&["seal", path], sources()).expect("the command")).expect("a seal");
    let image = elf.with_extension("bin");
    assert_eq!(printed, format!("{path}\n{}\n", image.display()));
    image
}

fn findings(file: &Path) -> Vec<String> {
    let bytes = fs::read(file).expect("a file");
    let subject = Subject::read(&bytes).expect("a kernel");
    inspect(&subject, &Hints::default()).findings().iter().map(|finding| finding.code.to_string()).collect()
}

/// The kernel lands from the sealed ELF and from its flat image. A second seal changes nothing.
fn lands(tool: Tool) {
    let Linked { folder: _folder, elf } = link(tool);
    let image = seal(&elf);
    assert!(findings(&elf).is_empty(), "{tool:?}: {:?}", findings(&elf));
    let once = fs::read(&elf).expect("the ELF");
    seal(&elf);
    assert!(once == fs::read(&elf).expect("the ELF"), "{tool:?}: sealed twice, it differs");
    for kernel in [&elf, &image] {
        boot(kernel).unwrap_or_else(|console| panic!("{tool:?}, {}:\n{console}", kernel.display()));
    }
}

#[test]
#[ignore = "needs the kernels' Rust target, GNU's linker and QEMU: cargo test -- --include-ignored"]
fn a_kernel_of_gnus_linker_lands() {
    lands(Tool::Gnu);
}

#[test]
#[ignore = "needs the kernels' Rust target, GNU's assembler and QEMU: cargo test -- --include-ignored"]
fn a_kernel_of_lld_lands() {
    lands(Tool::Rust);
}

/// Neither `check` nor the kernel itself accepts relocations that nothing packed.
#[test]
#[ignore = "needs the kernels' Rust target, GNU's linker and QEMU: cargo test -- --include-ignored"]
fn a_kernel_that_was_not_sealed_is_refused() {
    let Linked { folder, elf } = link(Tool::Gnu);
    assert_eq!(findings(&elf), ["reloc-unpacked"]);
    let image = folder.path().join("kernel.bin");
    run(Command::new("riscv64-linux-gnu-objcopy").args(["-O", "binary"]).args([&elf, &image]))
        .expect("a flat image");
    assert_eq!(findings(&image), ["reloc-unpacked"]);
    for kernel in [&elf, &image] {
        refuse(kernel, "R3: the relocations of the image are not packed").expect("a refusal");
    }
}

#[test]
#[ignore = "needs the kernels' Rust target, GNU's linker and QEMU: cargo test -- --include-ignored"]
fn image_and_disk_take_the_elf_of_any_linker_and_leave_it() {
    let Linked { folder, elf } = link(Tool::Gnu);
    let before = fs::read(&elf).expect("the ELF");
    for verb in ["image", "disk"] {
        run(&mut landfall(&[verb, "./kernel.elf"], folder.path()).expect("the command")).expect("a file");
    }
    assert!(before == fs::read(&elf).expect("the ELF"), "the ELF was changed");
    boot(&folder.path().join("kernel.bin")).expect("a landing");
    let image = fs::read(folder.path().join("kernel.bin")).expect("the image");
    let disk = fs::read(folder.path().join("kernel.img")).expect("the disk");
    assert!(disk.windows(4096).any(|window| window == &image[..4096]), "the disk has no such image");
}

/// `LANDFALL_LINKERS=all` links with the linkers of other releases too, which it fetches.
#[test]
#[ignore = "needs linkers of Debian's archive"]
fn kernels_of_other_versions_land() {
    if std::env::var_os("LANDFALL_LINKERS").is_none() {
        println!("passed over; LANDFALL_LINKERS=all fetches them");
        return;
    }
    for tool in [Tool::NewerGnu, Tool::Lld(15), Tool::Lld(16), Tool::Lld(19)] {
        lands(tool);
    }
}
