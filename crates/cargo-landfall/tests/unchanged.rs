//! `run` without a change since the last run starts no Cargo.
//!
//! A script in the place of Cargo answers for a package whose kernel is linked already, and writes
//! down each start. The runs end on the simulator, which needs no QEMU.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, SystemTime};

use tempfile::TempDir;

/// A note counts only if its files are older than the steps of a file system's clock.
const STEP: Duration = Duration::from_secs(4);

/// The words of a Cargo that has nothing to build.
const END: &str = "    Finished `release` profile [optimized] target(s) in 0.01s";

/// A package with a kernel.
struct Package(TempDir);

impl Package {
    /// `fresh` is Cargo's word for a unit that it need not build, and `words` go to its stderr.
    fn new(fresh: &str, words: &str) -> Self {
        let package = Self(landfall_host::private::folder("landfall-").expect("a folder"));
        let at = |name: &str| package.path(name).display().to_string();
        let id = format!("path+file://{}#k@0.1.0", at("k"));
        let metadata = format!(
            r#"{{"workspace_root":"{0}","packages":[{{"name":"k","id":"{id}","manifest_path":"{0}/Cargo.toml",
            "targets":[{{"name":"k","kind":["bin"]}}],"dependencies":[]}}]}}"#,
            at("k")
        );
        let messages = format!(
            r#"{{"reason":"build-script-executed","package_id":"{id}","out_dir":"{}"}}
{{"reason":"compiler-artifact","package_id":"{id}","manifest_path":"{}","target":{{"name":"k"}},"fresh":{fresh},"executable":"{}"}}
"#,
            at("k/target/build/k-1/out"),
            at("k/Cargo.toml"),
            at("k/target/release/k")
        );
        let script = format!(
            "#!/bin/sh\necho $1 >> {0}/log\ncase $1 in metadata) cat {0}/metadata;; build) cat {0}/messages; echo '{words}' >&2;; esac\n",
            at("")
        );
        let sources = format!("{}: {}\n", at("k/target/release/k"), at("k/src/main.rs"));
        for (name, bytes) in [
            ("k/Cargo.toml", &b""[..]),
            ("k/src/main.rs", b""),
            ("k/target/build/k-1/output", format!("cargo::rerun-if-changed={}", at("data")).as_bytes()),
            ("k/target/release/k", &kernel()),
            ("k/target/release/k.d", sources.as_bytes()),
            ("data", b""),
            ("metadata", metadata.as_bytes()),
            ("messages", messages.as_bytes()),
            ("cargo", script.as_bytes()),
        ] {
            let path = package.path(name);
            fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            fs::write(path, bytes).expect("a file");
        }
        fs::set_permissions(package.path("cargo"), Permissions::from_mode(0o700)).expect("our own file");
        package
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Runs the kernel, and returns the starts of Cargo.
    fn starts(&self, more: &[&str]) -> Vec<String> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-landfall"));
        command.args(["run", "--simulator", "plain", "--limit", "1M", "k"]).args(more);
        command.current_dir(self.path("k")).env("CARGO", self.path("cargo")).env_remove("CARGO_TARGET_DIR");
        let output = command.env("A", "1").stdin(Stdio::null()).output().expect("it runs");
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(stderr.contains("simulator: plain") && !stderr.contains("not checked"), "{stderr}");
        let log = fs::read_to_string(self.path("log")).unwrap_or_default();
        let _ = fs::remove_file(self.path("log"));
        log.lines().map(str::to_owned).collect()
    }

    fn touch(&self, name: &str) {
        let file = File::open(self.path(name)).expect("a file");
        file.set_modified(SystemTime::now()).expect("a time");
    }
}

