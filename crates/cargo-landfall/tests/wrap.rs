//! `wrap` refuses a kernel before it builds anything, by the number of the rule.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use landfall_plan::Policy;
use landfall_predict::sample::sealed;

/// Runs `wrap` in an empty folder, which no checkout contains, and returns status and messages.
fn wrap(arguments: &[&str]) -> (Option<i32>, String) {
    wrap_in_folder(b"no ELF at all", arguments)
}

/// Does the same, with this content of the file `text.elf`.
fn wrap_in_folder(content: &[u8], arguments: &[&str]) -> (Option<i32>, String) {
    let folder = landfall_host::private::folder("landfall-test-").expect("a folder");
    fs::write(folder.path().join("text.elf"), content).expect("a file");
    let outcome = run(folder.path(), arguments);
    assert_eq!(fs::read_dir(folder.path()).expect("the folder").count(), 1, "{arguments:?} writes a file");
    outcome
}

/// Runs `wrap` in `folder`.
fn run(folder: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-landfall"));
    command.arg("wrap").args(arguments).current_dir(folder).env_remove("LANDFALL_PATH");
    let output = command.output().expect("it runs");
    assert!(output.stdout.is_empty(), "{arguments:?} prints {output:?}");
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn a_kernel_that_breaks_a_rule_has_status_1_and_its_rule() {
    let (status, messages) = wrap(&["text.elf"]);
    assert_eq!(status, Some(1), "{messages}");
    assert!(messages.starts_with("error: text.elf breaks rule W1 of wrap: "), "{messages}");
}

#[test]
fn a_file_that_cannot_be_read_has_status_2() {
    let (status, messages) = wrap(&["missing.elf"]);
    assert_eq!(status, Some(2), "{messages}");
    assert!(messages.contains("missing.elf: "), "{messages}");
}

#[test]
fn a_result_never_replaces_the_kernel() {
    for (out, words) in
        [("text.bin", "would be replaced by the ELF of the result"), ("other.elf", "is the name of the ELF")]
    {
        let (status, messages) = wrap(&["text.elf", "--out", out]);
        assert_eq!(status, Some(2), "{messages}");
        assert!(messages.contains(words), "{messages}");
    }
}

#[test]
fn a_result_never_replaces_an_input_by_another_name() {
    for arguments in [
        &["text.elf", "--out", "./text.bin"][..],
        &["text.elf", "--out", "folder/../text.bin"],
        &["text.elf", "--out", "link.bin"],
        &["link.elf", "--out", "text.bin"],
        &["text.elf", "--out", "link.elf.bin", "--module", "link.elf.bin"],
        &["text.elf", "--out", "module.bin", "--module", "./module.elf"],
    ] {
        let folder = landfall_host::private::folder("landfall-test-").expect("a folder");
        let at = |name: &str| folder.path().join(name);
        for name in ["text.elf", "module.elf", "link.elf.bin"] {
            fs::write(at(name), pie()).expect("a file");
        }
        fs::create_dir(at("folder")).expect("a folder");
        symlink("text.elf", at("link.elf")).expect("a link");
        let (status, messages) = run(folder.path(), arguments);
        assert_eq!(status, Some(2), "{arguments:?}: {messages}");
        assert!(messages.contains(", and would be replaced by the "), "{arguments:?}: {messages}");
    }
}

#[test]
fn an_image_of_another_kind_than_a_file_is_refused_before_the_build() {
    let folder = landfall_host::private::folder("landfall-test-").expect("a folder");
    let at = |name: &str| folder.path().join(name);
    fs::write(at("text.elf"), pie()).expect("a file");
    fs::create_dir(at("doc")).expect("a folder");
    fs::create_dir(at("two.elf")).expect("a folder");
    let (kind, mode) = (rustix::fs::FileType::Fifo, rustix::fs::Mode::RWXU);
    rustix::fs::mknodat(rustix::fs::CWD, at("pipe"), kind, mode, 0).expect("a pipe");
    for (out, words) in [
        ("..", "error: ..: it is a folder; "),
        ("doc", "error: doc: it is a folder; "),
        ("two.bin", "error: two.elf: it is a folder; "),
        ("pipe", "error: pipe: it is no regular file, but two files are written; "),
    ] {
        let (status, messages) = run(folder.path(), &["text.elf", "--out", out]);
        assert_eq!(status, Some(2), "{out}: {messages}");
        assert!(messages.starts_with(words), "{out}: {messages}");
        assert_eq!(fs::read_dir(folder.path()).expect("the folder").count(), 4, "{out} writes a file");
    }
}

#[test]
fn a_landfall_kernel_needs_no_wrapper() {
    let (status, messages) = wrap_in_folder(&sealed(&Policy::new()), &["text.elf"]);
    assert_eq!(status, Some(1), "{messages}");
    assert_eq!(messages, "error: text.elf is a landfall kernel already; boot it as it is\n");
}

#[test]
fn the_folder_of_the_result_must_exist() {
    let (status, messages) = wrap(&["text.elf", "--out", "missing/x.bin"]);
    assert_eq!(status, Some(2), "{messages}");
    assert!(messages.starts_with("error: the folder of missing/x.bin does not exist; "), "{messages}");
}

#[test]
fn a_pin_where_inner_kernels_go_is_refused_before_the_build() {
    let kernel = pie();
    let (status, messages) = wrap_in_folder(&kernel, &["text.elf", "--policy", "kernel=0xffffffff90000000"]);
    assert_eq!(status, Some(2), "{messages}");
    assert!(messages.contains("every wrapper keeps 0xffffffff80000000"), "{messages}");
}

#[test]
fn a_requested_entry_outside_the_code_is_refused_before_the_build() {
    for entry in [0x1234, 0xffff_ffff_8000_1000] {
        // Limine's base revision tag, and the request for an entry.
        let tag = [0xf956_2b2d_5c95_a6c8, 0x6a7b_3849_4453_6bdc, 3];
        let id = [0xc7b1_dd30_df4c_8b88, 0x0a82_e883_a194_f07b, 0x13d8_6c03_5a1c_d3e1, 0x2b0c_aa89_d8f3_026a];
        let kernel = pie_with(&[&tag[..], &id, &[0, 0, entry]].concat());
        let (status, messages) = wrap_in_folder(&kernel, &["text.elf"]);
        assert_eq!(status, Some(1), "{messages}");
        assert!(messages.starts_with("error: text.elf breaks rule L9 of Limine's protocol: "), "{messages}");
    }
}

#[test]
fn two_modules_of_one_name_are_refused() {
    let modules = ["--module", "one/same", "--module", "two/same"];
    let (status, messages) = wrap_in_folder(&pie(), &[&["text.elf"][..], &modules].concat());
    assert_eq!(status, Some(2), "{messages}");
    assert!(messages.starts_with("error: two modules have the path /same; "), "{messages}");
}

/// Returns a static PIE: a jump to itself, and an empty dynamic section.
fn pie() -> Vec<u8> {
    pie_with(&[])
}

/// Returns the same with these words of data.
fn pie_with(data: &[u64]) -> Vec<u8> {
    const PAGE: u64 = 0x1000;
    let header = |kind: u32, flags: u32, at: u64, size: u64, align: u64| {
        let mut bytes = [kind.to_le_bytes(), flags.to_le_bytes()].concat();
        bytes.extend([at, at, at, size, size, align].map(u64::to_le_bytes).concat());
        bytes
    };
    let mut file = b"\x7fELF\x02\x01\x01".to_vec();
    file.resize(16, 0);
    // ET_DYN, EM_RISCV, version 1, and the entry.
    file.extend([3, 0, 243, 0, 1, 0, 0, 0]);
    file.extend([PAGE, 64, 0].map(u64::to_le_bytes).concat());
    // e_flags, and the sizes and numbers of headers.
    file.extend([0; 4]);
    file.extend([64_u16, 56, 3, 64, 0, 0].map(u16::to_le_bytes).concat());
    file.extend(header(1, 5, PAGE, 4, PAGE));
    file.extend(header(1, 6, 2 * PAGE, 16 + 8 * data.len() as u64, PAGE));
    file.extend(header(2, 6, 2 * PAGE, 16, 8));
    file.resize(0x1000, 0);
    file.extend(0x0000_006f_u32.to_le_bytes());
    file.resize(0x2010, 0);
    file.extend(data.iter().flat_map(|word| word.to_le_bytes()));
    file
}
