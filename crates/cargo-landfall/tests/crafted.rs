//! Files crafted to take a parser down: the answer is findings and a sentence, with exit status 1
//! or 2.

use std::fs;
use std::path::Path;
use std::process::Command;

const AT: u64 = 0x8020_0000;

/// An ELF whose entry is `entry` and gives a finding, with these sections besides.
fn elf(entry: u64, sections: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut elf = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x02\0\xf3\0\x01\0\0\0".to_vec();
    elf.extend([entry, 64, 0].map(u64::to_le_bytes).as_flattened());
    elf.extend(0_u32.to_le_bytes());
    let count = u16::try_from(sections.len() + 2).expect("a few");
    elf.extend([64_u16, 56, 1, 64, count, count - 1].map(u16::to_le_bytes).as_flattened());
    elf.extend([1_u32, 5].map(u32::to_le_bytes).as_flattened());
    elf.extend([120, AT, AT, 8, 8, 8].map(u64::to_le_bytes).as_flattened());
    elf.extend([0x1050_0073_u32, 0xffdf_f06f].map(u32::to_le_bytes).as_flattened());
    let (mut names, mut headers) = (b"\0".to_vec(), vec![0; 64]);
    let mut header = |name: usize, kind: u32, at: usize, size: usize| {
        headers.extend([u32::try_from(name).expect("a name"), kind].map(u32::to_le_bytes).as_flattened());
        headers.extend([0, 0, at as u64, size as u64, 0, 1, 0].map(u64::to_le_bytes).as_flattened());
    };
    for (name, bytes) in sections {
        header(names.len(), 1, elf.len(), bytes.len());
        names.extend(name.bytes().chain([0]));
        elf.extend(bytes);
    }
    header(0, 3, elf.len(), names.len());
    elf.extend(names);
    let table = elf.len() as u64;
    elf[0x28..0x30].copy_from_slice(&table.to_le_bytes());
    elf.extend(headers);
    elf
}

/// Debug information with this many files, all of one name of this length.
fn files(count: u32, length: usize) -> Vec<(&'static str, Vec<u8>)> {
    let abbreviations = vec![1, 0x11, 0, 0x10, 0x17, 0x11, 0x01, 0x12, 0x07, 0, 0, 0];
    // Version 5, DW_UT_compile, addresses of 8 bytes; line table 0, for the code from 0x1000 on.
    let mut unit = vec![5, 0, 1, 8, 0, 0, 0, 0, 1, 0, 0, 0, 0];
    unit.extend([0x1000_u64, 0x1000].map(u64::to_le_bytes).as_flattened());
    let mut header = vec![1, 1, 1, 0xfb, 14, 1];
    // Directories: one, with a path in place. Files: paths in .debug_line_str, each at 0.
    header.extend([1, 1, 0x08, 1, 0, 1, 1, 0x1f]);
    header.extend((0..5).map(|group| {
        let more = if group == 4 { 0 } else { 0x80 };
        u8::try_from(count >> (7 * group) & 0x7f).expect("seven bits") | more
    }));
    header.extend(vec![0; 4 * count as usize]);
    let mut lines = vec![5, 0, 8, 0];
    lines.extend(u32::try_from(header.len()).expect("a size").to_le_bytes());
    lines.extend(header);
    // A sequence from 0x1000 to 0x2000: DW_LNE_set_address, a special opcode (line 2),
    // DW_LNE_set_address, DW_LNE_end_sequence.
    let address = |at: u64| [&[0, 9, 2][..], &at.to_le_bytes()].concat();
    lines.extend([address(0x1000), vec![1 + 5 + 1], address(0x2000), vec![0, 1, 1]].concat());
    let sized =
        |bytes: Vec<u8>| [u32::try_from(bytes.len()).expect("a size").to_le_bytes().to_vec(), bytes].concat();
    let name = [vec![b'a'; length], vec![0]].concat();
    let tables =
        [(".debug_abbrev", abbreviations), (".debug_info", sized(unit)), (".debug_line", sized(lines))];
    tables.into_iter().chain([(".debug_line_str", name)]).collect()
}

/// Exit status, and everything that is printed.
fn check(file: &[u8]) -> (Option<i32>, String) {
    let directory = landfall_host::private::folder("landfall-").expect("a directory");
    let path = directory.path().join("crafted.elf");
    fs::write(&path, file).expect("a file");
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-landfall"));
    let output = command.arg("check").arg(Path::new("crafted.elf")).current_dir(directory.path());
    let output = output.output().expect("the command runs");
    let text = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(text).expect("UTF-8"))
}

#[test]
fn an_overflow_in_a_parser_leaves_the_findings() {
    let (code, text) = check(&elf(u64::MAX, &[(".debug_str", vec![0])]));
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("memory-entry: "), "{text}");
    assert!(text.contains("not checked: lines of source, because ") && text.contains("overflow"), "{text}");
    assert!(!text.contains("panicked"), "{text}");
}

/// Each of 100,000 files has a name of 200,000 letters, and the reader makes all of them: 20 GB
/// from 600 kB.
#[test]
fn tables_that_multiply_take_bounded_memory() {
    let file = elf(0x1010, &files(100_000, 200_000));
    assert!(file.len() < 1 << 20, "{}", file.len());
    let (code, text) = check(&file);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("memory-entry: "), "{text}");
    assert!(text.contains("not checked: lines of source, because "), "{text}");
    assert!(text.contains("the process that reads it ended"), "{text}");
}

/// Few of them are read, so the test above is about how many there are.
#[test]
fn the_same_tables_in_small_give_a_line() {
    let (code, text) = check(&elf(0x1010, &files(2, 10)));
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("from aaaaaaaaaa:2"), "{text}");
}
