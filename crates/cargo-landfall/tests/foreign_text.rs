//! Names in a file are printed as text, whatever they hold: no terminal control, no line of ours
//! faked.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

/// Clears the screen, sets the title, turns text red, reorders it, and ends with a verdict of its
/// own.
const EVIL: &str =
    "\x1b[2J\x1b]0;title\x07\x1b[31m\u{9b}31m\u{202e}\r\nno findings, 0 accepted, 0 not checked\n";

/// An ELF of another kernel: `wfi; j .-4; wfi; j .-4` and four bytes that are no instruction, in a
/// section and under a symbol that are both named [`EVIL`].
fn elf() -> Vec<u8> {
    const AT: u64 = 0x8020_0000;
    let code = [0x1050_0073_u32, 0xffdf_f06f, 0xffff_ffff].map(u32::to_le_bytes).concat();
    let names = ["\0", EVIL, "\0.symtab\0.strtab\0$x\0"].concat();
    let symtab_name = 2 + u32::try_from(EVIL.len()).expect("a short name");
    let symbol = [&1_u32.to_le_bytes()[..], &[2, 0, 1, 0], &AT.to_le_bytes(), &12_u64.to_le_bytes()].concat();
    // By `$x` the assembler says that all of it is code.
    let mapping = [&(symtab_name + 16).to_le_bytes()[..], &[0, 0, 1, 0], &AT.to_le_bytes(), &[0; 8]].concat();
    let symbols = [vec![0; 24], mapping, symbol].concat();
    let (text_at, symbols_at) = (120, 120 + code.len() as u64);
    let names_at = symbols_at + symbols.len() as u64;
    let headers_at = (names_at + names.len() as u64).next_multiple_of(8);

    let mut elf = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x02\0\xf3\0\x01\0\0\0".to_vec();
    elf.extend([AT, 64, headers_at].map(u64::to_le_bytes).as_flattened());
    elf.extend(0_u32.to_le_bytes());
    elf.extend([64_u16, 56, 1, 64, 4, 3].map(u16::to_le_bytes).as_flattened());
    elf.extend([1_u32, 5].map(u32::to_le_bytes).as_flattened());
    let size = code.len() as u64;
    elf.extend([text_at, AT, AT, size, size, 4].map(u64::to_le_bytes).as_flattened());
    elf.extend([code, symbols.clone(), names.clone().into_bytes()].concat());
    elf.resize(usize::try_from(headers_at).expect("a small file"), 0);
    let mut section = |name: u32, kind: u32, numbers: [u64; 4], link: u32, entry: u64| {
        elf.extend([name, kind].map(u32::to_le_bytes).as_flattened());
        elf.extend(numbers.map(u64::to_le_bytes).as_flattened());
        elf.extend([link, 1].map(u32::to_le_bytes).as_flattened());
        elf.extend([1, entry].map(u64::to_le_bytes).as_flattened());
    };
    section(0, 0, [0; 4], 0, 0);
    section(1, 1, [6, AT, text_at, size], 0, 0);
    section(symtab_name, 2, [0, 0, symbols_at, symbols.len() as u64], 3, 24);
    section(symtab_name + 8, 3, [0, 0, names_at, names.len() as u64], 0, 0);
    elf
}

fn landfall(directory: &Path, arguments: &[&str]) -> Output {
    fs::write(directory.join("evil.elf"), elf()).expect("a file");
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-landfall"));
    command.args(arguments).current_dir(directory).output().expect("the command runs")
}

#[test]
fn names_with_terminal_escapes_are_printed_as_text() {
    let directory = landfall_host::private::folder("landfall-").expect("a directory");
    for (arguments, code) in [(["check", "evil.elf"], 1), (["run", "./evil.elf"], 1)] {
        let output = landfall(directory.path(), &arguments);
        assert_eq!(output.status.code(), Some(code), "{output:?}");
        let text = String::from_utf8([output.stdout, output.stderr].concat()).expect("UTF-8");
        assert!(!text.contains(|letter: char| letter.is_control() && letter != '\n'), "{text:?}");
        assert!(!text.contains('\u{202e}'), "{text:?}");
        assert!(text.contains(r"\x1b[2J\x1b]0;title\x07\x1b[31m\u009b31m\u202e\r\nno findings"), "{text}");
        assert!(!text.lines().any(|line| line.starts_with("no findings")), "{text}");
    }
}

#[test]
fn json_keeps_names_as_they_are_without_a_raw_control_character() {
    let directory = landfall_host::private::folder("landfall-").expect("a directory");
    let output = landfall(directory.path(), &["check", "evil.elf", "--format", "json"]);
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(!text.trim_end().contains(char::is_control), "{text:?}");
    let result: Value = serde_json::from_str(&text).expect("one object");
    let list = result["list"].as_array().expect("a list");
    let place = &list.iter().find(|finding| finding["code"] == "code-unknown").expect("the finding")["place"];
    assert_eq!(place["section"], EVIL);
    assert_eq!(place["symbol"], format!("{EVIL}+0x8"));
}
