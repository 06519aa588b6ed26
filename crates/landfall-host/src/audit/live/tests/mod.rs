//! Machines of a few instructions on QEMU.

mod fake;

use std::fs;
use std::io::Cursor;
use std::time::{Duration, Instant};

use landfall_audit::memory::{Memory, Raw};
use landfall_audit::{Origin, Phys, Request, Root, RootAudit, audit};

use super::*;
use crate::gdb::endpoint::Endpoint;
use crate::qemu::{PROGRAM, Qemu, Running};
use crate::scratch::Scratch;

/// The beginning of RAM.
const RAM: u64 = 0x8000_0000;

/// Each hart sets its `satp` to sv39 with the table in the second page, and waits.
const CODE: [u32; 7] = [
    0x0008_02b7, // lui t0, 0x80
    0x0012_8293, // addi t0, t0, 1
    0x0010_0313, // li t1, 1
    0x03f3_1313, // slli t1, t1, 63
    0x0062_e2b3, // or t0, t0, t1
    0x1802_9073, // csrw satp, t0
    0x0000_006f, // j .
];

/// Returns RAM with the code, a root, two tables that are far from each other, and a pointer to a
/// device.
fn ram() -> Vec<u8> {
    let mut bytes = vec![0; 64 * 4096];
    for (index, word) in CODE.iter().enumerate() {
        bytes[index * 4..][..4].copy_from_slice(&word.to_le_bytes());
    }
    let mut set = |table: usize, index: usize, entry: u64| {
        bytes[table * 4096 + index * 8..][..8].copy_from_slice(&entry.to_le_bytes());
    };
    let pointer = |page: u64| (RAM / 4096 + page) << 10 | 1;
    set(1, 256, pointer(2));
    set(1, 300, pointer(40));
    set(1, 511, 0x1000_0000 >> 2 | 1);
    set(2, 1, 0x2000_00c7);
    set(40, 5, pointer(41));
    set(41, 7, (RAM >> 2) | 0xcb);
    bytes
}

/// A QEMU that runs [`ram`].
struct Booted {
    scratch: Scratch,
    _running: Running,
}

impl Booted {
    fn start(more: &[&str]) -> Self {
        let scratch = Scratch::create().expect("a folder");
        let file = scratch.path().join("ram");
        fs::write(&file, ram()).expect("a written file");
        let at = |name: &str| scratch.path().join(name).display().to_string();
        let loader = format!("loader,file={},addr={RAM:#x},force-raw=on", file.display());
        let qmp = format!("unix:{},server=on,wait=off", at("qmp"));
        let gdb = format!("unix:{},server=on,wait=off", at("gdb"));
        let arguments = ["-M", "virt", "-smp", "2", "-m", "64M", "-bios", "none", "-device", &loader];
        let arguments = arguments.into_iter().chain(["-display", "none", "-serial", "none"]);
        let arguments = arguments.chain(["-qmp", &qmp, "-gdb", &gdb, "-monitor", "none"]);
        let arguments = arguments.chain(more.iter().copied()).map(Into::into);
        let running = Qemu::at(PROGRAM).start(arguments).expect("QEMU");
        let booted = Self { scratch, _running: running };
        // The socket is there before QEMU listens.
        let until = Instant::now() + Duration::from_secs(60);
        while Qmp::connect(&booted.endpoint("qmp")).is_err() && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(2));
        }
        booted
    }

    fn endpoint(&self, name: &str) -> Endpoint {
        Endpoint::Socket(self.scratch.path().join(name))
    }

    fn qmp(&self) -> Qmp {
        Qmp::connect(&self.endpoint("qmp")).expect("QMP")
    }

    fn status(&self) -> String {
        self.qmp().monitor("info status").expect("a status").trim().to_owned()
    }

    /// Captures the machine when both harts have set their `satp`.
    fn capture(&self, machine: impl Fn(&Self) -> Box<dyn FnOnce() -> Result<Capture, LiveError>>) -> Capture {
        let until = Instant::now() + Duration::from_secs(60);
        loop {
            let capture = machine(self)().expect("a capture");
            if capture.roots.without.is_empty() {
                return capture;
            }
            assert!(Instant::now() < until, "{:?}", capture.harts);
        }
    }
}

fn by_qmp(booted: &Booted) -> Box<dyn FnOnce() -> Result<Capture, LiveError>> {
    let mut machine = booted.qmp();
    Box::new(move || capture(&mut machine, &Wanted::OfHarts, Also::Nothing))
}

fn by_gdb(booted: &Booted) -> Box<dyn FnOnce() -> Result<Capture, LiveError>> {
    let mut machine = Gdb::new(booted.endpoint("gdb"));
    Box::new(move || capture(&mut machine, &Wanted::OfHarts, Also::Nothing))
}

/// Returns the audit of a source.
fn audited(memory: &mut impl Memory, roots: Vec<(Root, Origin)>) -> RootAudit {
    let request = Request { roots, ..Request::default() };
    audit(memory, &request).roots.remove(0)
}

