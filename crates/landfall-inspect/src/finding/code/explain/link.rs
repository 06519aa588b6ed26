//! Relocations, symbols, the GOT and segments.

use super::{Code, Explanation};

/// The explanation of a code of these areas. Another code would be a mistake of `Code::explanation`, and gets the last one's.
#[expect(clippy::too_many_lines, reason = "a table")]
pub(super) const fn explanation(code: Code) -> &'static Explanation {
    match code {
        Code::RelocKind => &Explanation {
            title: "A relocation that nobody applies at boot",
            why: "A kernel relocates itself by what it can: RELR, or R_RISCV_RELATIVE for others than landfall. Any other kind needs a loader with symbols, which a kernel does not have: the place keeps its link-time value.",
            fixes: &[
                "a pointer lies in a `#[repr(packed)]` static: align it, or compute it at run time",
                "link with `-zpack-relative-relocs` and `-Bsymbolic`, as `landfall-build` does",
                "a symbol is left to another program: define it, or do not export it",
                "a 32-bit word holds an address: store an offset from another symbol",
            ],
        },
        Code::RelocText => &Explanation {
            title: "A pointer in code",
            why: "Relocation would write into pages that are executable, and into what another hart may be running. With text mapped read-only it traps.",
            fixes: &[
                "move the pointer into data: a `.quad symbol` stands in a code section",
                "compute the address with `lla`",
            ],
        },
        Code::RelocAlign => &Explanation {
            title: "A slot that is not aligned to 8 bytes",
            why: "RELR has no way to say it, and on a hart without misaligned access the write traps before anybody could tell.",
            fixes: &[
                "align the static that holds it: is it `#[repr(packed)]`?",
                "the relocation data was damaged after the build: build it again",
            ],
        },
        Code::RelocOutside => &Explanation {
            title: "A slot outside of the image's file",
            why: "Relocation would write where no pointer of the kernel is: over .bss, the firmware, or the device tree.",
            fixes: &[
                "the relocation data was damaged after the build: build it again",
                "a section with pointers is missing from the linker script's output",
            ],
        },
        Code::RelocTwice => &Explanation {
            title: "A slot that is listed twice",
            why: "It would get the displacement twice and point nowhere.",
            fixes: &[
                "both `.rela.dyn` and `.relr.dyn` list it: link with one linker, once",
                "the relocation data was damaged after the build: build it again",
            ],
        },
        Code::RelocOrder => &Explanation {
            title: "Relocation data that is not in ascending order",
            why: "A landfall kernel checks before it trusts the table: each slot lies behind the one before (rule R3). It refuses to land.",
            fixes: &[
                "the relocation data was damaged after the build: build it again",
                "another tool wrote the table: sort it",
            ],
        },
        Code::RelocTable => &Explanation {
            title: "A relocation table that cannot be read",
            why: "Its size is no multiple of an entry, it begins with a bitmap, or it reaches out of the file. What it lists is anybody's guess.",
            fixes: &[
                "the file was damaged after the build: build it again",
                "a tool that rewrites ELFs does not know SHT_RELR: use a newer one",
            ],
        },
        Code::RelocTarget => &Explanation {
            title: "A slot whose value is no address of the image",
            why: "The displacement is added to it all the same, and what was a constant is a stray number afterwards.",
            fixes: &[
                "the relocation data was damaged after the build: build it again",
                "a pointer was made from an integer or an absolute symbol: store the integer",
            ],
        },
        Code::RelocMissing => &Explanation {
            title: "An address of the image that no relocation lists",
            why: "The word keeps its link-time value, and whoever follows it goes where the kernel is not.",
            fixes: &[
                "the relocation data was damaged or cut after the build: build it again",
                "a pointer was written as an integer (`SYMBOL as usize` by assembly or a build tool): let the linker see it",
                "the address is meant as a number: keep it out of data, or accept this finding with its reason",
            ],
        },
        Code::SymbolWeak => &Explanation {
            title: "A weak symbol that nothing defines",
            why: "It is 0 as linked. Code that is relocated takes it for the load address instead, so the test for null never fires.",
            fixes: &["define it", "drop the weak reference, and decide at build time"],
        },
        Code::SymbolAbsolute => &Explanation {
            title: "An absolute symbol whose value looks like an address of the image",
            why: "It does not move with the image. Code that takes it for an address gets the link-time place, or a place displaced by the load address, by how it asks.",
            fixes: &[
                "define it relative to a section: within `SECTIONS { .text : { symbol = .; } }`",
                "write it as a difference of two symbols where it is a number",
            ],
        },
        Code::SymbolFar => &Explanation {
            title: "A symbol more than 2 GiB away",
            why: "Code of the medany model reaches 2 GiB to either side. The linker has refused or truncated what refers to it.",
            fixes: &[
                "place its section beside the others in the linker script",
                "reach it by a pointer in data",
            ],
        },
        Code::GotEntry => &Explanation {
            title: "An entry in the global offset table",
            why: "Code that loads addresses from the GOT reads link-time values until the table is relocated. Before that every such load is wrong, and nothing says so.",
            fixes: &[
                "compile that part without PIC (Rust: `relocation-model=static`; C: `-fno-pic -mcmodel=medany`)",
                "assembly uses `la` under `.option pic`: use `lla`",
                "a weak or preemptible symbol: define it, with hidden visibility",
            ],
        },
        Code::GotLoad => &Explanation {
            title: "An instruction that loads from the global offset table",
            why: "The address comes from memory that relocation has to have written before. Early code must not do so, and other code pays a load for nothing.",
            fixes: &[
                "assembly uses `la` under `.option pic`: use `lla`",
                "compile that part without PIC",
                "a weak or preemptible symbol: define it, with hidden visibility",
            ],
        },
        Code::MemoryWx => &Explanation {
            title: "A segment that is both writable and executable",
            why: "Whoever writes a byte of data there writes an instruction.",
            fixes: &[
                "give code and data segments of their own (PHDRS), and page alignment between them",
                "a writable section stands among code: move it",
            ],
        },
        Code::MemoryOverlap => &Explanation {
            title: "Segments that overlap",
            why: "The one that is loaded last wins, and which that is the loader decides.",
            fixes: &[
                "place each section behind the one before (`.` in the linker script)",
                "an AT() gives two sections one load address",
            ],
        },
        Code::MemoryAlign => &Explanation {
            title: "A segment that is not aligned as it says",
            why: "Address and place in the file must agree modulo p_align (ELF gABI, \"Program Header\"); permissions change only between pages. A loader that maps pages puts the bytes elsewhere.",
            fixes: &[
                "`. = ALIGN(4096);` between parts of different permissions",
                "link with `-zmax-page-size=4096`",
            ],
        },
        Code::MemoryLoad => &Explanation {
            title: "A segment that is loaded apart from the others",
            why: "Code reaches data by distances as linked. A segment whose physical address is displaced otherwise than the first one's is elsewhere at boot.",
            fixes: &["give every section the same AT() displacement", "leave AT() out altogether"],
        },
        Code::MemoryFile => &Explanation {
            title: "A segment whose bytes are not in the file",
            why: "A loader refuses such a file, or loads what lies behind.",
            fixes: &[
                "the file was cut: build or fetch it again",
                "the program headers were damaged: build it again",
            ],
        },
        Code::MemoryPermission => &Explanation {
            title: "A segment whose permissions are not those of the part",
            why: "The landing gives text R-X, constants R-- and data RW-. A segment that asks for something else is mapped by a loader as nobody expects.",
            fixes: &["write the FLAGS of the linker script's PHDRS as `landfall-build` does"],
        },
        Code::MemoryEntry => &Explanation {
            title: "The entry is not in code",
            why: "A loader jumps there.",
            fixes: &[
                "ENTRY(_start) in the linker script, and `.global _start`",
                "the section of the entry was dropped: KEEP it",
            ],
        },
        _ => &Explanation {
            title: "The image takes more than 2 GiB",
            why: "Code of the medany model reaches 2 GiB to either side; what lies further apart cannot name each other.",
            fixes: &[
                "a section has an address of its own: place it beside the others",
                "allocate large buffers at run time",
            ],
        },
    }
}
