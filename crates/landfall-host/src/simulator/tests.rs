//! Kernels of a few instructions on the simulator.

use std::fs;

use tempfile::NamedTempFile;

use super::*;
use crate::kernel::Selection;
use crate::request::BootRequest;
use landfall_predict::units::{Address, Size};

/// The end of a kernel.
#[derive(Clone, Copy, PartialEq)]
enum End {
    ShutsDown,
    Loops,
}

/// Returns an image that prints `text`, or `other` if s1 is not 0 at entry.
fn image(text: &str, other: &str, end: End) -> Vec<u8> {
    let mut bytes = vec![0; 64];
    bytes[..4].copy_from_slice(&0x0400_006f_u32.to_le_bytes()); // j 64
    bytes[8..16].copy_from_slice(&0x20_0000_u64.to_le_bytes());
    bytes[16..24].copy_from_slice(&0x1000_u64.to_le_bytes());
    bytes[32..36].copy_from_slice(&2_u32.to_le_bytes());
    bytes[48..53].copy_from_slice(b"RISCV");
    bytes[56..60].copy_from_slice(b"RSC\x05");
    let length = u32::try_from(text.len() + 1).expect("short");
    let last = if end == End::Loops { 0x0000_006f } else { 0x0080_0893 };
    let words = [
        0x0000_0417,                // auipc s0, 0
        0x0004_0413 | 52 << 20,     // addi s0, s0, 52: the text
        0x0004_8463,                // beqz s1, 8
        0x0004_0413 | length << 20, // addi s0, s0, length: the other text
        0x0004_4503,                // lbu a0, 0(s0)
        0x0005_0a63,                // beqz a0, 20
        0x0010_0893,                // li a7, 1: legacy putchar
        0x0000_0073,                // ecall
        0x0014_0413,                // addi s0, s0, 1
        0xfedf_f06f,                // j -20
        last,                       // j 0, or li a7, 8: shutdown
        0x0000_0073,                // ecall
        0x0000_006f,                // j 0
    ];
    bytes.extend(words.iter().flat_map(|word: &u32| word.to_le_bytes()));
    bytes.extend([text.as_bytes(), &[0], other.as_bytes(), &[0]].concat());
    bytes
}

/// A kernel's file, and a boot of it.
struct Kernels {
    file: NamedTempFile,
    request: SimulatorRequest,
}

impl Kernels {
    fn new(image: &[u8], preset: Preset, seed: u64) -> Self {
        let file = NamedTempFile::new().expect("a file");
        fs::write(file.path(), image).expect("a written file");
        let kernel = Selection::named(&file.path().display().to_string());
        let boot = BootRequest { memory: Size::mib(64), ..BootRequest::new(kernel) };
        let (with, without) = (Vec::new(), Vec::new());
        let request = SimulatorRequest { boot, preset, with, without, seed: Some(seed), limit: 3_000_000 };
        Self { file, request }
    }

    fn prepared(&self) -> Prepared {
        assert!(self.file.path().exists());
        Prepared::of::<RunError>(&self.request.boot.kernel).expect("fit to boot")
    }

    /// Returns the lines of the console, and the verdict.
    fn run(&self) -> (Vec<String>, Result<Option<Report>, String>) {
        let drawn = Drawn::of(&self.request, &self.prepared()).expect("a machine");
        let mut lines = Vec::new();
        let verdict = run(&self.request, &drawn, &mut ByLine(|line: &str| lines.push(line.to_owned())));
        (lines, verdict.map_err(|error| error.to_string()))
    }
}

#[test]
fn a_console_comes_in_lines_and_its_verdict_counts() {
    for preset in [Preset::Plain, Preset::Worst, Preset::Errata] {
        let (text, end) = ("hello\nlandfall: exit 0\n", End::ShutsDown);
        let (lines, verdict) = Kernels::new(&image(text, text, end), preset, 1).run();
        assert_eq!(lines, ["hello", "landfall: exit 0"]);
        assert!(matches!(verdict, Ok(None)), "{verdict:?}");
    }
    let text = "landfall: exit 3\n";
    let (_, verdict) = Kernels::new(&image(text, text, End::ShutsDown), Preset::Plain, 1).run();
    assert_eq!(verdict.err().as_deref(), Some("the kernel ended with exit code 3"));
}

