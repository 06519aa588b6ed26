use std::io::Read;

use super::*;

/// An image that begins as an EFI application does.
const APPLICATION: [u8; 5000] = {
    let mut image = [0x6f; 5000];
    (image[0], image[1]) = (b'M', b'Z');
    image
};

const CONTENTS: Contents<'_> =
    Contents { image: &APPLICATION, initrd: Some(b"initrd"), menu: Menu::Extlinux { command_line: "a b=c" } };

/// Returns the data that an independent reader finds on a disk: the table's first partition, and a
/// file in it.
fn read(disk: &[u8], path: &str) -> Option<Vec<u8>> {
    let word = |at: usize| u64::from_le_bytes(disk[at..at + 8].try_into().expect("8 bytes"));
    assert_eq!(&disk[510..512], [0x55, 0xaa], "a protective MBR");
    assert_eq!(&disk[512..520], b"EFI PART");
    // UEFI 2.10, tables 5-5 and 5-6: where entries begin; type, first and last sector of a
    // partition.
    let entry = usize::try_from(word(512 + 72)).expect("a sector") * 512;
    // C12A7328-F81F-11D2-BA4B-00A0C93EC93B, its first three fields little-endian (table 5-7,
    // appendix A).
    assert_eq!(disk[entry..entry + 8], [0x28, 0x73, 0x2a, 0xc1, 0x1f, 0xf8, 0xd2, 0x11]);
    assert_eq!(disk[entry + 8..entry + 16], [0xba, 0x4b, 0x00, 0xa0, 0xc9, 0x3e, 0xc9, 0x3b]);
    let [first, last] = [32, 40].map(|at| usize::try_from(word(entry + at)).expect("a sector"));
    let mut partition = disk[first * 512..(last + 1) * 512].to_vec();
    let system = FileSystem::new(Cursor::new(&mut partition[..]), FsOptions::new()).expect("a file system");
    assert_eq!(system.fat_type(), FatType::Fat32);
    let mut bytes = Vec::new();
    system.root_dir().open_file(path).ok()?.read_to_end(&mut bytes).expect("the file");
    Some(bytes)
}

#[test]
fn everything_is_where_loaders_look() {
    let disk = make(&CONTENTS).expect("a disk");
    assert_eq!(read(&disk, IMAGE).as_deref(), Some(CONTENTS.image));
    assert_eq!(read(&disk, INITRD).as_deref(), CONTENTS.initrd);
    let menu = read(&disk, EXTLINUX).expect("a menu");
    let menu = String::from_utf8(menu).expect("text");
    for line in ["kernel /EFI/BOOT/BOOTRISCV64.EFI", "initrd /initrd", "append a b=c"] {
        assert!(menu.lines().any(|found| found.trim() == line), "{menu}");
    }
}

#[test]
fn a_script_takes_the_menus_place() {
    let disk = make(&Contents { menu: Menu::Script(b"script"), initrd: None, ..CONTENTS }).expect("a disk");
    assert_eq!(read(&disk, SCRIPT).as_deref(), Some(&b"script"[..]));
    assert_eq!((read(&disk, EXTLINUX), read(&disk, INITRD)), (None, None));
}

#[test]
fn the_same_contents_give_the_same_disk() {
    assert!(make(&CONTENTS).expect("a disk") == make(&CONTENTS).expect("a disk"));
}

#[test]
fn a_disk_grows_with_what_is_on_it() {
    let mut image = vec![0x5a; 70 << 20];
    image[..2].copy_from_slice(b"MZ");
    let disk = make(&Contents { image: &image, ..CONTENTS }).expect("a disk");
    assert!(read(&disk, IMAGE).as_deref() == Some(&image[..]));
}

#[test]
fn an_image_that_uefi_does_not_start_lies_where_only_u_boot_looks() {
    for image in [&b"no application"[..], b"M", b""] {
        let menu = Menu::Extlinux { command_line: "" };
        let disk = make(&Contents { image, menu, ..CONTENTS }).expect("a disk");
        assert_eq!(read(&disk, IMAGE), None);
        assert_eq!(read(&disk, FLAT_IMAGE).as_deref(), Some(image));
        let menu = read(&disk, EXTLINUX).expect("a menu");
        assert!(String::from_utf8_lossy(&menu).contains(&format!("kernel /{FLAT_IMAGE}")));
    }
}

#[test]
fn a_command_line_of_two_lines_is_refused() {
    let error = make(&Contents { menu: Menu::Extlinux { command_line: "a\nappend b" }, ..CONTENTS });
    assert!(matches!(error, Err(DiskError::CommandLine { .. })));
}

#[test]
fn the_file_has_every_byte() {
    let directory = crate::private::folder("landfall-").expect("a directory");
    let path = directory.path().join("disk");
    // It replaces what was there before.
    fs::write(&path, [1; 1000]).expect("a file");
    write(&path, &Contents { menu: Menu::Script(b"x"), ..CONTENTS }).expect("a disk");
    let found = fs::read(&path).expect("the file");
    assert_eq!(read(&found, SCRIPT).as_deref(), Some(&b"x"[..]));
}

#[test]
fn a_command_line_reaches_the_kernel_as_it_is_or_is_refused() {
    let menu = |line: &str| extlinux::menu(IMAGE, line, None);
    let text = menu(r#"a=$b ${c} \n 'd' "e""#).expect("a menu");
    assert!(text.contains(r#"append a=\$b \${c} \\n \'d\' "e""#), "{text}");
    menu(&"w".repeat(extlinux::LONGEST)).expect("a menu");
    for long in ["w".repeat(extlinux::LONGEST + 1), "$".repeat(extlinux::LONGEST / 2 + 1)] {
        let error = menu(&long).expect_err("too long");
        assert!(matches!(error, DiskError::LongCommandLine { .. }), "{error}");
    }
}

#[test]
fn a_file_of_4_gib_is_refused() {
    let limit = 1 << 32;
    assert!(fits(Path::new("initrd"), limit - 1).is_ok());
    let error = fits(Path::new("initrd"), limit).expect_err("32 bits").to_string();
    assert!(error.starts_with("initrd has 4 GiB,"), "{error}");
}
