//! Answers about a machine whose debugger is a model: it has three tables, and values by name.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::io::{self, Read, Write};
use std::rc::Rc;

use super::answer;
use super::debugger::Debugger;

const RAM: &str = "FlatView #0\n  0000000080000000-00000000bfffffff (prio 0, ram): ram\n";
const IMAGE: u64 = 0xffff_ffff_c000_0000;

/// The debugger, at the other ends of both pipes.
#[derive(Clone, Default)]
struct Model(Rc<RefCell<State>>);

#[derive(Default)]
struct State {
    tables: BTreeMap<u64, [u64; 512]>,
    values: BTreeMap<&'static str, u64>,
    satp: u64,
    ram: &'static str,
    asked: Vec<String>,
    line: Vec<u8>,
    answers: VecDeque<u8>,
}

impl State {
    fn answer(&mut self, status: u8, bytes: &[u8]) {
        self.answers.push_back(status);
        self.answers.extend(u32::try_from(bytes.len()).expect("small").to_le_bytes());
        self.answers.extend(bytes);
    }

    fn question(&mut self, line: String) {
        let (question, rest) = line.split_once(' ').unwrap_or((&line, ""));
        match question {
            "pages" => {
                for address in rest.split(' ') {
                    let address = u64::from_str_radix(address.trim_start_matches("0x"), 16).expect("hex");
                    let words = *self.tables.get(&address).expect("a question about a table");
                    self.answer(1, words.map(u64::to_le_bytes).as_flattened());
                }
            }
            "satp" => {
                let satp = self.satp.to_string();
                self.answer(1, satp.as_bytes());
            }
            "value" => match self.values.get(rest) {
                Some(value) => self.answer(1, value.to_string().as_bytes()),
                None => self.answer(0, b"No symbol in current context."),
            },
            "ram" => self.answer(1, self.ram.as_bytes()),
            other => panic!("{other}"),
        }
        self.asked.push(line);
    }
}

impl Read for Model {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        self.0.borrow_mut().answers.read(bytes)
    }
}

