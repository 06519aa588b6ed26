//! `audit` as its user meets it: a machine of a few instructions on QEMU, by each source.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use landfall_host::gdb::endpoint::Endpoint;
use landfall_host::qemu::{PROGRAM, Qemu, Running};
use landfall_host::qmp::Client;
use serde_json::{Value, json};
use tempfile::TempDir;

/// The beginning of RAM.
const RAM: u64 = 0x8000_0000;

/// The root: sv39, with the table in the second page.
const SATP: &str = "8000000000080001";

/// The hart enters supervisor mode at a virtual address, with a stack below it, and waits.
const CODE: [u32; 24] = [
    0x0008_02b7, // lui t0, 0x80
    0x0012_8293, // addi t0, t0, 1
    0x0010_0313, // li t1, 1
    0x03f3_1313, // slli t1, t1, 63
    0x0062_e2b3, // or t0, t0, t1
    0x1802_9073, // csrw satp, t0
    0xfff0_0313, // li t1, -1
    0x0263_1313, // slli t1, t1, 38
    0x0000_2137, // lui sp, 2
    0x0061_0133, // add sp, sp, t1
    0xfff0_0293, // li t0, -1
    0x00a2_d293, // srli t0, t0, 10
    0x3b02_9073, // csrw pmpaddr0, t0
    0x01f0_0293, // li t0, 0x1f
    0x3a02_9073, // csrw pmpcfg0, t0
    0x0000_12b7, // lui t0, 1
    0x8002_8293, // addi t0, t0, -2048
    0x3002_a073, // csrs mstatus, t0: MPP is S
    0x0000_32b7, // lui t0, 3
    0x05c2_8293, // addi t0, t0, 92
    0x0062_82b3, // add t0, t0, t1
    0x3412_9073, // csrw mepc, t0
    0x3020_0073, // mret
    0x0000_006f, // j .
];

/// The virtual address of the last instruction, as the monitor prints it.
const WAITS: &str = "ffffffc00000305c";

/// Returns RAM: code, a root, tables; text and a stack of the kernel, and writable text if `wrong`.
fn ram(wrong: bool) -> Vec<u8> {
    let mut bytes = vec![0; 16 * 4096];
    for (index, word) in CODE.iter().enumerate() {
        bytes[index * 4..][..4].copy_from_slice(&word.to_le_bytes());
    }
    let mut set = |table: usize, index: usize, entry: u64| {
        bytes[table * 4096 + index * 8..][..8].copy_from_slice(&entry.to_le_bytes());
    };
    let page = |page: u64, flags: u64| (RAM / 4096 + page) << 10 | flags;
    set(1, 256, page(2, 1));
    set(2, 0, page(3, 1));
    set(3, 1, page(8, 0xe7));
    set(3, 3, page(0, if wrong { 0xef } else { 0xeb }));
    bytes
}

/// A machine, and its folder.
struct Machine {
    folder: TempDir,
    _running: Running,
}

impl Machine {
    fn start(ram: &[u8]) -> Self {
        let folder = landfall_host::private::folder("landfall-").expect("a folder");
        let at = |name: &str| folder.path().join(name).display().to_string();
        fs::write(at("ram"), ram).expect("a file");
        let loader = format!("loader,file={},addr={RAM:#x},force-raw=on", at("ram"));
        let [qmp, gdb] = ["qmp", "gdb"].map(|name| format!("unix:{},server=on,wait=off", at(name)));
        let arguments = ["-M", "virt", "-m", "64M", "-bios", "none", "-device", &loader, "-display", "none"];
        let more = ["-serial", "none", "-monitor", "none", "-qmp", &qmp, "-gdb", &gdb];
        let arguments = arguments.into_iter().chain(more).map(Into::into);
        let machine = Self { _running: Qemu::at(PROGRAM).start(arguments).expect("QEMU"), folder };
        let until = Instant::now() + Duration::from_secs(60);
        while !machine.monitor("info registers").is_some_and(|text| text.contains(WAITS)) {
            assert!(Instant::now() < until, "the code does not run");
        }
        machine
    }

