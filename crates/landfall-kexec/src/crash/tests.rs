//! The core's headers as the crate `object` and binutils read them, and the places of all parts.

#![expect(clippy::cast_possible_truncation, reason = "the numbers of these tests are small")]

use std::string::ToString;
use std::vec::Vec;
use std::{env, fs, process, vec};

use landfall_image::header::{MAGIC, MAGIC2, VERSION};
use landfall_paging::{Mode, PhysAddr, PhysRange};
use landfall_plan::facts::ImageFacts;
use landfall_plan::harts::{Extensions, Hart, HartIndex, Mmu};
use landfall_plan::{Facts, Plan, Policy};
use landfall_tree::Tree;
use landfall_tree::tokens::{Tokens, TreeWriter};
use object::LittleEndian;
use object::elf::{EM_RISCV, ET_CORE, FileHeader64, NT_PRSTATUS, PT_LOAD, PT_NOTE};
use object::read::elf::{FileHeader as _, ProgramHeader as _};

use super::{CoreHeaders, CrashError, CrashNext, CrashPlan, SaveArea};
use crate::{Block, ImageKind, KexecError, Running, Step};

const CRASH: u64 = 16 << 20;

fn range(start: u64, size: u64) -> PhysRange {
    PhysRange::new(PhysAddr::new(start), size)
}

fn tree() -> Vec<u8> {
    const NAMES: &[u8] = b"#address-cells\0#size-cells\0device_type\0reg\0rng-seed\0";
    let mut bytes = vec![0; 4096];
    let mut out = TreeWriter::new(&mut bytes, &[], NAMES, []);
    out.begin("");
    out.cell("#address-cells", 2);
    out.cell("#size-cells", 2);
    out.begin("chosen");
    out.property("rng-seed", &[7; 32]);
    out.end();
    out.begin_at("memory", 0x8000_0000);
    out.text("device_type", "memory");
    out.begin_property("reg");
    out.double(0x8000_0000);
    out.double(0x800_0000);
    out.end_property();
    out.end();
    out.end();
    let size = out.finish(0).expect("room");
    bytes.truncate(size);
    bytes
}

fn facts(crash: u64) -> Facts {
    let mut facts = Facts::UNKNOWN;
    facts.ram.insert(range(0x8000_0000, 0x800_0000)).expect("room");
    facts.no_map.insert(range(0x8000_0000, 0x8_0000)).expect("room");
    facts.image = ImageFacts { text: 0x8000, constants: 0x4000, early: 0x8000, data: 0x8000 };
    facts.loaded = PhysAddr::new(0x8020_0000);
    facts.tree = range(0x8300_0000, tree().len() as u64);
    facts.harts.push(Hart { id: 0, mmu: Mmu::Upto(Mode::Sv48), extensions: Extensions::NONE });
    facts.reserve_crash_memory(&Policy::new().with_crash_memory(crash));
    facts
}

/// A flat image with a boot header, in which every byte behind it counts.
fn image(memory: u64) -> Vec<u8> {
    let mut image: Vec<u8> = (0..0x2345_u32).map(|index| index as u8).collect();
    image[..0x40].fill(0);
    image[0x08..0x10].copy_from_slice(&0x20_0000_u64.to_le_bytes());
    image[0x10..0x18].copy_from_slice(&memory.to_le_bytes());
    image[0x20..0x24].copy_from_slice(&VERSION.to_le_bytes());
    image[0x30..0x38].copy_from_slice(&MAGIC.to_le_bytes());
    image[0x38..0x3c].copy_from_slice(&MAGIC2.to_le_bytes());
    image
}

