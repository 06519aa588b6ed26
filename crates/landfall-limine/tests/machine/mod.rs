//! Kernels made of words, and a reader of what they find. Numbers and offsets are from the text of
//! the protocol: nothing is shared with the crate.

#![allow(dead_code, reason = "each test uses a part")]

use landfall_limine::{Facts, Refusal, Requests, Room, answer, needed};
use landfall_paging::VirtAddr;

/// The virtual address of every kernel.
pub(crate) const KERNEL: u64 = 0xffff_ffff_8123_4000;
/// The address of the memory for responses in the linear map.
pub(crate) const ROOM: u64 = 0xffff_ffc0_4567_8000;
/// The offset of the linear map.
pub(crate) const HHDM: u64 = 0xffff_ffbf_c000_0000;

pub(crate) const TAG: [u64; 2] = [0xf956_2b2d_5c95_a6c8, 0x6a7b_3849_4453_6bdc];
pub(crate) const START: [u64; 4] =
    [0xf6b8_f4b3_9de7_d1ae, 0xfab9_1a69_40fc_b9cf, 0x785c_6ed0_15d3_e316, 0x181e_920a_7852_b9d9];
pub(crate) const END: [u64; 2] = [0xadc0_e053_1bb1_0d03, 0x9572_709f_3176_4c62];

pub(crate) const LOADER: [u64; 2] = [0xf550_38d8_e2a1_202f, 0x2794_26fc_f5f5_9740];
pub(crate) const LINE: [u64; 2] = [0x4b16_1536_e598_651e, 0xb390_ad4a_2f1f_303a];
pub(crate) const FIRMWARE: [u64; 2] = [0x8c2f_75d9_0bef_28a8, 0x7045_a468_8eac_00c3];
pub(crate) const STACK: [u64; 2] = [0x224e_f046_0a8e_8926, 0xe1cb_0fc2_5f46_ea3d];
pub(crate) const LINEAR: [u64; 2] = [0x48dc_f1cb_8ad2_b852, 0x6398_4e95_9a98_244b];
pub(crate) const FRAMEBUFFER: [u64; 2] = [0x9d58_27dc_d881_dd75, 0xa314_8604_f6fa_b11b];
pub(crate) const MODE: [u64; 2] = [0x95c1_a0ed_ab09_44cb, 0xa4e5_cb38_42f7_488a];
pub(crate) const MP: [u64; 2] = [0x95a6_7b81_9a1b_857e, 0xa0b6_1b72_3b6a_73e0];
pub(crate) const BOOT_HART: [u64; 2] = [0x1369_359f_0255_25f9, 0x2ff2_a561_7839_1bb6];
pub(crate) const MEMORY: [u64; 2] = [0x67cf_3d9d_378a_806f, 0xe304_acdf_c50c_3c62];
pub(crate) const ENTRY: [u64; 2] = [0x13d8_6c03_5a1c_d3e1, 0x2b0c_aa89_d8f3_026a];
pub(crate) const FILE: [u64; 2] = [0xad97_e90e_83f1_ed67, 0x31eb_5d1c_5ff2_3b69];
pub(crate) const MODULES: [u64; 2] = [0x3e7e_2797_02be_32af, 0xca1c_4f3b_d128_0cee];
pub(crate) const RSDP: [u64; 2] = [0xc5e7_7b6b_397e_7b43, 0x2763_7845_accd_cf3c];
pub(crate) const SMBIOS: [u64; 2] = [0x9e90_46f1_1e09_5391, 0xaa4a_520f_efbd_e5ee];
pub(crate) const SYSTEM_TABLE: [u64; 2] = [0x5ceb_a516_3eaa_f6d6, 0x0a69_8161_0cf6_5fcc];
pub(crate) const EFI_MEMORY: [u64; 2] = [0x7df6_2a43_1d68_72d5, 0xa4fc_dfb3_e573_06c8];
pub(crate) const DATE: [u64; 2] = [0x5027_46e1_84c0_88aa, 0xfbc5_ec83_e632_7893];
pub(crate) const ADDRESS: [u64; 2] = [0x71ba_7686_3cc5_5f63, 0xb264_4a48_c516_a487];
pub(crate) const TREE: [u64; 2] = [0xb40d_db48_fb54_bac7, 0x5450_8149_3f81_ffb7];
pub(crate) const PERFORMANCE: [u64; 2] = [0x6b50_ad9b_f36d_13ad, 0xdc4c_7e88_fc75_9e17];
pub(crate) const FREQUENCY: [u64; 2] = [0x10f2_ee1d_87d1_95e4, 0xf747_a2b7_8f6d_db31];
pub(crate) const ENTROPY: [u64; 2] = [0x65ea_8025_5d56_82c5, 0x9117_2407_23f4_93eb];
/// Features without a response here: a TPM's log, IOMMUs of x86-64, settings of a terminal.
pub(crate) const UNANSWERED: [[u64; 2]; 3] = [
    [0x98e0_94fc_7e76_e979, 0xee8d_8775_c54e_1d1f],
    [0x8eba_abe5_1f49_0179, 0x2aa8_6a59_ffb4_ab0f],
    [0x3259_399f_e7c5_f126, 0xe01c_1c8c_5db9_d1a9],
];

/// The content of a response's address before there is a response.
pub(crate) const UNTOUCHED: u64 = 0x7777;

/// A kernel made of words.
#[derive(Clone, Debug, Default)]
pub(crate) struct Kernel(pub(crate) Vec<u64>);

