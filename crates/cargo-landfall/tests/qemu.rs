//! Properties of QEMU itself that the project relies on, each tested on a running machine.
//!
//! They need QEMU, so a plain `cargo test` passes them over: `cargo test -p cargo-landfall --
//! --include-ignored`.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use dtoolkit::fdt::Fdt;
use dtoolkit::{Node, Property};
use landfall_host::gdb::{self, Client, Ended, Hart, Space};
use landfall_host::landmarks::IMAGE_START;
use landfall_host::machine::{Harts, Machine, Memory};
use landfall_host::measure::{self, End, Part, Phase};
use landfall_host::place::{self, DEFAULT};
use landfall_host::qemu::{PROGRAM, Qemu, Running};
use landfall_host::stopped::{ImageBase, StoppedMachine};
use landfall_host::symbols::{Symbol, Symbols};
use landfall_host::tree;
use landfall_predict::units::{Address, Seed, Size};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;

const PATIENCE: Duration = Duration::from_secs(180);

/// Calls a loop of 100 rounds twice, then stays.
///
/// ```text
///  0  jal   ra, 16
///  4  jal   ra, 12
///  8  addi  x0, x0, 0
/// 12  jal   x0, 0
/// 16  addi  t0, x0, 100
/// 20  addi  t0, t0, -1
/// 24  bne   t0, x0, -4
/// 28  jalr  x0, 0(ra)
/// ```
const PROGRAM_TO_COUNT: [u32; 8] =
    [0x0100_00ef, 0x00c0_00ef, 0x0000_0013, 0x0000_006f, 0x0640_0293, 0xfff2_8293, 0xfe02_9ee3, 0x0000_8067];

fn program() -> Vec<u8> {
    PROGRAM_TO_COUNT.map(u32::to_le_bytes).as_flattened().to_vec()
}

/// A machine that stands before its first instruction, and a debugger.
struct Debugged {
    gdb: Client,
    _running: Running,
    _directory: TempDir,
}

fn debug(mut machine: Machine, at: Address) -> Debugged {
    let directory = landfall_host::private::folder("landfall-").expect("a directory");
    place::put(&mut machine, &program(), at, directory.path()).expect("a place for the program");
    let socket = directory.path().join("a,b");
    let mut arguments = machine.arguments();
    arguments.extend(gdb::arguments(&socket));
    let running = Qemu::at(PROGRAM).start(arguments).expect("QEMU");
    let gdb = Client::connect(&socket, PATIENCE).expect("a debugger");
    Debugged { gdb, _running: running, _directory: directory }
}

fn stopped(ended: Ended) -> Hart {
    match ended {
        Ended::Stopped(stop) => stop.hart,
        ended => panic!("the machine should have stopped: {ended:?}"),
    }
}

#[test]
#[ignore = "needs QEMU"]
fn the_debugger_reads_and_writes_memory_and_registers() {
    let mut debugged = debug(Machine::default(), DEFAULT);
    let gdb = &mut debugged.gdb;
    gdb.set_breakpoint(DEFAULT).expect("a breakpoint");
    stopped(gdb.resume(PATIENCE).expect("an end"));
    assert_eq!(gdb.register("pc").expect("pc"), DEFAULT.0);
    assert_eq!(gdb.register("satp").expect("satp"), 0);
    for csr in ["sstatus", "stvec", "scause", "stval", "sepc", "instret", "minstret", "mstatus"] {
        gdb.register(csr).expect(csr);
    }
    assert!(gdb.register("nothing").is_err());

    for space in [Space::Physical, Space::Virtual] {
        assert_eq!(gdb.read_memory(space, DEFAULT, 32).expect("memory"), program());
        let bytes: Vec<u8> = (0..5000_u32).map(|index| index.to_le_bytes()[0]).collect();
        gdb.write_memory(space, Address(0x9000_0001), &bytes).expect("written");
        assert_eq!(gdb.read_memory(space, Address(0x9000_0001), 5000).expect("memory"), bytes);
    }
    assert!(gdb.read_memory(Space::Virtual, Address(u64::MAX - 7), 8).is_err());

    gdb.set_register("t1", 0x1234_5678_9abc_def0).expect("written");
    assert_eq!(gdb.register("t1").expect("t1"), 0x1234_5678_9abc_def0);
    stopped(gdb.step().expect("a step"));
    assert_eq!(gdb.register("pc").expect("pc"), DEFAULT.0 + 16);
    assert!(gdb.monitor("info mem").expect("an answer").contains("No translation or protection"));
}

