//! The files that a user names. A result replaces regular files alone, and an input has a limit.

use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::fs::{FileTypeExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use landfall_plan::Policy;
use landfall_predict::sample::sealed;
use tempfile::TempDir;

const KERNEL: &str = "kernel.bin";
/// The kernel was never linked, so it begins with no jump.
const ALLOW: &str = "--allow=header-jump";
/// A file of 1 TiB, which begins as an ELF.
const LARGE: &str = "large.elf";

fn folder() -> TempDir {
    let folder = landfall_host::private::folder("landfall-test-").expect("a folder");
    let at = |name: &str| folder.path().join(name);
    fs::write(at(KERNEL), sealed(&Policy::new())).expect("a file");
    fs::write(at("initrd"), "initrd").expect("a file");
    let mut large = File::create(at(LARGE)).expect("a file");
    large.write_all(b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x02\0\xf3\0").expect("a header");
    large.set_len(1 << 40).expect("a hole");
    folder
}

/// Starts the command. Without a limit it gets no more than 4 GB, rather than the whole memory.
fn start(folder: &Path, arguments: &[&str]) -> Child {
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -v 4000000; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_cargo-landfall")]);
    command.args(arguments).current_dir(folder).env_remove("LANDFALL_PATH").stdin(Stdio::piped());
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts")
}

/// Runs the command, and returns its status and messages.
fn landfall(folder: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let output = start(folder, arguments).wait_with_output().expect("it ends");
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

fn pipe(folder: &Path) -> PathBuf {
    let pipe = folder.join("pipe");
    let mode = rustix::fs::Mode::RWXU;
    rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, mode, 0).expect("a pipe");
    pipe
}

#[test]
fn a_pipe_gets_the_result_and_stays_a_pipe() {
    for verb in ["image", "disk"] {
        let folder = folder();
        let pipe = pipe(folder.path());
        let copy = File::create(folder.path().join("copy")).expect("a file");
        let mut reader = Command::new("cat").arg(&pipe).stdout(copy).spawn().expect("cat starts");
        let (status, messages) = landfall(folder.path(), &[verb, KERNEL, ALLOW, "--out", "pipe"]);
        let is_pipe = fs::metadata(&pipe).expect("a file").file_type().is_fifo();
        if !is_pipe || status != Some(0) {
            reader.kill().expect("it waits");
        }
        reader.wait().expect("it ends");
        assert!(is_pipe, "{verb} replaced the pipe: {messages}");
        assert_eq!(status, Some(0), "{messages}");
        let copy = fs::read(folder.path().join("copy")).expect("the copy");
        match verb {
            "image" => assert_eq!(copy, sealed(&Policy::new())),
            _ => assert!(copy[512..].starts_with(b"EFI PART") && copy.len() > 40 << 20),
        }
    }
}

#[test]
fn a_result_on_stdout_is_alone() {
    let folder = folder();
    // As /dev/stdout is. A command that replaces it harms this folder alone.
    symlink("/proc/self/fd/1", folder.path().join("stdout")).expect("a link");
    let output = start(folder.path(), &["image", KERNEL, ALLOW, "--out", "stdout"]).wait_with_output();
    let output = output.expect("it ends");
    assert!(output.stdout == sealed(&Policy::new()), "{} bytes", output.stdout.len());
}

#[test]
fn a_link_is_followed_and_stays_a_link() {
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    fs::create_dir(at("else")).expect("a folder");
    fs::write(at("else/old"), "old").expect("a file");
    for (verb, target) in [("image", "else/old"), ("image", "else/new"), ("disk", "else/disk")] {
        symlink(target, at("link")).expect("a link");
        let (status, messages) = landfall(folder.path(), &[verb, KERNEL, ALLOW, "--out", "link"]);
        assert_eq!(status, Some(0), "{messages}");
        assert!(fs::symlink_metadata(at("link")).expect("a file").is_symlink(), "{verb} replaced the link");
        let file = fs::read(at(target)).expect("the target");
        assert!(file.len() > 3 && (verb == "disk" || file == sealed(&Policy::new())));
        fs::remove_file(at("link")).expect("a link");
    }
}

#[test]
fn a_result_never_replaces_an_input() {
    let folder = folder();
    symlink(KERNEL, folder.path().join("link")).expect("a link");
    for arguments in [
        &["image", KERNEL, ALLOW, "--out", KERNEL][..],
        &["image", KERNEL, ALLOW, "--out", "./kernel.bin"],
        &["image", KERNEL, ALLOW, "--out", "link"],
        &["disk", "link", ALLOW, "--out", KERNEL],
        &["disk", KERNEL, ALLOW, "--initrd", "initrd", "--out", "./initrd"],
        &["seal", KERNEL, "--out", "kernel.elf"],
    ] {
        let (status, messages) = landfall(folder.path(), arguments);
        assert_eq!(status, Some(2), "{arguments:?}: {messages}");
        assert!(messages.contains(" would be replaced"), "{arguments:?}: {messages}");
        assert!(fs::read(folder.path().join(KERNEL)).expect("the kernel") == sealed(&Policy::new()));
        assert_eq!(fs::read(folder.path().join("initrd")).expect("the initrd"), b"initrd");
    }
}

#[test]
fn a_result_is_refused_before_the_work_if_a_folder_has_its_name() {
    let folder = folder();
    fs::create_dir(folder.path().join("doc")).expect("a folder");
    for verb in ["image", "disk", "seal"] {
        let (status, messages) = landfall(folder.path(), &[verb, KERNEL, "--out", "doc"]);
        assert_eq!(status, Some(2), "{messages}");
        assert!(messages.starts_with("error: doc: "), "{verb}: {messages}");
    }
}

#[test]
fn no_input_is_read_without_limit() {
    let folder = folder();
    for arguments in [
        &["check", "/dev/zero"][..],
        &["check", LARGE],
        &["check", KERNEL, "--kernel", LARGE],
        &["check", KERNEL, "--loaded", "/dev/zero"],
        &["wrap", "/dev/zero"],
        &["wrap", LARGE],
        &["seal", "/dev/zero", "--out", "k.elf"],
        &["seal", LARGE],
        &["image", LARGE],
        &["disk", LARGE],
        &["disk", KERNEL, ALLOW, "--initrd", LARGE],
        &["plan", KERNEL, "--dtb", "/dev/zero"],
        &["plan", KERNEL, "--dtb", LARGE],
        &["plan", KERNEL, "--facts", "/dev/zero"],
        &["plan", KERNEL, "--dtb", "initrd", "--format", "html", "--compare", "/dev/zero"],
        &["symbolize", LARGE],
    ] {
        let (status, messages) = landfall(folder.path(), arguments);
        assert_eq!(status, Some(2), "{arguments:?}: {messages}");
        let is_limit = ["it is a device", "MiB", "16777216 bytes", "below 4 GiB"]
            .iter()
            .any(|words| messages.contains(words));
        assert!(is_limit, "{arguments:?}: {messages}");
    }
}

#[test]
fn an_input_may_be_a_pipe() {
    let folder = folder();
    for (arguments, status) in [(&["check", "/dev/stdin", ALLOW][..], 0), (&["image", "/dev/stdin"], 2)] {
        let mut child = start(folder.path(), arguments);
        let mut pipe = child.stdin.take().expect("a pipe");
        // A command that refuses the pipe does not read it.
        let _ = pipe.write_all(&sealed(&Policy::new()));
        drop(pipe);
        let output = child.wait_with_output().expect("it ends");
        assert_eq!(output.status.code(), Some(status), "{arguments:?}: {output:?}");
    }
}