/// An ELF that is fit to boot, with a boot header and a symbol: it waits for ever.
fn kernel() -> Vec<u8> {
    const AT: u64 = 0x8020_0000;
    const SIZE: u64 = 0x48;
    const NAMES: &[u8] = b"\0.text\0.symtab\0.strtab\0_start\0";
    // Behind the ELF header and the program header: image, names, two symbols, section headers.
    let [code, names, symbols] = [120, 120 + SIZE, 120 + SIZE + NAMES.len() as u64];
    let headers = symbols + 48;
    let mut elf = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x02\0\xf3\0\x01\0\0\0".to_vec();
    elf.extend([AT, 64, headers].map(u64::to_le_bytes).as_flattened());
    elf.extend(0_u32.to_le_bytes());
    elf.extend([64_u16, 56, 1, 64, 4, 3].map(u16::to_le_bytes).as_flattened());
    elf.extend([1_u32, 5].map(u32::to_le_bytes).as_flattened());
    elf.extend([code, AT, AT, SIZE, SIZE, 8].map(u64::to_le_bytes).as_flattened());
    // `j` over Linux's boot header (text_offset, image_size, flags, version, magics) to `wfi`, `j`.
    elf.extend([0x0400_006f_u32, 0x13].map(u32::to_le_bytes).as_flattened());
    elf.extend([0x20_0000, SIZE, 0, 2, 0].map(u64::to_le_bytes).as_flattened());
    elf.extend(b"RISCV\0\0\0RSC\x05\0\0\0\0");
    elf.extend([0x1050_0073_u32, 0xffdf_f06f].map(u32::to_le_bytes).as_flattened());
    elf.extend(NAMES);
    elf.extend([0; 24]);
    // A global function in section 1.
    elf.extend(23_u32.to_le_bytes());
    elf.extend([0x12, 0, 1, 0]);
    elf.extend([AT, SIZE].map(u64::to_le_bytes).as_flattened());
    let mut section = |name: u32, kind: u32, values: [u64; 4], link: [u32; 2], rest: [u64; 2]| {
        elf.extend([name, kind].map(u32::to_le_bytes).as_flattened());
        elf.extend(values.map(u64::to_le_bytes).as_flattened());
        elf.extend(link.map(u32::to_le_bytes).as_flattened());
        elf.extend(rest.map(u64::to_le_bytes).as_flattened());
    };
    section(0, 0, [0; 4], [0; 2], [0; 2]);
    section(1, 1, [6, AT, code, SIZE], [0; 2], [4, 0]);
    section(7, 2, [0, 0, symbols, 48], [3, 1], [8, 24]);
    section(15, 3, [0, 0, names, NAMES.len() as u64], [0; 2], [1, 0]);
    elf
}

const BOTH: [&str; 2] = ["metadata", "build"];

#[test]
fn cargo_is_asked_until_it_has_nothing_to_do_and_again_after_a_change() {
    let package = Package::new("true", END);
    assert_eq!(package.starts(&[]), BOTH, "nothing is noted");
    assert_eq!(package.starts(&[]), BOTH, "the files may change within a step of the clock");
    thread::sleep(STEP);
    assert_eq!(package.starts(&[]), BOTH, "Cargo confirms the note");
    assert_eq!(package.starts(&[]), [""; 0]);
    assert_eq!(package.starts(&[]), [""; 0]);
    for (change, name) in [
        ("k/src/main.rs", "a source"),
        ("k/Cargo.toml", "a manifest"),
        ("data", "a file that a build script watches"),
        ("k/target/release/k", "the kernel"),
    ] {
        package.touch(change);
        assert_eq!(package.starts(&[]), BOTH, "{name}");
        thread::sleep(STEP);
        assert_eq!(package.starts(&[]), BOTH, "{name}: Cargo confirms the note");
        assert_eq!(package.starts(&[]), [""; 0], "{name}");
    }
    assert_eq!(package.starts(&["--features", "f"]), BOTH, "other words");
    assert_eq!(package.starts(&[]), [""; 0], "the note of the first words stands");
    fs::write(package.path("landfall.toml"), "").expect("a file");
    assert_eq!(package.starts(&[]), BOTH, "accepted findings in a folder above");
}

#[test]
fn warnings_are_repeated_and_work_is_done() {
    for (fresh, words) in [("true", "warning: unused"), ("false", END)] {
        let package = Package::new(fresh, words);
        thread::sleep(STEP);
        for run in 0..4 {
            assert_eq!(package.starts(&[]), BOTH, "{words}, run {run}");
        }
    }
}
