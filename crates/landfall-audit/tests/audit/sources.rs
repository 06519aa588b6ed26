//! ELF cores, made byte by byte.

use std::io::Cursor;

use landfall_audit::memory::{CoreFile, CoreFileError, Memory, Missing};
use landfall_audit::search::search;
use landfall_audit::{Format, Phys, Span};

/// A core with these segments: type, physical address, bytes in the file.
fn core(segments: &[(u32, u64, &[u8])]) -> Vec<u8> {
    let mut file = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0".to_vec();
    // ET_CORE, EM_RISCV, version 1, no entry.
    file.extend([4, 0, 243, 0, 1, 0, 0, 0]);
    file.extend(0_u64.to_le_bytes());
    // Program headers behind the header, no section headers, no flags.
    file.extend(64_u64.to_le_bytes());
    file.extend([0; 12]);
    for half in [64, 56, u16::try_from(segments.len()).expect("few"), 0, 0, 0] {
        file.extend(half.to_le_bytes());
    }
    let mut offset = 64 + 56 * segments.len() as u64;
    for (kind, phys, bytes) in segments {
        file.extend(kind.to_le_bytes());
        file.extend([7, 0, 0, 0]);
        let size = bytes.len() as u64;
        for word in [offset, 0xffff_0000_0000_0000, *phys, size, size, 0] {
            file.extend(word.to_le_bytes());
        }
        offset += size;
    }
    file.extend(segments.iter().flat_map(|(_, _, bytes)| *bytes));
    file
}

const LOAD: u32 = 1;
const NOTE: u32 = 4;

#[test]
fn memory_is_read_at_the_physical_addresses_of_segments() {
    let pages: Vec<u8> = [1_u8, 2].into_iter().flat_map(|byte| [byte; 4096]).collect();
    let file = core(&[(NOTE, 0, &[0; 16]), (LOAD, 0x9000_0000, &[3; 4096]), (LOAD, 0x8000_0000, &pages)]);
    let mut core = CoreFile::new(Cursor::new(file)).expect("a core");
    let mut page = [0; 4096];
    for (at, byte) in [(0x8000_0000, 1), (0x8000_1000, 2), (0x9000_0000, 3)] {
        assert_eq!(core.read(Phys(at), &mut page), Ok(()));
        assert_eq!(page, [byte; 4096], "{at:#x}");
    }
    for hole in [0, 0x8000_2000, 0x9000_1000, !0xfff] {
        assert_eq!(core.read(Phys(hole), &mut page), Err(Missing::Hole), "{hole:#x}");
    }
    assert_eq!(core.spans(), [Span::new(Phys(0x8000_0000), 8192), Span::new(Phys(0x9000_0000), 4096)]);
}

#[test]
fn of_segments_that_overlap_the_one_with_all_of_the_page_is_read() {
    let file = core(&[(LOAD, 0x8000_0000, &[1; 6000]), (LOAD, 0x8000_1000, &[1; 4096])]);
    let mut core = CoreFile::new(Cursor::new(file)).expect("a core");
    let mut page = [0; 4096];
    assert_eq!(core.read(Phys(0x8000_1000), &mut page), Ok(()));
}

#[test]
fn a_file_that_ends_early_has_the_pages_before_its_end() {
    let mut file = core(&[(LOAD, 0x8000_0000, &[5; 3 * 4096])]);
    file.truncate(file.len() - 4097);
    let mut core = CoreFile::new(Cursor::new(file)).expect("a core");
    let mut page = [0; 4096];
    assert_eq!(core.read(Phys(0x8000_0000), &mut page), Ok(()));
    assert_eq!(core.read(Phys(0x8000_1000), &mut page), Err(Missing::Short));
    assert_eq!(core.read(Phys(0x8000_2000), &mut page), Err(Missing::Short));
}

#[test]
fn a_segment_claims_no_more_memory_for_a_search_than_the_file_has() {
    let mut file = core(&[(LOAD, 0x8000_0000, &[5; 4096])]);
    let (file_size, memory_size) = (64 + 32, 64 + 40);
    file[file_size..file_size + 8].copy_from_slice(&(1_u64 << 60).to_le_bytes());
    file[memory_size..memory_size + 8].copy_from_slice(&(1_u64 << 60).to_le_bytes());
    let mut cut = CoreFile::new(Cursor::new(file)).expect("a core");
    assert_eq!(cut.spans(), [Span::new(Phys(0x8000_0000), 4096)]);
    assert_eq!(cut.read(Phys(0x9000_0000), &mut [0; 4096]), Err(Missing::Short));
    assert_eq!(search(&mut cut, Format::default()).bytes, 4096);
    // The same bytes for three segments.
    let mut file = core(&[(LOAD, 0, &[5; 16384]), (LOAD, 1 << 20, &[]), (LOAD, 2 << 20, &[])]);
    for segment in [1, 2] {
        let (first, own) = (64, 64 + 56 * segment);
        file.copy_within(first + 8..first + 16, own + 8);
        file.copy_within(first + 32..first + 48, own + 32);
    }
    let size = file.len() as u64;
    assert_eq!(
        CoreFile::new(Cursor::new(file)).err(),
        Some(CoreFileError::Overlap { claimed: 3 << 14, size })
    );
}

#[test]
fn other_files_are_refused() {
    let error = |bytes: Vec<u8>| CoreFile::new(Cursor::new(bytes)).err();
    assert!(matches!(error(b"no ELF".to_vec()), Some(CoreFileError::NotElf(_))));
    let good = core(&[(LOAD, 0, &[0; 4096])]);
    let with = |offset: usize, byte: u8| {
        let mut file = good.clone();
        file[offset] = byte;
        file
    };
    assert_eq!(error(with(16, 2)), Some(CoreFileError::NotCore), "an executable");
    assert_eq!(error(with(18, 62)), Some(CoreFileError::NotCore), "another machine");
    assert_eq!(error(core(&[(NOTE, 0, &[0; 16])])), Some(CoreFileError::Empty));
    assert_eq!(error(good), None);
}

#[test]
fn no_byte_of_the_headers_leads_to_a_panic() {
    let good = core(&[(LOAD, 0x8000_0000, &[1; 4096]), (LOAD, 0x9000_0000, &[2; 4096])]);
    for offset in 0..64 + 2 * 56 {
        for byte in [0, 1, 0x7f, 0x80, 0xff] {
            let mut file = good.clone();
            file[offset] = byte;
            let Ok(mut core) = CoreFile::new(Cursor::new(file)) else { continue };
            let mut page = [0; 4096];
            for at in core.spans().into_iter().map(|span| span.start).chain([Phys(0), Phys(!0xfff)]) {
                let _ = core.read(at, &mut page);
            }
        }
    }
}