    fn client(&self) -> Option<Client> {
        let socket = Endpoint::Socket(self.folder.path().join("qmp"));
        Client::connect(&socket, Duration::from_secs(5)).ok()
    }

    fn monitor(&self, command: &str) -> Option<String> {
        self.client()?.monitor(command).ok()
    }

    /// Writes a core and raw memory of the machine.
    fn save(&self) {
        let mut client = self.client().expect("QMP");
        let core = format!("file:{}", self.folder.path().join("core").display());
        client.execute("dump-guest-memory", &json!({ "paging": false, "protocol": core })).expect("a core");
        let raw = self.folder.path().join("raw").display().to_string();
        client
            .execute("pmemsave", &json!({ "val": RAM, "size": 16 * 4096, "filename": raw }))
            .expect("memory");
    }

    fn audit(&self, arguments: &str) -> (Option<i32>, String, String) {
        audit(self.folder.path(), arguments)
    }

    /// Returns the JSON of an audit without its source, the origins of roots, and the costs.
    fn json(&self, arguments: &str) -> Value {
        let (_, stdout, stderr) = self.audit(&format!("{arguments} --format json"));
        let mut json: Value =
            serde_json::from_str(&stdout).unwrap_or_else(|_| panic!("{arguments}: {stderr}"));
        json["source"] = Value::Null;
        json["roots"][0]["origin"] = Value::Null;
        json
    }
}

