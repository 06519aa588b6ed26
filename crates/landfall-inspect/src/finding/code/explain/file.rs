//! Header, record, seal and policy.

use super::{Code, Explanation};

/// The explanation of a code of these areas. Another code would be a mistake of `Code::explanation`, and gets the last one's.
#[expect(clippy::too_many_lines, reason = "a table")]
pub(super) const fn explanation(code: Code) -> &'static Explanation {
    match code {
        Code::HeaderMagic => &Explanation {
            title: "The boot header's magic numbers are not there",
            why: "Loaders know a RISC-V kernel by \"RISCV\" at 0x30 and \"RSC\\x05\" at 0x38. Without them U-Boot, GRUB and EFI stubs refuse the file, and QEMU takes it for raw bytes (Linux, boot-image-header.rst).",
            fixes: &[
                "a section was placed before the header: it must be the image's first bytes",
                "the file was cut or patched after the build: build it again",
                "a loader's own header stands before the image: strip it",
            ],
        },
        Code::HeaderVersion => &Explanation {
            title: "The boot header has a version that nobody has defined",
            why: "Version 0.2 is the only one (Linux, boot-image-header.rst). A loader may refuse others, or read other fields than are there.",
            fixes: &["write 2 at offset 0x20", "the file was damaged after the build: build it again"],
        },
        Code::HeaderSize => &Explanation {
            title: "The boot header's image_size is not the image's size",
            why: "A loader keeps that much memory free from the image's start on, .bss included. Too small, and it puts the device tree or an initrd where the kernel will write; too large, and it may find no room.",
            fixes: &[
                "take the size from the linker script: end of .bss (and of .noinit) minus start of the image",
                "a section behind .bss was added to the linker script and not counted",
            ],
        },
        Code::HeaderOffset => &Explanation {
            title: "The boot header's text_offset is no place that a loader can use",
            why: "Loaders put the image at text_offset from a 2 MiB-aligned start of RAM. On RV64 it is a multiple of 2 MiB (Linux, boot.rst); a landfall kernel says 0x200000, behind the firmware.",
            fixes: &[
                "write 0x200000, as the crate `landfall` does",
                "the file was damaged after the build: build it again",
            ],
        },
        Code::HeaderFlags => &Explanation {
            title: "The boot header sets flags or reserved fields that have no meaning",
            why: "Bit 0 says big-endian, which no RISC-V kernel is; every other bit and every reserved field must be 0 (Linux, boot-image-header.rst), or a later version gives them a meaning that was not meant.",
            fixes: &["write 0", "code0 and code1 took more than 8 bytes and pushed the fields away"],
        },
        Code::HeaderJump => &Explanation {
            title: "The image does not begin with a jump over its header",
            why: "A loader jumps to the image's first byte. What stands there must be instructions that lead past the header and into code; everything between is data.",
            fixes: &[
                "begin with `j entry` (32 bits, or with a compressed no-op before it), aligned by `.option norvc`",
                "another section was placed before the header",
                "the entry lies outside of the executable part: check the linker script",
            ],
        },
        Code::HeaderPe => &Explanation {
            title: "The PE header is damaged",
            why: "EFI firmware loads the image as a PE/COFF file when code0 begins with \"MZ\" and 0x3c names a PE header. A damaged one is refused, or loaded wrongly.",
            fixes: &[
                "write 0 at 0x3c and no \"MZ\" where the image is no EFI application",
                "take offset and sizes from the linker script, as Linux's efi-header.S does",
            ],
        },
        Code::RecordMagic => &Explanation {
            title: "The landfall record is not there",
            why: "A landfall kernel begins with the header and the record that the crate `landfall` gives it. Its first instructions look for \"LANDFALL\" at 0x40 and refuse to land without (rule R2).",
            fixes: &[
                "keep `.landfall.head` first in the linker script, with KEEP",
                "the file was damaged after the build: build it again",
            ],
        },
        Code::RecordVersion => &Explanation {
            title: "The landfall record has another version",
            why: "Fields differ from version to version: what this tool would read is not what was written.",
            fixes: &[
                "use the `cargo landfall` of the same version as the crate `landfall`",
                "the file was damaged after the build: build it again",
            ],
        },
        Code::RecordSize => &Explanation {
            title: "The landfall record's sizes are not those of the image",
            why: "The landing maps text, constants and data by these sizes. Wrong ones give pages with wrong permissions, or leave pages out.",
            fixes: &[
                "take them from the linker script's symbols, as `landfall-build`'s script does",
                "a section lies outside of the four parts: place it within one",
            ],
        },
        Code::RecordTable => &Explanation {
            title: "A table that the landfall record names is not where it says",
            why: "Policy, sites and relocation data are found by the record. A table that reaches out of the file is not there at boot; one that is another than the linker made is not what the kernel applies.",
            fixes: &[
                "keep `.landfall.policy`, `.landfall.sites` and `.relr.dyn` between `__landfall_sealed_start` and `__landfall_sealed_end`",
                "the file was damaged after the build: build it again",
            ],
        },
        Code::SealState => &Explanation {
            title: "The seal is neither written nor left open",
            why: "The word at 0x50 is \"unsealed\" as linked and \"sealed\" with a checksum. With anything else the kernel refuses to land (rule R2).",
            fixes: &["the file was damaged after the build: build it again"],
        },
        Code::SealChecksum => &Explanation {
            title: "The sealed bytes are not those that were sealed",
            why: "The checksum covers header, record, policy, sites and relocation data. The kernel refuses to land (rule R2), because a damaged table patches the wrong places.",
            fixes: &[
                "the file was changed after `cargo landfall build`: change the source and build again",
                "a tool rewrote the ELF (strip, objcopy): run it before sealing",
                "the file was damaged on its way: compare with the original",
            ],
        },
        Code::PolicyMissing => &Explanation {
            title: "There is no policy",
            why: "The landing reads what the kernel wants from this record, and cannot decide anything without (rule R15).",
            fixes: &[
                "say `landfall::entry!(main);` in the kernel",
                "keep `.landfall.policy` in the linker script, with KEEP",
            ],
        },
        Code::PolicyVersion => &Explanation {
            title: "The policy has another version",
            why: "Its fields would be read as others than were written; the kernel refuses to land (rule R15).",
            fixes: &[
                "build the kernel with one version of `landfall` and `landfall-plan`",
                "the file was damaged after the build: build it again",
            ],
        },
        _ => &Explanation {
            title: "The policy says what no policy says, or asks for what no machine has",
            why: "The kernel would refuse to land on every machine (rule R15). `entry!` refuses such a policy when it is compiled, so this one was written or changed afterwards.",
            fixes: &[
                "change it by `cargo landfall run --policy`, which checks it",
                "the file was damaged after the build: build it again",
            ],
        },
    }
}