impl Write for Model {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut state = self.0.borrow_mut();
        for byte in bytes {
            if *byte == b'\n' {
                let line = std::mem::take(&mut state.line);
                state.question(String::from_utf8(line).expect("text"));
            } else {
                state.line.push(*byte);
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A gigabyte of linear map, and three pages of code: the second is writable too, and the linear
/// map has them all.
fn model() -> Model {
    let mut root = [0; 512];
    let (mut middle, mut last) = ([0; 512], [0; 512]);
    root[256] = 2 << 28 | 0xe7;
    root[511] = 0x8000_1000 >> 2 | 1;
    middle[0] = 0x8000_2000 >> 2 | 1;
    // A table in no memory.
    middle[1] = 0x1000_0000 >> 2 | 1;
    last[..3].copy_from_slice(&[0x8_0010 << 10 | 0xeb, 0x8_0011 << 10 | 0xef, 0x8_0012 << 10 | 0xeb]);
    let tables = BTreeMap::from([(0x8000_0000, root), (0x8000_1000, middle), (0x8000_2000, last)]);
    let values = BTreeMap::from([("main", IMAGE + 0x1010), ("nowhere", 0x1000), ("wrong", 1 << 62)]);
    let state = State { tables, values, satp: 8 << 60 | 0x8_0000, ram: RAM, ..State::default() };
    Model(Rc::new(RefCell::new(state)))
}

fn ask(model: &Model, words: &str) -> Result<String, String> {
    answer(words, None, &mut Debugger::new(model.clone(), model.clone()))
}

#[track_caller]
fn assert_lines(text: &str, wanted: &[&str]) {
    for words in wanted {
        assert!(text.contains(words), "\"{words}\" is not in: {text}");
    }
}

#[test]
fn regions_are_listed_and_each_table_is_asked_for_once() {
    let model = model();
    let text = ask(&model, "").expect("an answer");
    assert_lines(
        &text,
        &[
            "sv39 with its root at 0x80000000\n",
            "linear-map: 1 GiB mapped, 1 x 1G",
            "  0xffffffc000000000-0xffffffc03fffffff      1 GiB  RW- -GAD at 0x80000000   1 x 1G",
            "  0xffffffffc0001000-0xffffffffc0001fff      4 KiB  RWX -GAD at 0x80011000   1 x 4K",
            "findings: landfall vmmap --findings",
        ],
    );
    let state = model.0.borrow();
    let pages: Vec<_> = state.asked.iter().filter(|line| line.starts_with("pages")).collect();
    assert_eq!(pages, ["pages 0x80000000", "pages 0x80001000", "pages 0x80002000"]);
}

#[test]
fn an_address_is_explained_with_the_entry_of_each_level() {
    let text = ask(&model(), "main").expect("an answer");
    assert_lines(
        &text,
        &[
            "0xffffffffc0001010: RWX -GAD at 0x80011010, by a leaf of 4K",
            "  level 2  entry 511 at 0x80000ff8   0x0000000020000401  table at 0x80001000",
            "  level 1  entry   0 at 0x80001000   0x0000000020000801  table at 0x80002000",
            "  level 0  entry   1 at 0x80002008   0x00000000200044ef  leaf of 4K, RWX -GAD at 0x80011000",
            "  region image: 12 KiB mapped",
            "  the same memory at 0xffffffc000011010: RW- -GAD, linear-map",
            "  finding leaf-wx: ",
        ],
    );
    let text = ask(&model(), "nowhere").expect("an answer");
    assert_lines(&text, &["0x1000: not mapped: no entry at level 2", "below the start of linear-map"]);
    let text = ask(&model(), "wrong").expect("an answer");
    assert_lines(&text, &["0x4000000000000000: no address of this mode"]);
}

#[test]
fn a_shared_table_is_listed_and_explained_at_each_address() {
    let model = model();
    // The table of the code serves the lower half too, and another entry leads back to the root.
    let set =
        |index, entry| model.0.borrow_mut().tables.get_mut(&0x8000_0000).expect("the root")[index] = entry;
    set(2, 0x8000_1000 >> 2 | 1);
    set(510, 0x8000_0000 >> 2 | 1);
    let text = ask(&model, "--executable").expect("an answer");
    assert_lines(
        &text,
        &["  0x0000000080000000-0x0000000080000fff ", "  0xffffffffc0000000-0xffffffffc0000fff "],
    );
    assert_lines(&ask(&model, "").expect("an answer"), &["\nother: ", "\nimage: "]);
    assert_lines(&ask(&model, "image").expect("an answer"), &["  0xffffffffc0001000-"]);
    model.0.borrow_mut().asked.clear();
    let text = ask(&model, "main").expect("an answer");
    assert_lines(
        &text,
        &["RWX -GAD at 0x80011010", "  region image: ", "  the same memory at 0x80001010: RWX -GAD, other"],
    );
    let state = model.0.borrow();
    let pages: Vec<_> = state.asked.iter().filter(|line| line.starts_with("pages")).collect();
    assert_eq!(pages, ["pages 0x80000000", "pages 0x80001000", "pages 0x80002000"]);
}

#[test]
fn mappings_are_chosen_by_region_and_by_permission() {
    let text = ask(&model(), "--writable").expect("an answer");
    assert_lines(&text, &["linear-map:", "0xffffffffc0001000-0xffffffffc0001fff"]);
    assert!(!text.contains("0xffffffffc0000000-"), "{text}");
    let text = ask(&model(), "image").expect("an answer");
    assert!(!text.contains("linear-map") && text.matches(" at 0x800").count() == 4, "{text}");
    let error = ask(&model(), "--user").expect_err("no such mapping");
    assert_eq!(error, "no such mapping");
    let error = ask(&model(), "modules").expect_err("no such region");
    assert_eq!(error, "no such mapping in the region modules");
}

#[test]
fn findings_come_with_their_reasons_and_json_is_that_of_an_audit() {
    let text = ask(&model(), "--findings").expect("an answer");
    assert_lines(&text, &["leaf-wx: ", "table-missing: ", "why: ", "what to do: "]);
    let text = ask(&model(), "--json").expect("an answer");
    let json: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(json["roots"][0]["mappings"].as_array().map(Vec::len), Some(4));
}

#[test]
fn the_stack_of_the_selected_hart_needs_a_guard() {
    let model = model();
    assert_lines(&ask(&model, "--findings").expect("an answer"), &["not checked: stack-guard"]);
    // In the linear map.
    model.0.borrow_mut().values.insert("$sp", 0xffff_ffc0_2000_0010);
    let text = ask(&model, "--findings").expect("an answer");
    assert_lines(&text, &["stack-guard: ", "below the stack from 0xffffffc020000000 on"]);
}

#[test]
fn a_core_s_harts_choose_among_the_guesses_of_a_search() {
    // Two tables of sv39: the first has code and a stack, the second one leaf.
    let mut tables = vec![0; 8192];
    let mut set = |at: usize, entry: u64| tables[at * 8..][..8].copy_from_slice(&entry.to_le_bytes());
    set(256, 2 << 28 | 0xe7);
    set(258, 3 << 28 | 0xeb);
    set(512 + 257, 2 << 28 | 0xe7);
    let folder = crate::private::folder("landfall-").expect("a folder");
    let path = folder.path().join("core");
    std::fs::write(&path, with_hart(&core(&tables), 0xffff_ffc0_8000_0010, 0xffff_ffc0_2000_0010))
        .expect("a file");
    let model = model();
    let text = answer("--findings", Some(&path), &mut Debugger::new(model.clone(), model)).expect("one root");
    assert_lines(&text, &["stack-guard: ", "below the stack from 0xffffffc020000000 on"]);
}

/// A core of [`core`]'s with a note of one hart's registers behind its memory.
fn with_hart(core: &[u8], pc: u64, sp: u64) -> Vec<u8> {
    let mut registers = vec![0; 112 + 32 * 8];
    registers[112..][..8].copy_from_slice(&pc.to_le_bytes());
    registers[112 + 16..][..8].copy_from_slice(&sp.to_le_bytes());
    // The sizes of name and text, NT_PRSTATUS, and both.
    let size = u32::try_from(registers.len()).expect("small");
    let note = [[5, size, 1].map(u32::to_le_bytes).as_flattened(), b"CORE\0\0\0\0", &registers].concat();
    let mut file = core.to_vec();
    // A second program header, for which the memory moves: PT_NOTE.
    file[56] = 2;
    let (old, new) = (120_u64, 176_u64);
    file[72..80].copy_from_slice(&new.to_le_bytes());
    let size = note.len() as u64;
    let header = [4, new + (core.len() as u64 - old), 0, 0, size, size, 0].map(u64::to_le_bytes);
    file.splice(120..120, header.as_flattened().iter().copied());
    file.extend(note);
    file
}

#[test]
fn without_translation_the_answer_says_so() {
    let model = model();
    model.0.borrow_mut().satp = 0;
    let error = ask(&model, "").expect_err("no tables");
    assert_lines(&error, &["satp is 0x0: translation is off", "--satp"]);
    model.0.borrow_mut().values.insert("$other", 8 << 60 | 0x8_0000);
    assert!(ask(&model, "--satp $other").is_ok());
}

#[test]
fn names_that_are_unknown_and_debuggers_that_end_are_errors() {
    let error = ask(&model(), "mian").expect_err("no such name");
    assert_lines(&error, &["\"mian\" is neither a region nor an address (No symbol in current context.)"]);
    let mut gone = Debugger::new(io::empty(), io::sink());
    assert!(answer("", None, &mut gone).is_err_and(|error| error.contains("does not answer")));
    let mut garbage = Debugger::new(io::repeat(0xff), io::sink());
    assert!(answer("", None, &mut garbage).is_err_and(|error| error.contains("bytes")));
    // Without RAM that is known, every page is asked for; a machine of ones has no root.
    let mut ones = Debugger::new(io::repeat(1), io::sink());
    assert!(answer("", None, &mut ones).is_err());
}

#[test]
fn the_script_names_this_program() {
    let script = super::script().expect("a script");
    let command = script.lines().find_map(|line| line.strip_prefix("COMMAND = ")).expect("the command");
    let command: Vec<String> = serde_json::from_str(command).expect("a list that is one in Python too");
    assert!(std::path::Path::new(&command[0]).is_file() && command[1] == super::WORKER, "{command:?}");
}

#[test]
fn a_core_with_several_roots_leaves_the_choice_to_the_user() {
    let model = model();
    // Two tables of sv39 with one leaf each.
    let mut tables = vec![0; 8192];
    tables[256 * 8..][..8].copy_from_slice(&0x2000_00e7_u64.to_le_bytes());
    tables[4096 + 257 * 8..][..8].copy_from_slice(&0x2000_00e7_u64.to_le_bytes());
    let folder = crate::private::folder("landfall-").expect("a folder");
    let path = folder.path().join("core");
    std::fs::write(&path, core(&tables)).expect("a file");
    let ask = |words: &str| answer(words, Some(&path), &mut Debugger::new(model.clone(), model.clone()));
    let error = ask("").expect_err("two roots");
    let lines = ["--satp 0x8000000000080000  sv39, 1 GiB in 1 mappings", "--satp 0x8000000000080001"];
    assert_lines(&error, &lines);
    model.0.borrow_mut().values.insert("0x8000000000080001", 8 << 60 | 0x8_0001);
    let text = ask("--satp 0x8000000000080001").expect("an answer");
    assert_lines(&text, &["0xffffffc040000000-0xffffffc07fffffff      1 GiB  RW- -GAD"]);
}

/// An ELF core with one segment at 0x80000000.
fn core(bytes: &[u8]) -> Vec<u8> {
    let mut file = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0".to_vec();
    // Type, machine, version; entry, segments, sections; flags, sizes and counts.
    file.extend([4_u16, 243, 1, 0].map(u16::to_le_bytes).as_flattened());
    file.extend([0_u64, 64, 0].map(u64::to_le_bytes).as_flattened());
    file.extend([0_u16, 0, 64, 56, 1, 0, 0, 0].map(u16::to_le_bytes).as_flattened());
    // PT_LOAD; offset, virtual and physical address, sizes, alignment.
    let size = bytes.len() as u64;
    file.extend([1 | 7 << 32, 120, 0, 0x8000_0000, size, size, 0].map(u64::to_le_bytes).as_flattened());
    file.extend(bytes);
    file
}