/// Returns exit status, stdout and stderr.
fn audit(folder: &Path, arguments: &str) -> (Option<i32>, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-landfall"));
    command.arg("audit").args(arguments.split_whitespace()).current_dir(folder).stdin(Stdio::null());
    let output = command.output().expect("the command runs");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[test]
fn every_source_gives_the_same_audit() {
    let machine = Machine::start(&ram(false));
    machine.save();
    let live = machine.json("--qmp qmp");
    assert_eq!(live["roots"][0]["mappings"].as_array().map(Vec::len), Some(2), "{live:#}");
    assert_eq!(machine.json("--gdb gdb"), live);
    // A file states no extensions. A core states the stacks of its harts, and those of a live
    // machine belong to the roots of its harts.
    let entries = "--napot svnapot --ad fault --memory-types reserved";
    let live = machine.json(&format!("--qmp qmp --satp {SATP} {entries}"));
    let core = machine.json(&format!("core --satp {SATP} {entries}"));
    for key in ["roots", "findings", "cost"] {
        assert_eq!(core[key], live[key], "{key}");
    }
    assert_eq!(
        machine.json(&format!("core {entries}"))["roots"][0]["mappings"],
        live["roots"][0]["mappings"]
    );
    let raw = machine.json(&format!("raw --base {RAM:#x} --satp {SATP} {entries}"));
    assert_eq!(raw["roots"], live["roots"]);
    let (status, stdout, stderr) = machine.audit("--qmp qmp");
    assert_eq!((status, stderr.as_str()), (Some(0), ""), "{stdout}");
    for words in ["audit of QMP at qmp\n", "sv39 at 0x80001000, satp of hart 0\n", "no findings\npaused for "]
    {
        assert!(stdout.contains(words), "no \"{words}\" in {stdout}");
    }
    assert_eq!(machine.monitor("info status").as_deref().map(str::trim), Some("VM status: running"));
    let (_, stdout, _) = machine.audit("core");
    assert!(
        stdout.contains("a guess: found by a search") && stdout.contains("map the pc and the sp"),
        "{stdout}"
    );
}

#[test]
fn findings_and_differences_are_a_failure() {
    let machine = Machine::start(&ram(true));
    let (status, stdout, stderr) = machine.audit("--qmp qmp");
    assert_eq!((status, stderr.as_str()), (Some(1), "error: audit reports a finding\n"), "{stdout}");
    assert!(stdout.contains("\nleaf-wx: ") && stdout.contains("RWX -GAD, 1 of 4K"), "{stdout}");
    let right = Machine::start(&ram(false));
    let (_, saved, _) = right.audit("--qmp qmp --format json");
    fs::write(machine.folder.path().join("saved"), saved).expect("a file");
    let (status, stdout, stderr) = machine.audit("--qmp qmp --against saved");
    let reports = "error: audit reports a finding and a difference\n";
    assert_eq!((status, stderr.as_str()), (Some(1), reports), "{stdout}");
    let words = "  0xffffffc000003000, 4 KiB: expected R-X -GAD at 0x80000000 by 4K, found RWX -GAD at 0x80000000 by 4K\n1 difference";
    assert!(stdout.contains("root 0 against saved:\n") && stdout.contains(words), "{stdout}");
}

#[test]
fn a_wrong_line_is_explained_without_a_machine() {
    let folder = landfall_host::private::folder("landfall-").expect("a folder");
    let put = |name: &str, text: &str| fs::write(folder.path().join(name), text).expect("a file");
    put("text", "no core");
    put("refused.json", "{\"outcome\": \"refused\"}");
    for (arguments, words) in [
        ("text", "error: text cannot be audited: it is not an ELF file"),
        ("none", "error: cannot read none: No such file"),
        (".", "error: cannot read .: it is no regular file"),
        ("text --base 0x80000000", "looks like the root of page tables; name a root with --satp"),
        ("text --base 0x80000000 --against text", "error: text is neither a plan nor a saved audit"),
        ("text --base 0x80000000 --against refused.json", "the kernel would refuse to land"),
        ("text --base 0x80000000 --layout text", "error: text has no layout"),
        ("text --base 0x80000000 --dtb text", "error: text is not a device tree"),
        ("text --base 0x80000000 --symbols text", "text is not a valid 64-bit little-endian ELF"),
        ("--qmp none", "start QEMU with -qmp unix:none,server=on,wait=off"),
        ("--gdb ./none", "error: no debugger's stub at ./none: cannot talk to QEMU's debugger"),
    ] {
        let (status, stdout, stderr) = audit(folder.path(), arguments);
        assert_eq!((status, stdout.as_str()), (Some(2), ""), "{arguments}");
        assert!(stderr.contains(words), "{arguments}: {stderr}");
    }
}

#[test]
fn codes_are_listed_and_explained() {
    let folder = landfall_host::private::folder("landfall-").expect("a folder");
    let (status, list, _) = audit(folder.path(), "--codes");
    assert_eq!(status, Some(0));
    let page =
        fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/audit.md")).expect("the page");
    for line in list.lines() {
        let (code, title) = line.split_once(' ').expect("a code");
        assert!(page.contains(&format!("| `{code}` | {} |", title.trim())), "{line}");
        let (status, story, _) = audit(folder.path(), &format!("--explain {code}"));
        assert_eq!(status, Some(0), "{code}");
        assert!(story.starts_with(&format!("{code}: {}", title.trim())), "{story}");
        assert!(story.contains("What to do, most likely cause first:\n  - "), "{story}");
    }
    assert_eq!(list.lines().count(), 20);
}

#[test]
fn a_page_has_the_audit_and_what_it_is_compared_with() {
    let folder = landfall_host::private::folder("landfall-").expect("a folder");
    let put = |name: &str, bytes: &[u8]| fs::write(folder.path().join(name), bytes).expect("a file");
    put("right", &ram(false));
    put("wrong", &ram(true));
    let audit = |name: &str, more: &str| {
        audit(folder.path(), &format!("{name} --base {RAM:#x} --satp {SATP} {more}"))
    };
    let saved = audit("right", "--format json").1;
    put("saved.json", saved.as_bytes());
    let parse = |text: &str| -> Value { serde_json::from_str(text).expect("JSON") };
    let (status, page, _) = audit("wrong", "--format html --against saved.json");
    assert_eq!(status, Some(1));
    let (_, rest) = page.split_once("id=\"landfall-documents\">").expect("documents");
    let documents = parse(rest.split_once("</script>").expect("their end").0);
    let [before, after] = [&documents["documents"][0], &documents["documents"][1]];
    assert_eq!((&before["kind"], &before["json"]), (&json!("audit"), &parse(&saved)));
    assert_eq!(
        (&before["title"], &after["title"]),
        (&json!("saved.json"), &json!("audit of wrong from 0x80000000 on"))
    );
    assert_eq!((&after["kind"], &after["json"]["finding_counts"]["leaf-wx"]), (&json!("audit"), &json!(1)));
}