#[test]
fn a_live_machine_is_that_of_its_memory_and_goes_on() {
    let booted = Booted::start(&[]);
    let root = Root::from_satp(8 << 60 | (RAM / 4096 + 1)).expect("paging");
    let mut raw = Raw::new(Cursor::new(ram()), Phys(RAM)).expect("bytes");
    let right = audited(&mut raw, vec![(root, Origin::Given)]);
    for captured in [booted.capture(by_qmp), booted.capture(by_gdb)] {
        let Capture { roots, mut snapshot, pause, .. } = captured;
        assert_eq!(roots.roots, [(root, Origin::Harts { harts: vec![0, 1] })]);
        let found = audited(&mut snapshot, roots.roots);
        assert_eq!((found.runs, found.regions), (right.runs.clone(), right.regions.clone()));
        // Four tables; the pointer to a device is not followed.
        assert_eq!(pause.bytes, 4 * 4096);
        assert!(pause.commands <= 20, "{pause:?}");
        assert_eq!(pause.before, Before::Ran);
        assert!(pause.time.is_some());
        assert_eq!(booted.status(), "VM status: running");
    }
}

#[test]
fn a_machine_that_stood_still_stays() {
    let booted = Booted::start(&["-S"]);
    let given = Wanted::Given(vec![Root::from_satp(8 << 60 | (RAM / 4096 + 1)).expect("paging")]);
    let by_qmp = capture(&mut booted.qmp(), &given, Also::Nothing).expect("a capture");
    let by_gdb = capture(&mut Gdb::new(booted.endpoint("gdb")), &given, Also::Nothing).expect("a capture");
    for captured in [by_qmp, by_gdb] {
        assert_eq!(captured.pause.before, Before::Stood { state: "prelaunch".to_owned() });
        assert_eq!(captured.pause.time, None);
        assert_eq!(captured.roots.roots[0].1, Origin::Given);
        assert_eq!(booted.status(), "VM status: paused (prelaunch)");
    }
}

#[test]
fn a_machine_without_a_kernel_of_landfall_s_states_no_plan() {
    let booted = Booted::start(&[]);
    booted.capture(by_qmp);
    let captured = capture(&mut booted.qmp(), &Wanted::OfHarts, Also::Plan).expect("a capture");
    let error = captured.decided.expect("it was wanted").expect_err("no kernel").to_string();
    assert_eq!(error, "no kernel of Landfall's begins at a mapping");
    assert_eq!(booted.status(), "VM status: running");
}

#[test]
fn a_machine_goes_on_after_a_failure() {
    let booted = Booted::start(&[]);
    booted.capture(by_qmp);
    let mut machine = booted.qmp();
    fs::remove_dir_all(machine.folder()).expect("removed");
    let error = capture(&mut machine, &Wanted::OfHarts, Also::Nothing).expect_err("no folder").to_string();
    assert!(error.starts_with("QEMU cannot write memory to ") && error.contains("--gdb"), "{error}");
    drop(machine);
    assert_eq!(booted.status(), "VM status: running");
}

#[test]
fn a_socket_that_is_no_qmp_is_named() {
    let booted = Booted::start(&["-S"]);
    let missing = Qmp::connect(&booted.endpoint("none")).expect_err("no socket").to_string();
    assert!(missing.contains("start QEMU with -qmp unix:"), "{missing}");
    let held = booted.qmp();
    let second = crate::qmp::Client::connect(&booted.endpoint("qmp"), Duration::from_millis(50));
    assert!(second.expect_err("busy").to_string().contains("one client at a time"));
    drop(held);
    let stub = crate::qmp::Client::connect(&booted.endpoint("gdb"), Duration::from_millis(50));
    assert!(stub.expect_err("a stub").to_string().ends_with("name it by --gdb"));
    let stub = |name| {
        capture(&mut Gdb::new(booted.endpoint(name)), &Wanted::OfHarts, Also::Nothing)
            .expect_err("no stub")
            .to_string()
    };
    let missing = stub("none");
    assert!(missing.contains("none: ") && missing.contains("; start QEMU with -gdb unix:"), "{missing}");
    let qmp = stub("qmp");
    assert!(qmp.ends_with("name it by --qmp"), "{qmp}");
    let socket = booted.scratch.path().join("other");
    let listener = std::os::unix::net::UnixListener::bind(&socket).expect("a socket");
    let other = std::thread::spawn(move || {
        use std::io::Write;
        let (mut stream, _) = listener.accept().expect("a client");
        stream.write_all(b"QEMU 10.0.2 monitor\x1b[K - type 'help'\n").expect("written");
    });
    let error = Qmp::connect(&Endpoint::Socket(socket)).expect_err("a monitor").to_string();
    assert!(error.contains("begins with \"QEMU 10.0.2 monitor\\u{1b}[K"), "{error}");
    other.join().expect("an end");
}