#[test]
#[ignore = "needs QEMU"]
fn a_breakpoint_stops_each_time_and_a_machine_that_runs_can_be_interrupted() {
    let mut debugged = debug(Machine::default(), DEFAULT);
    let gdb = &mut debugged.gdb;
    let (start, call, round) = (DEFAULT, DEFAULT.wrapping_add(16), DEFAULT.wrapping_add(20));
    gdb.set_breakpoint(start).expect("a breakpoint");
    stopped(gdb.resume(PATIENCE).expect("an end"));
    for place in [call, round] {
        gdb.set_breakpoint(place).expect("a breakpoint");
    }
    // One right behind the other, then the same one again.
    for place in [call, round, round] {
        stopped(gdb.resume(PATIENCE).expect("an end"));
        assert_eq!(gdb.register("pc").expect("pc"), place.0);
    }
    gdb.remove_breakpoint(round).expect("removed");
    gdb.remove_breakpoint(call).expect("removed");
    assert_eq!(gdb.resume(Duration::from_millis(200)).expect("an end"), Ended::Late);
    stopped(gdb.interrupt().expect("an end"));
    assert_eq!(gdb.register("pc").expect("pc"), DEFAULT.0 + 12);
}

#[test]
#[ignore = "needs QEMU"]
fn harts_are_told_apart() {
    let harts = Harts::new(3).expect("3 harts");
    let mut debugged = debug(Machine { harts, ..Machine::default() }, Address(0x8800_0000));
    let gdb = &mut debugged.gdb;
    assert_eq!(gdb.harts().expect("harts"), [0, 1, 2].map(Hart::with_id));
    for id in 0..3 {
        gdb.select(Hart::with_id(id)).expect("a hart");
        assert_eq!(gdb.register("mhartid").expect("mhartid"), id);
    }
    assert!(gdb.select(Hart::with_id(3)).is_err());
    gdb.set_breakpoint(Address(0x8800_000c)).expect("a breakpoint");
    let hart = stopped(gdb.resume(PATIENCE).expect("an end"));
    assert_eq!(gdb.register("mhartid").expect("mhartid"), hart.id());
    assert_eq!(gdb.register("pc").expect("pc"), 0x8800_000c);
}

#[test]
#[ignore = "needs QEMU"]
fn instructions_are_counted_exactly() {
    let directory = landfall_host::private::folder("landfall-").expect("a directory");
    let mut machine = Machine { extra: vec!["-icount".into(), "shift=0".into()], ..Machine::default() };
    let at = Address(0x8765_4000);
    place::put(&mut machine, &program(), at, directory.path()).expect("a place for the program");
    let symbol = |name: &str, offset| Symbol {
        name: name.to_owned(),
        address: Address(0xffff_ffff_0000_0000).wrapping_add(offset),
        size: 0,
    };
    let symbols: Symbols = [
        symbol(IMAGE_START, 0),
        symbol("count", 16),
        symbol("behind", 8),
        symbol("first", 0),
        symbol("second", 4),
        symbol("last", 12),
    ]
    .into_iter()
    .collect();
    let count = |phases: &[Phase]| {
        let (qemu, at) = (Qemu::at(PROGRAM), ImageBase::At(at));
        let mut entry =
            StoppedMachine::reach(&qemu, &machine, at, directory.path(), PATIENCE).expect("a machine");
        let counted = measure::count(&mut entry, &symbols, phases, "last", Instant::now() + PATIENCE);
        counted.expect("counted").expect("an end")
    };

    let called = count(&[Phase { begins: "count", ends: End::Return, part: Part::Tree }]);
    // 2 calls of 1 + 2 * 100 + 1 instructions, the two calls themselves, and the nop.
    assert_eq!((called.total(), called.of(Part::Tree), called.other()), (407, 404, 3));
    let ranges = count(&[
        Phase { begins: "second", ends: End::Symbol("behind"), part: Part::Plan },
        Phase { begins: "first", ends: End::Symbol("second"), part: Part::Rebase },
    ]);
    assert_eq!((ranges.total(), ranges.of(Part::Plan), ranges.of(Part::Rebase)), (407, 203, 203));
}

#[test]
#[ignore = "needs QEMU, and builds a kernel"]
fn instructions_are_counted_where_uefi_puts_the_image() {
    let mut run = Command::new(env!("CARGO_BIN_EXE_cargo-landfall"));
    run.args([
        "run",
        "--firmware",
        "uefi",
        "--append",
        "quiet",
        "--format",
        "json",
        "--",
        "-icount",
        "shift=0",
    ]);
    let output =
        run.current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")).output().expect("the command runs");
    let stderr = String::from_utf8_lossy(&output.stderr);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{stderr}"));
    let count = |key| report["instructions"][key].as_u64().unwrap_or_else(|| panic!("{key}: {stderr}"));
    let (loader, own, total, tree) = (count("loader"), count("efi_loader"), count("total"), count("tree"));
    // The image's own loader rehearses the landing up to its plan, so it reads a tree once more;
    // EDK2 prints, and waits for a key.
    assert!(tree > 0 && total > tree && own > tree && loader > 10 * own, "{}", report["instructions"]);
}

