//! `landfall check` itself, outside any Cargo project: what it prints, and its exit status.

use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// An ELF of another kernel, whose only segment may be used as `flags` say: `wfi; j .-4`.
fn elf(flags: u32) -> Vec<u8> {
    const AT: u64 = 0x8020_0000;
    let code = [0x1050_0073_u32, 0xffdf_f06f].map(u32::to_le_bytes).concat();
    let size = code.len() as u64;
    let mut elf = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x02\0\xf3\0\x01\0\0\0".to_vec();
    elf.extend([AT, 64, 0].map(u64::to_le_bytes).as_flattened());
    elf.extend(0_u32.to_le_bytes());
    elf.extend([64_u16, 56, 1, 64, 0, 0].map(u16::to_le_bytes).as_flattened());
    elf.extend([1, flags].map(u32::to_le_bytes).as_flattened());
    elf.extend([120, AT, AT, size, size, 8].map(u64::to_le_bytes).as_flattened());
    elf.extend(code);
    elf
}

/// A directory with a good file, a wrong one, and what is neither.
fn directory() -> TempDir {
    let directory = landfall_host::private::folder("landfall-").expect("a directory");
    let put = |name: &str, bytes: &[u8]| fs::write(directory.path().join(name), bytes).expect("a file");
    put("good.elf", &elf(5));
    put("wrong.elf", &elf(7));
    put("cut.elf", &elf(5)[..50]);
    put("text", b"no kernel");
    put("empty", b"");
    directory
}

/// Exit status and stderr, where stdout goes to `to`.
fn landfall_to(directory: &Path, arguments: &[&str], to: impl Into<Stdio>) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-landfall"));
    command.args(arguments).current_dir(directory).stdout(to);
    let output = command.output().expect("the command runs");
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

