//! The features of the protocol, each with the number that follows the common one in its request.

use core::fmt;

use crate::words::WORD;

/// The two words with which each request begins.
pub(crate) const COMMON: [u64; 2] = [0xc7b1_dd30_df4c_8b88, 0x0a82_e883_a194_f07b];

/// The offset of a request's revision.
pub(crate) const REVISION: usize = 4 * WORD;
/// The offset of the address of its response.
pub(crate) const RESPONSE: usize = 5 * WORD;
/// The offset of the words that only some requests have.
pub(crate) const OPERANDS: usize = 6 * WORD;

macro_rules! features {
    ($($(#[$doc:meta])* $name:ident = $text:literal, $first:literal, $second:literal;)*) => {
        /// A feature that a kernel can request.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum Feature {
            $($(#[$doc])* $name,)*
        }

        impl Feature {
            /// All features that this version knows.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// Returns the feature whose request has these words behind the common ones.
            pub(crate) const fn of_id(id: [u64; 2]) -> Option<Self> {
                match id {
                    $([$first, $second] => Some(Self::$name),)*
                    _ => None,
                }
            }
        }

        impl fmt::Display for Feature {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self {
                    $(Self::$name => $text,)*
                })
            }
        }
    };
}

features! {
    /// Name and version of the loader.
    BootloaderInfo = "bootloader info", 0xf550_38d8_e2a1_202f, 0x2794_26fc_f5f5_9740;
    /// The kernel's command line.
    CommandLine = "executable command line", 0x4b16_1536_e598_651e, 0xb390_ad4a_2f1f_303a;
    /// The kind of firmware.
    FirmwareType = "firmware type", 0x8c2f_75d9_0bef_28a8, 0x7045_a468_8eac_00c3;
    /// A size of all stacks.
    StackSize = "stack size", 0x224e_f046_0a8e_8926, 0xe1cb_0fc2_5f46_ea3d;
    /// The offset of the linear map.
    Hhdm = "HHDM", 0x48dc_f1cb_8ad2_b852, 0x6398_4e95_9a98_244b;
    /// The framebuffers.
    Framebuffer = "framebuffer", 0x9d58_27dc_d881_dd75, 0xa314_8604_f6fa_b11b;
    /// The paging mode.
    PagingMode = "paging mode", 0x95c1_a0ed_ab09_44cb, 0xa4e5_cb38_42f7_488a;
    /// The other harts.
    Mp = "MP", 0x95a6_7b81_9a1b_857e, 0xa0b6_1b72_3b6a_73e0;
    /// The id of the boot hart.
    BootHart = "RISC-V BSP hart ID", 0x1369_359f_0255_25f9, 0x2ff2_a561_7839_1bb6;
    /// The memory map.
    MemoryMap = "memory map", 0x67cf_3d9d_378a_806f, 0xe304_acdf_c50c_3c62;
    /// Another entry than the file's.
    EntryPoint = "entry point", 0x13d8_6c03_5a1c_d3e1, 0x2b0c_aa89_d8f3_026a;
    /// The kernel's file.
    ExecutableFile = "executable file", 0xad97_e90e_83f1_ed67, 0x31eb_5d1c_5ff2_3b69;
    /// Files beside the kernel.
    Modules = "module", 0x3e7e_2797_02be_32af, 0xca1c_4f3b_d128_0cee;
    /// ACPI's root pointer.
    Rsdp = "RSDP", 0xc5e7_7b6b_397e_7b43, 0x2763_7845_accd_cf3c;
    /// The entry points of SMBIOS.
    Smbios = "SMBIOS", 0x9e90_46f1_1e09_5391, 0xaa4a_520f_efbd_e5ee;
    /// EFI's system table.
    EfiSystemTable = "EFI system table", 0x5ceb_a516_3eaa_f6d6, 0x0a69_8161_0cf6_5fcc;
    /// EFI's memory map.
    EfiMemoryMap = "EFI memory map", 0x7df6_2a43_1d68_72d5, 0xa4fc_dfb3_e573_06c8;
    /// The log of a TPM. It has no response.
    TpmEventLog = "TPM event log", 0x98e0_94fc_7e76_e979, 0xee8d_8775_c54e_1d1f;
    /// The time of the boot.
    DateAtBoot = "date at boot", 0x5027_46e1_84c0_88aa, 0xfbc5_ec83_e632_7893;
    /// The place of the kernel.
    ExecutableAddress = "executable address", 0x71ba_7686_3cc5_5f63, 0xb264_4a48_c516_a487;
    /// The device tree.
    DeviceTree = "device tree blob", 0xb40d_db48_fb54_bac7, 0x5450_8149_3f81_ffb7;
    /// Times of the boot.
    Performance = "bootloader performance", 0x6b50_ad9b_f36d_13ad, 0xdc4c_7e88_fc75_9e17;
    /// IOMMUs of x86-64. It has no response.
    KeepIommu = "x86-64 keep IOMMU", 0x8eba_abe5_1f49_0179, 0x2aa8_6a59_ffb4_ab0f;
    /// The frequency of `rdtime`.
    TimerFrequency = "TSC frequency", 0x10f2_ee1d_87d1_95e4, 0xf747_a2b7_8f6d_db31;
    /// The settings of the loader's terminal. It has no response.
    Terminal = "Flanterm FB init params", 0x3259_399f_e7c5_f126, 0xe01c_1c8c_5db9_d1a9;
    /// Random numbers.
    Entropy = "entropy", 0x65ea_8025_5d56_82c5, 0x9117_2407_23f4_93eb;
}

impl Feature {
    /// The number of features.
    pub(crate) const COUNT: usize = Self::ALL.len();

    /// The highest revision of its request that this version knows.
    pub(crate) const fn highest_revision(self) -> u64 {
        match self {
            Self::PagingMode | Self::Modules => 1,
            _ => 0,
        }
    }

    /// The words of a request of this revision behind the address of its response.
    pub(crate) const fn operands(self, revision: u64) -> usize {
        match (self, revision) {
            (Self::StackSize | Self::Mp | Self::EntryPoint | Self::Entropy, _) | (Self::PagingMode, 0) => 1,
            (Self::PagingMode, _) => 3,
            (Self::Modules, 1..) => 2,
            _ => 0,
        }
    }
}