/// A crash kernel with an initrd, and crash memory full of garbage.
fn load(crash: u64, next: &CrashNext<'_>) -> (Result<CrashPlan, CrashError>, Vec<u8>, Facts) {
    let (facts, tree) = (facts(crash), tree());
    let plan = Plan::new(&facts, &Policy::new(), Mode::Sv48, None).expect("it lands");
    let running = Running { facts: &facts, plan: &plan, tree: &tree, hart: 0 };
    let areas = range(0x8020_9000, 3 * SaveArea::SIZE as u64);
    let core = CoreHeaders { running, areas, note: "satp=0x1\nharts=3\n" };
    let mut bytes = vec![0xa5; facts.crash.size() as usize];
    let mut memory = Block { bytes: &mut bytes, at: facts.crash.start() };
    let loaded = CrashPlan::new(&core, next, &mut memory);
    if let Ok(plan) = &loaded {
        plan.write_list(&mut memory);
    }
    (loaded, bytes, facts)
}

fn next<'a>(image: &'a [u8], initrd: &'a [u8]) -> CrashNext<'a> {
    CrashNext { image, initrd: Some(initrd), command_line: b"console=ttyS0", seed: None }
}

fn part(bytes: &[u8], facts: &Facts, part: PhysRange) -> Vec<u8> {
    let offset = (part.start().get() - facts.crash.start().get()) as usize;
    bytes[offset..offset + part.size() as usize].to_vec()
}

#[test]
fn a_save_area_is_a_note_of_registers_or_none_at_all() {
    let area = SaveArea::EMPTY;
    assert!(!area.is_saved());
    let registers = core::array::from_fn(|index| 0x1_0000_0001_u64 * index as u64);
    area.save(HartIndex::new(4), 0xffff_ffff_8000_1234, &registers);
    area.save(HartIndex::new(4), 1, &[0; 32]);
    assert!(area.is_saved());
    let text = std::format!("{area:?}");
    let words: Vec<u32> =
        text.split(|c: char| !c.is_ascii_digit()).filter_map(|word| word.parse().ok()).collect();
    let words = &words[words.len() - SaveArea::SIZE / 4..];
    let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    assert_eq!(bytes[..20], *b"\x05\0\0\0\x78\x01\0\0\x01\0\0\0CORE\0\0\0\0");
    let word = |at: usize| u64::from_le_bytes(bytes[at..at + 8].try_into().expect("a word"));
    assert_eq!(word(20 + 32) as u32, 5, "the pid");
    assert_eq!(word(20 + 112), 0xffff_ffff_8000_1234, "the first call counts");
    assert!((1..32).all(|index| word(20 + 112 + 8 * index) == registers[index]));
    assert_eq!(bytes[396..], [0; 12], "the end of the notes");
}

#[test]
fn the_headers_are_a_core_of_risc_v_with_virtual_addresses() {
    let file = image(0x10_0000);
    let (loaded, bytes, facts) = load(CRASH, &next(&file, b"initrd"));
    let loaded = loaded.expect("it fits");
    let headers = part(&bytes, &facts, loaded.headers);
    let header = FileHeader64::<LittleEndian>::parse(headers.as_slice()).expect("an ELF");
    let endian = LittleEndian;
    assert_eq!((header.e_type(endian), header.e_machine(endian)), (ET_CORE, EM_RISCV));
    let segments = header.program_headers(endian, headers.as_slice()).expect("segments");
    // Linux drops as many headers as there are notes, but for one, behind the first of all.
    assert!(segments.is_sorted_by_key(|segment| segment.p_type(endian) != PT_NOTE), "notes come first");
    let plan = Plan::new(&facts, &Policy::new(), Mode::Sv48, None).expect("it lands");
    let of = |kind| segments.iter().filter(move |segment| segment.p_type(endian) == kind);
    let loads: Vec<_> = of(PT_LOAD)
        .map(|segment| (segment.p_vaddr(endian), segment.p_paddr(endian), segment.p_memsz(endian)))
        .collect();
    let linear = plan.linear.mapped(&facts);
    let linear = linear.map(|part| (plan.linear.virt(part.start()).get(), part.start().get(), part.size()));
    let own = (plan.image.virt.get(), 0x8020_0000, 0x1_c000);
    assert_eq!(loads, linear.chain([own]).collect::<Vec<_>>());
    assert!(loads.iter().all(|(_, phys, size)| !facts.crash.overlaps(range(*phys, *size))));
    assert!(segments.iter().all(|segment| segment.p_offset(endian) == segment.p_paddr(endian)));
    let notes: Vec<_> =
        of(PT_NOTE).map(|segment| (segment.p_paddr(endian), segment.p_memsz(endian))).collect();
    assert_eq!(notes[..3], [0, 1, 2].map(|index| (0x8020_9000 + index * 408, 408)));
    let (at, size) = notes[3];
    let note = part(&bytes, &facts, range(at, size));
    assert_eq!(note[..12], *b"\x09\0\0\0\x11\0\0\0\x01\0\0\0");
    assert_eq!(note[12..24], *b"landfall\0\0\0\0");
    assert_eq!(note[24..41], *b"satp=0x1\nharts=3\n");
    assert!(note[41..].iter().all(|byte| *byte == 0) && note.len() == 44 + 12);
    assert_eq!(NT_PRSTATUS.0, 1);
}