/// Exit status, stdout and stderr.
fn landfall(directory: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-landfall"));
    let output =
        command.arg("check").args(arguments).current_dir(directory).output().expect("the command runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

#[test]
#[cfg(target_os = "linux")]
fn a_result_that_cannot_be_written_is_no_success() {
    let directory = directory();
    for arguments in [
        &["check", "good.elf"][..],
        &["check", "good.elf", "--format", "json"],
        &["check", "wrong.elf", "--format", "json"],
        &["check", "--explain", "reloc-kind"],
        &["audit", "--codes"],
        &["audit", "--explain", "leaf-wx"],
        &["run", "--policy", "help"],
        &["--help"],
        &["-h"],
        &["help", "plan"],
        &["run", "--help"],
        &["--version"],
        &["completions", "bash"],
    ] {
        let full = File::options().write(true).open("/dev/full").expect("a full device");
        let (code, stderr) = landfall_to(directory.path(), arguments, full);
        assert_eq!(code, Some(2), "{arguments:?}: {stderr}");
        assert!(stderr.contains("error: cannot write the result: "), "{arguments:?}: {stderr}");
    }
}

#[test]
fn a_reader_that_has_gone_away_is_no_error() {
    let directory = directory();
    for (file, code) in [("good.elf", 0), ("wrong.elf", 1)] {
        let (reader, writer) = io::pipe().expect("a pipe");
        drop(reader);
        let (found, stderr) = landfall_to(directory.path(), &["check", file], writer);
        assert_eq!(found, Some(code), "{stderr}");
        assert!(!stderr.contains("cannot write"), "{stderr}");
    }
    let (reader, writer) = io::pipe().expect("a pipe");
    drop(reader);
    assert_eq!(landfall_to(directory.path(), &["--help"], writer), (Some(0), String::new()));
}

#[test]
#[cfg(unix)]
fn an_argument_that_must_be_text_and_is_not_is_named() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    let directory = directory();
    let path = directory.path().join(OsStr::from_bytes(b"k\xff.elf"));
    if fs::write(&path, elf(5)).is_err() {
        // The file system takes no such name, and so no user has one.
        return;
    }
    for verb in ["run", "check", "plan", "test", "symbolize"] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-landfall"));
        let output = command.arg(verb).arg(&path).output().expect("the command runs");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{verb}: {stderr}");
        assert!(
            stderr.starts_with("error: the argument \"/") && stderr.contains(r#"k\xff.elf" is not UTF-8"#),
            "{verb}: {stderr}"
        );
    }
}

#[test]
fn a_good_file_gives_a_line_and_0() {
    let directory = directory();
    let (code, stdout, stderr) = landfall(directory.path(), &["good.elf"]);
    assert_eq!((code, stderr.as_str()), (Some(0), ""), "{stdout}");
    assert!(
        stdout.lines().last().is_some_and(|line| line.starts_with("no findings, 0 accepted, ")),
        "{stdout}"
    );
    assert!(stdout.contains("not checked: boot header, because"), "{stdout}");
}

#[test]
fn a_wrong_file_gives_the_code_the_place_the_reason_and_1() {
    let directory = directory();
    let (code, stdout, _) = landfall(directory.path(), &["wrong.elf"]);
    assert_eq!(code, Some(1));
    for part in
        ["memory-wx: ", "program header 0", "is RWX", "why: ", "what to do: ", "1 finding, 0 accepted"]
    {
        assert!(stdout.contains(part), "{part} is missing in: {stdout}");
    }
}

#[test]
fn what_cannot_be_read_gives_2() {
    let directory = directory();
    for name in ["text", "empty", "cut.elf", "nothing", "."] {
        let (code, stdout, stderr) = landfall(directory.path(), &[name]);
        assert_eq!((code, stdout.as_str()), (Some(2), ""), "{name}");
        assert!(stderr.starts_with("error: ") && stderr.contains(name), "{stderr}");
    }
    for arguments in [
        &[][..],
        &["--explain", "nothing"],
        &["good.elf", "--allow", "memory-wx="],
        &["good.elf", "--profile", "bsd"],
    ] {
        assert_eq!(landfall(directory.path(), arguments).0, Some(2), "{arguments:?}");
    }
}

#[test]
fn json_has_stdout_to_itself() {
    let directory = directory();
    let (code, stdout, _) = landfall(directory.path(), &["wrong.elf", "--format", "json"]);
    assert_eq!(code, Some(1));
    let result: Value = serde_json::from_str(&stdout).expect("one object");
    assert_eq!((&result["findings"], &result["accepted"]), (&1.into(), &0.into()));
    let finding = &result["list"][0];
    assert_eq!(
        (&finding["code"], &finding["place"]["part"]),
        (&"memory-wx".into(), &"program header 0".into())
    );
    assert!(result["not_checked"].as_array().is_some_and(|list| !list.is_empty()));
}

#[test]
fn what_is_accepted_is_told_with_its_reason_and_passes() {
    let directory = directory();
    let accepted = landfall(directory.path(), &["wrong.elf", "--allow", "memory-wx=one segment is enough"]);
    assert_eq!(accepted.0, Some(0), "{}", accepted.1);
    assert!(accepted.1.contains("accepted: memory-wx: one segment is enough"), "{}", accepted.1);
    assert!(accepted.1.contains("no findings, 1 accepted, "), "{}", accepted.1);

    let (code, stdout, _) = landfall(directory.path(), &["wrong.elf", "--allow", "got-entry=none"]);
    assert_eq!(code, Some(1));
    assert!(stdout.contains("accepted and not found: got-entry (none)"), "{stdout}");
}

#[test]
fn the_project_keeps_what_it_accepts() {
    let directory = directory();
    let settings = directory.path().join("landfall.toml");
    fs::write(&settings, "[[check.allow]]\ncode = \"memory-wx\"\nreason = \"it is known\"\n")
        .expect("a file");
    let below = directory.path().join("below");
    fs::create_dir(&below).expect("a directory");
    for (from, file) in [(directory.path(), "wrong.elf"), (&*below, "../wrong.elf")] {
        let (code, stdout, _) = landfall(from, &[file]);
        assert_eq!(code, Some(0), "{stdout}");
        assert!(stdout.contains("accepted: memory-wx: it is known"), "{stdout}");
    }
    let elsewhere = "[[check.allow]]\ncode = \"memory-wx\"\nsymbol = \"there\"\nreason = \"it is known\"\n";
    fs::write(&settings, elsewhere).expect("a file");
    let (code, stdout, _) = landfall(directory.path(), &["wrong.elf"]);
    assert_eq!(code, Some(1));
    assert!(stdout.contains("accepted and not found: memory-wx in there (it is known)"), "{stdout}");
    fs::write(&settings, "[[check.allow]]\ncode = \"memory-wx\"\n").expect("a file");
    let (code, _, stderr) = landfall(directory.path(), &["wrong.elf"]);
    assert_eq!(code, Some(2));
    assert!(stderr.contains("landfall.toml") && stderr.contains("reason"), "{stderr}");
}

#[test]
fn every_code_is_explained() {
    let directory = directory();
    for code in landfall_inspect::Code::ALL {
        let (status, stdout, _) = landfall(directory.path(), &["--explain", code.name()]);
        assert_eq!(status, Some(0));
        let story = code.explanation();
        assert!(stdout.contains(story.title) && stdout.contains(story.why), "{stdout}");
        assert!(story.fixes.iter().all(|fix| stdout.contains(fix)), "{stdout}");
    }
}

#[test]
fn run_stops_before_a_wrong_file_boots() {
    let directory = directory();
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-landfall"));
    let output = command
        .args(["run", "./wrong.elf"])
        .current_dir(directory.path())
        .output()
        .expect("the command runs");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.contains("memory-wx"), "{stderr}");
    assert_eq!(output.status.code(), Some(1));
}