#[test]
fn a_kernel_that_exits_and_stays_has_ended() {
    let text = "landfall: exit 0\n";
    let (_, verdict) = Kernels::new(&image(text, text, End::Loops), Preset::Plain, 1).run();
    assert!(matches!(verdict, Ok(None)), "{verdict:?}");
}

#[test]
fn a_silent_kernel_is_over_with_its_limit() {
    let (_, verdict) = Kernels::new(&image("", "", End::Loops), Preset::Plain, 1).run();
    let error = verdict.expect_err("no verdict");
    let words = "the console has no verdict; 3000000 instructions are over; --limit N permits more";
    assert!(error.starts_with(words), "{error}");
    let (_, verdict) = Kernels::new(&image("", "", End::ShutsDown), Preset::Plain, 1).run();
    let error = verdict.expect_err("no verdict");
    assert!(error.starts_with("the console has no verdict; the machine has shut down\n"), "{error}");
}

#[test]
fn a_text_ends_the_run_in_a_line_that_has_no_end() {
    let mut kernel = Kernels::new(&image("login: ", "", End::Loops), Preset::Plain, 1);
    kernel.request.boot.until = Some("login:".to_owned());
    assert!(matches!(kernel.run(), (lines, Ok(None)) if lines == ["login: "]));
    kernel.request.boot.until = Some("ready".to_owned());
    let error = kernel.run().1.expect_err("another text");
    assert!(error.contains("contains \"ready\"; 3000000 instructions are over"), "{error}");
}

#[test]
fn a_failure_has_the_liberty_that_it_needs_and_the_command_that_repeats_it() {
    let image = image("landfall: exit 0\n", "landfall: panic s1 is not 0\n", End::ShutsDown);
    assert!(matches!(Kernels::new(&image, Preset::Plain, 5).run().1, Ok(None)));
    let kernel = Kernels::new(&image, Preset::Worst, 5);
    let error = kernel.run().1.expect_err("a panic");
    assert_eq!(error, "the kernel panicked: s1 is not 0");
    let drawn = Drawn::of(&kernel.request, &kernel.prepared()).expect("a machine");
    let explanation = failure::search_within(&kernel.request, &drawn, 1000).expect("a reason").0;
    assert_eq!(explanation.liberties, [Liberty::RandomRegisters]);
    let command = command(&kernel.request, 5);
    assert!(command.contains(" --simulator worst --seed 5 "), "{command}");
    assert!(command.ends_with("--harts 1 --memory 67108864 --limit 3000000"), "{command}");
    let mut without = Kernels::new(&image, Preset::Worst, 5);
    without.request.without = vec![Liberty::RandomRegisters];
    assert!(matches!(without.run().1, Ok(None)));
}

#[test]
fn a_given_address_is_kept_and_others_are_drawn() {
    let text = "landfall: exit 0\n";
    let mut kernel = Kernels::new(&image(text, text, End::ShutsDown), Preset::Worst, 2);
    let entry =
        |kernel: &Kernels| Drawn::of(&kernel.request, &kernel.prepared()).expect("a machine").config.entry;
    let drawn = entry(&kernel);
    kernel.request.seed = Some(3);
    assert_ne!(entry(&kernel), drawn);
    kernel.request.boot.at = Some(Address(0x8460_0000));
    assert_eq!(entry(&kernel), 0x8460_0000);
    assert!(matches!(kernel.run().1, Ok(None)));
}

#[test]
fn a_hart_is_lost_without_a_clock_only_if_the_user_wants_that() {
    let text = "landfall: exit 0\n";
    let kernel = Kernels::new(&image(text, text, End::ShutsDown), Preset::Worst, 0);
    let prepared = kernel.prepared();
    let drawn = |seed, with: &[Liberty]| {
        let request = SimulatorRequest { seed: Some(seed), with: with.to_vec(), ..kernel.request.clone() };
        Drawn::of(&request, &prepared).expect("a machine").config
    };
    let mut seen = [0; 2];
    for seed in 0..16 {
        let config = drawn(seed, &[]);
        seen[usize::from(config.extensions.time)] += 1;
        assert_eq!(config.liberties.has(Liberty::LateHart), config.extensions.time, "{seed}");
        assert!(drawn(seed, &[Liberty::LateHart]).liberties.has(Liberty::LateHart), "{seed}");
    }
    assert!(seen.iter().all(|count| *count != 0), "{seen:?}");
}