#[test]
fn binutils_reads_the_headers_too() {
    let file = image(0x10_0000);
    let (loaded, bytes, facts) = load(CRASH, &next(&file, b""));
    let headers = part(&bytes, &facts, loaded.expect("it fits").headers);
    let path = env::temp_dir().join(std::format!("landfall-core-{}", process::id()));
    fs::write(&path, headers).expect("a place for it");
    let output = process::Command::new("readelf").arg("-lhW").arg(&path).output();
    fs::remove_file(&path).expect("our own file");
    // A host without binutils has the test above.
    let Ok(output) = output else { return };
    let text = std::string::String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("CORE") && text.contains("RISC-V") && text.contains("LOAD"), "{text}");
}

#[test]
fn everything_lies_in_crash_memory_and_nothing_overlaps() {
    let (file, initrd) = (image(0x2f_0000), vec![9; 0x1234]);
    let (loaded, bytes, facts) = load(CRASH, &next(&file, &initrd));
    let loaded = loaded.expect("it fits");
    assert_eq!(loaded.kind, ImageKind::BootHeader);
    // Linux takes all of the last 2 MiB in which it lies.
    assert_eq!(loaded.image, range(facts.crash.start().get(), 0x40_0000));
    let initrd_at = loaded.initrd.expect("an initrd");
    let parts = [loaded.image, initrd_at, loaded.headers, loaded.block];
    for (index, one) in parts.iter().enumerate() {
        assert!(facts.crash.contains(*one));
        assert!(parts[index + 1..].iter().all(|other| !other.overlaps(*one)), "{parts:?}");
    }
    assert!(loaded.block.contains(loaded.tree));
    assert_eq!(part(&bytes, &facts, range(loaded.image.start().get(), file.len() as u64)), file);
    let behind = range(loaded.image.start().get() + file.len() as u64, 0x2f_0000 - file.len() as u64);
    assert!(part(&bytes, &facts, behind).iter().all(|byte| *byte == 0));
    assert_eq!(part(&bytes, &facts, initrd_at), initrd);
}

#[test]
fn the_tree_limits_memory_and_names_the_headers() {
    let file = image(0x10_0000);
    let (loaded, bytes, facts) = load(CRASH, &next(&file, b"initrd"));
    let loaded = loaded.expect("it fits");
    let tree = part(&bytes, &facts, loaded.tree);
    let chosen = Tokens::root(Tree::new(&tree).expect("a tree")).child("chosen").expect("chosen");
    let pair = |range: PhysRange| [range.start().get(), range.size()].map(u64::to_be_bytes).concat();
    assert_eq!(chosen.property("linux,usable-memory-range"), Some(pair(facts.crash).as_slice()));
    assert_eq!(chosen.property("linux,elfcorehdr"), Some(pair(loaded.headers).as_slice()));
    assert_eq!(chosen.property("bootargs"), Some(b"console=ttyS0\0".as_slice()));
    assert_eq!(chosen.property("rng-seed"), None, "the old seed is gone");
    let mut read = Facts::UNKNOWN;
    read.tree = loaded.tree;
    Tree::read(&tree, &mut read).expect("a landing reads it");
    assert_eq!(read.ram.as_slice(), [facts.crash]);
    assert!(read.kexec && read.reserved.contains(loaded.headers.pages_touched()));
    assert_eq!(read.initrd, loaded.initrd);
}

