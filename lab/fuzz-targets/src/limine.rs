//! A loaded kernel, in which the requests of the Limine boot protocol are. Its words are often
//! those of the protocol: a byte of the input selects one, or eight bytes are one.

use landfall_limine::{
    EfiMemoryMap, Executable, Facts, File, HartFacts, MemoryKind, MemoryMap, MemoryRange, Refusal, Requests,
    Room, answer,
};
use landfall_paging::{PhysAddr, PhysRange, VirtAddr};

/// The virtual address of the kernel.
const KERNEL: u64 = 0xffff_ffff_8000_0000;
/// The address of the memory for responses.
const ROOM: u64 = 0xffff_ffd0_0000_0000;

/// Numbers of the protocol, and numbers that are offsets or limits.
const WORDS: [u64; 40] = [
    0xf956_2b2d_5c95_a6c8,
    0x6a7b_3849_4453_6bdc,
    0xf6b8_f4b3_9de7_d1ae,
    0xfab9_1a69_40fc_b9cf,
    0x785c_6ed0_15d3_e316,
    0x181e_920a_7852_b9d9,
    0xadc0_e053_1bb1_0d03,
    0x9572_709f_3176_4c62,
    0xc7b1_dd30_df4c_8b88,
    0x0a82_e883_a194_f07b,
    0x48dc_f1cb_8ad2_b852,
    0x6398_4e95_9a98_244b,
    0x95a6_7b81_9a1b_857e,
    0xa0b6_1b72_3b6a_73e0,
    0x95c1_a0ed_ab09_44cb,
    0xa4e5_cb38_42f7_488a,
    0x3e7e_2797_02be_32af,
    0xca1c_4f3b_d128_0cee,
    0x67cf_3d9d_378a_806f,
    0xe304_acdf_c50c_3c62,
    0x13d8_6c03_5a1c_d3e1,
    0x2b0c_aa89_d8f3_026a,
    0x4b16_1536_e598_651e,
    0xb390_ad4a_2f1f_303a,
    0x65ea_8025_5d56_82c5,
    0x9117_2407_23f4_93eb,
    0xad97_e90e_83f1_ed67,
    0x31eb_5d1c_5ff2_3b69,
    0x7df6_2a43_1d68_72d5,
    0xa4fc_dfb3_e573_06c8,
    0,
    1,
    2,
    3,
    6,
    u64::MAX,
    KERNEL,
    KERNEL + 64,
    64,
    4096,
];

/// Finds the requests in the input as a loaded kernel, and answers them.
///
/// # Panics
/// If landfall fails on it.
pub fn run(bytes: &[u8]) {
    serve(bytes.to_vec());
    serve(words(bytes));
}

/// Returns a kernel of words, each selected by a byte.
fn words(bytes: &[u8]) -> Vec<u8> {
    let mut rest = bytes.iter().copied();
    let mut image = Vec::new();
    while let Some(byte) = rest.next() {
        match WORDS.get(usize::from(byte)) {
            Some(word) => image.extend(word.to_le_bytes()),
            None => image.extend((0..8).map(|_| rest.next().unwrap_or(0))),
        }
    }
    image
}

fn serve(mut image: Vec<u8>) {
    let requests = match Requests::find(&image) {
        Err(refusal) => return shown(&refusal),
        Ok(None) => return,
        Ok(Some(requests)) => requests,
    };
    let modes = requests.paging_modes();
    assert!(modes.least <= modes.preferred && modes.preferred <= modes.most);
    let mut map = [MemoryRange::EMPTY; 8];
    let memory = memory(&mut map);
    let hart = |id| HartFacts { id, acpi_uid: 0, stack: VirtAddr::new(ROOM) };
    let harts = [hart(0), hart(1)];
    let file = |path| File { range: PhysRange::new(PhysAddr::new(0x9000_0000), 5), path, text: b"text" };
    let modules = [file(b"/text"), file(b"/other")];
    let facts = Facts {
        executable: Executable { phys: PhysAddr::new(0x8000_0000), virt: VirtAddr::new(KERNEL) },
        memory: memory.as_slice(),
        harts: &harts,
        stack_size: 0x1_0000,
        command_line: &image.clone(),
        executable_file: Some(file(b"/kernel")),
        modules: &modules,
        efi_memory_map: Some(EfiMemoryMap { bytes: &[1; 9], descriptor_size: 48, descriptor_version: 1 }),
        entropy: &[5; 4],
        ..Facts::UNKNOWN
    };
    let before = image.clone();
    let needed = match landfall_limine::needed(&requests, &image, &facts) {
        Err(refusal) => return shown(&refusal),
        Ok(needed) => needed,
    };
    assert!(needed < 4096 + 2 * image.len(), "{needed} bytes for an image of {}", image.len());
    if let Some(less) = needed.checked_sub(1) {
        let mut small = vec![0; less];
        let mut room = Room::new(&mut small, VirtAddr::new(ROOM));
        let refusal = answer(&requests, &mut image, &facts, &mut room);
        assert!(matches!(refusal, Err(Refusal::Room { needed: wanted }) if wanted == needed));
        assert_eq!(image, before, "a refused kernel has changed");
    }
    let mut memory = vec![0; needed];
    let mut room = Room::new(&mut memory, VirtAddr::new(ROOM));
    answer(&requests, &mut image, &facts, &mut room).expect("memory of the needed size");
    // At most one word of each request, and two of the tag.
    let changed = image.chunks(8).zip(before.chunks(8)).filter(|(new, old)| new != old).count();
    assert!(changed <= 2 + landfall_limine::Feature::ALL.len());
    assert!(!matches!(Requests::find(&image), Ok(Some(_))), "an answered tag is no tag");
}

/// A map made from claims.
fn memory(room: &mut [MemoryRange]) -> MemoryMap<'_> {
    let mut map = MemoryMap::new(room);
    let claims = [(0x8000_0000, 0x4000_0000, MemoryKind::Usable), (0x9000_0000, 5, MemoryKind::Reserved)];
    for (start, size, kind) in claims {
        map.claim(PhysRange::new(PhysAddr::new(start), size), kind).expect("room for some ranges");
    }
    map
}

fn shown(refusal: &Refusal) {
    assert!(!refusal.to_string().is_empty() && refusal.rule().starts_with('L'));
}