impl Kernel {
    /// A kernel with a base revision tag.
    pub(crate) fn of_revision(revision: u64) -> Self {
        Self(vec![0, TAG[0], TAG[1], revision])
    }

    pub(crate) fn words(mut self, words: &[u64]) -> Self {
        self.0.extend(words);
        self
    }

    /// Adds a request with words behind the address of its response.
    pub(crate) fn request(self, id: [u64; 2], revision: u64, operands: &[u64]) -> Self {
        self.words(&[0xc7b1_dd30_df4c_8b88, 0x0a82_e883_a194_f07b, id[0], id[1], revision, UNTOUCHED])
            .words(operands)
    }

    /// Adds bytes and returns their virtual address.
    pub(crate) fn add(&mut self, bytes: &[u8]) -> u64 {
        let address = KERNEL + 8 * self.0.len() as u64;
        let word = |bytes: &[u8]| {
            let mut word = [0; 8];
            word[..bytes.len()].copy_from_slice(bytes);
            u64::from_le_bytes(word)
        };
        self.0.extend(bytes.chunks(8).map(word));
        address
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.0.iter().flat_map(|word| word.to_le_bytes()).collect()
    }

    /// Finds the requests.
    pub(crate) fn find(&self) -> Result<Option<Requests>, Refusal> {
        Requests::find(&self.bytes())
    }

    /// Answers the requests, in memory of exactly the size that is needed.
    pub(crate) fn answer(&self, facts: &Facts<'_>) -> Result<Machine, Refusal> {
        let before = self.bytes();
        let requests = Requests::find(&before)?.expect("a tag");
        let mut image = before.clone();
        let needed = needed(&requests, &image, facts)?;
        let mut memory = vec![0xaa; needed];
        let mut room = Room::new(&mut memory, VirtAddr::new(ROOM));
        answer(&requests, &mut image, facts, &mut room)?;
        assert_eq!(room.used(), needed);
        let machine = Machine { before, parts: vec![(KERNEL, image), (ROOM, memory)] };
        machine.has_changed_only_responses();
        Ok(machine)
    }
}

fn index(offset: u64) -> usize {
    offset.try_into().expect("an offset in a vector")
}

/// A machine as the kernel finds it.
#[derive(Debug)]
pub(crate) struct Machine {
    before: Vec<u8>,
    parts: Vec<(u64, Vec<u8>)>,
}

impl Machine {
    /// Returns bytes at a virtual address. They must lie in the kernel or in the responses.
    pub(crate) fn bytes(&self, at: u64, size: u64) -> &[u8] {
        for (start, bytes) in &self.parts {
            if at >= *start && at + size <= start + bytes.len() as u64 {
                return &bytes[index(at - start)..index(at - start + size)];
            }
        }
        panic!("the address {at:#x} is outside of all memory");
    }

    pub(crate) fn word(&self, at: u64) -> u64 {
        assert_eq!(at % 8, 0, "a word at {at:#x}");
        u64::from_le_bytes(self.bytes(at, 8).try_into().expect("8 bytes"))
    }

    pub(crate) fn words<const N: usize>(&self, at: u64) -> [u64; N] {
        std::array::from_fn(|index| self.word(at + 8 * index as u64))
    }

    pub(crate) fn array(&self, at: u64, count: u64) -> Vec<u64> {
        (0..count).map(|index| self.word(at + 8 * index)).collect()
    }

    pub(crate) fn text(&self, at: u64) -> String {
        let mut bytes = Vec::new();
        while let [byte @ 1..=u8::MAX] = self.bytes(at + bytes.len() as u64, 1) {
            bytes.push(*byte);
        }
        assert!(bytes.is_ascii(), "{bytes:?}");
        String::from_utf8(bytes).expect("ASCII")
    }

    /// Returns the address of a response; `None` if the kernel's word is untouched.
    pub(crate) fn response(&self, id: [u64; 2]) -> Option<u64> {
        let (start, image) = &self.parts[0];
        let place = (0..image.len() as u64 / 8 - 5).find(|index| {
            self.words(start + 8 * index) == [0xc7b1_dd30_df4c_8b88, 0x0a82_e883_a194_f07b, id[0], id[1]]
        });
        let address = self.word(start + 8 * place.expect("a request") + 40);
        (address != UNTOUCHED).then_some(address)
    }

    /// Returns the words of a response. The first is its revision.
    pub(crate) fn answer<const N: usize>(&self, id: [u64; 2]) -> [u64; N] {
        self.words(self.response(id).unwrap_or_else(|| panic!("no response for {id:x?}")))
    }

    /// Returns the words of the base revision tag.
    pub(crate) fn tag(&self) -> [u64; 3] {
        self.words(KERNEL + 8)
    }

    /// Nothing but addresses of responses, and two words of the tag, has changed.
    fn has_changed_only_responses(&self) {
        for at in (0..self.before.len()).step_by(8) {
            let old = |at: usize| u64::from_le_bytes(self.before[at..at + 8].try_into().expect("8 bytes"));
            let is_response = at >= 40 && old(at - 40) == 0xc7b1_dd30_df4c_8b88;
            let is_tag = at >= 16 && (old(at - 8) == TAG[0] || old(at - 16) == TAG[0]);
            let is_same = old(at) == self.word(KERNEL + at as u64);
            assert!(is_same || is_response || is_tag, "the word at {at:#x} has changed");
        }
    }
}