#[test]
fn the_list_has_a_checksum_of_each_word_that_was_loaded() {
    let file = image(0x10_0000);
    let (loaded, bytes, facts) = load(CRASH, &next(&file, b"initrd"));
    let loaded = loaded.expect("it fits");
    let list = part(&bytes, &facts, loaded.parts.list);
    let steps: Vec<[u64; 4]> = list
        .chunks_exact(Step::SIZE)
        .map(|step| {
            core::array::from_fn(|index| {
                u64::from_le_bytes(step[index * 8..][..8].try_into().expect("a word"))
            })
        })
        .take_while(|step| step[0] != 0)
        .collect();
    let mut checked = Vec::new();
    for [kind, sum, at, size] in steps {
        assert_eq!((kind, size % 8), (3, 0));
        let words = part(&bytes, &facts, range(at, size));
        let words = words.as_chunks().0.iter().map(|word| u64::from_le_bytes(*word));
        assert_eq!(crate::sum(words), sum);
        checked.push(range(at, size));
    }
    let file_part = range(loaded.image.start().get(), file.len() as u64);
    let wanted = [
        file_part,
        loaded.initrd.expect("one"),
        loaded.headers,
        loaded.tree,
        loaded.parts.tables,
        loaded.parts.copier,
    ];
    assert!(wanted.iter().all(|part| checked.iter().any(|checked| checked.contains(*part))), "{checked:?}");
    assert!(checked.iter().all(|checked| !checked.overlaps(loaded.parts.list)));
}

#[test]
fn what_cannot_be_loaded_is_an_error_that_says_why() {
    let file = image(0x10_0000);
    let failure = |crash, next: &CrashNext<'_>| load(crash, next).0.expect_err("no crash kernel");
    assert_eq!(failure(0, &next(&file, b"")), CrashError::NoCrashMemory);
    let large = vec![1; 15 << 20];
    let error = failure(CRASH, &next(&file, &large));
    let CrashError::TooSmall { wanted, found } = error else { panic!("{error}") };
    assert_eq!(found, CRASH);
    assert!(wanted > CRASH && error.to_string().contains("crashkernel="));
    assert!(load(wanted.next_multiple_of(2 << 20), &next(&file, &large)).0.is_ok(), "{wanted:#x} suffices");
    assert!(matches!(failure(CRASH, &next(&image(1 << 40), b"")), CrashError::TooSmall { .. }));
    assert!(matches!(failure(CRASH, &next(&image(u64::MAX), b"")), CrashError::TooSmall { .. }));
    assert!(matches!(failure(CRASH, &next(&file[..60], b"")), CrashError::Kexec(KexecError::Image(_))));
    let line = CrashNext { command_line: b"a\0b", ..next(&file, b"") };
    assert_eq!(failure(CRASH, &line), CrashError::Kexec(KexecError::CommandLine));
}

#[test]
fn an_image_that_is_cut_off_or_damaged_anywhere_is_loaded_or_refused() {
    let file = image(0x10_0000);
    for size in 0..file.len().min(200) {
        let _ = load(CRASH, &next(&file[..size], b""));
    }
    for (at, value) in (0..64).flat_map(|at| [0, 0x7f, 0xff].map(|value| (at, value))) {
        let mut damaged = file.clone();
        damaged[at] = value;
        let _ = load(CRASH, &next(&damaged, b"initrd"));
    }
}