#[test]
#[ignore = "needs QEMU, and builds a kernel"]
fn a_machine_that_waits_leaves_nothing_behind_when_a_signal_ends_it() {
    let directory = landfall_host::private::folder("landfall-").expect("a directory");
    let mut run = Command::new(env!("CARGO_BIN_EXE_cargo-landfall"));
    run.args(["run", "--gdb"]).env("TMPDIR", directory.path()).env_remove("XDG_RUNTIME_DIR");
    run.current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    let mut run = run.spawn().expect("the command runs");
    let mut messages = BufReader::new(run.stderr.take().expect("its messages")).lines().map_while(Result::ok);
    assert!(messages.any(|line| line.starts_with("debug: the machine is stopped")));
    let left = || fs::read_dir(directory.path()).expect("a list").count();
    assert_eq!(left(), 2, "one for QEMU, one for debuggers");
    kill_process(Pid::from_child(&run), Signal::TERM).expect("a signal");
    assert_eq!(run.wait().expect("an end").code(), Some(143));
    assert_eq!(left(), 0);
}

#[test]
#[ignore = "needs QEMU"]
fn a_seeded_tree_reaches_the_kernel_with_its_command_line() {
    let scratch = landfall_host::private::folder("landfall-").expect("a directory");
    let machine = Machine { append: Some("one two".into()), ..Machine::default() };
    let qemu = Qemu::at(PROGRAM);
    let own = tree::of_machine(&qemu, &machine, scratch.path()).expect("QEMU's tree");
    for (name, tree) in [
        ("seeded", tree::with_seed(&own, Seed(0x0123_4567_89ab_cdef)).expect("a tree")),
        ("seedless", tree::without_seeds(&own).expect("a tree")),
    ] {
        let path: PathBuf = scratch.path().join(name);
        fs::write(&path, tree).expect("a file");
        let mut debugged = debug(Machine { dtb: Some(path), ..machine.clone() }, DEFAULT);
        let gdb = &mut debugged.gdb;
        gdb.set_breakpoint(DEFAULT).expect("a breakpoint");
        stopped(gdb.resume(PATIENCE).expect("an end"));
        let at = Address(gdb.register("a1").expect("a1"));
        let header = gdb.read_memory(Space::Physical, at, 8).expect("a header");
        let size = u32::from_be_bytes(header[4..].try_into().expect("4 bytes"));
        let bytes = gdb.read_memory(Space::Physical, at, size as usize).expect("the tree");
        let fdt = Fdt::new(&bytes).expect("a tree");
        let chosen = fdt.find_node("/chosen").expect("/chosen");
        let value = |name: &str| chosen.property(name).map(|property| property.value().to_vec());
        assert_eq!(value("bootargs").as_deref(), Some(&b"one two\0"[..]));
        assert_eq!(value("rng-seed"), None);
        let seed = (name == "seeded").then(|| vec![1, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef]);
        assert_eq!(value("kaslr-seed"), seed);
        assert!(fdt.find_node("/memory@80000000").is_some());
    }
}

#[test]
#[ignore = "needs QEMU"]
fn an_image_starts_at_any_address_in_ram() {
    for at in [0x8020_0000, 0x9000_1000, 0xbfe0_0000, 0xbfff_f000, 0x8006_0000] {
        let mut debugged = debug(Machine::default(), Address(at));
        let gdb = &mut debugged.gdb;
        gdb.set_breakpoint(Address(at)).expect("a breakpoint");
        stopped(gdb.resume(PATIENCE).expect("an end"));
        assert_eq!(gdb.read_memory(Space::Physical, Address(at), 32).expect("memory"), program(), "{at:#x}");
        assert_eq!(gdb.register("a1").expect("a1"), 0xbfe0_0000, "the tree's address arrives");
    }
}

#[test]
#[ignore = "needs QEMU"]
fn memory_can_be_a_file() {
    let directory = landfall_host::private::folder("landfall-").expect("a directory");
    let path = directory.path().join("ram");
    fs::write(&path, vec![0xa5; 64 << 20]).expect("a file");
    let memory = Memory::File { path: path.clone(), size: Size::mib(64) };
    let mut debugged = debug(Machine { memory, ..Machine::default() }, DEFAULT);
    let gdb = &mut debugged.gdb;
    gdb.set_breakpoint(DEFAULT).expect("a breakpoint");
    stopped(gdb.resume(PATIENCE).expect("an end"));
    let found = gdb.read_memory(Space::Physical, Address(0x8100_0000), 8).expect("memory");
    assert_eq!(found, [0xa5; 8]);
    gdb.write_memory(Space::Physical, Address(0x8100_0000), b"landfall").expect("written");
    assert_eq!(&fs::read(&path).expect("the file")[0x0100_0000..0x0100_0008], b"landfall");
}
