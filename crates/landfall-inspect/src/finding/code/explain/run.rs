//! Instructions, early code and patched constants.

use super::{Code, Explanation};

/// The explanation of a code of these areas. Another code would be a mistake of `Code::explanation`, and gets the last one's.
#[expect(clippy::too_many_lines, reason = "a table")]
pub(super) const fn explanation(code: Code) -> &'static Explanation {
    match code {
        Code::CodeAbsolute => &Explanation {
            title: "Code that makes an absolute address",
            why: "A `lui` pair holds the link-time address in its immediates, which no relocation of a moved kernel patches.",
            fixes: &[
                "assembly uses `%hi`/`%lo` or `li` of a symbol: use `lla`",
                "compile with `-mcmodel=medany` (Rust: `code-model=medium`)",
                "the value is a number by chance: accept this finding with its reason",
            ],
        },
        Code::CodeGp => &Explanation {
            title: "An access relative to gp",
            why: "The image defines `__global_pointer$`, by which the linker relaxed addresses into gp plus an offset, or early code uses gp. landfall sets gp nowhere, so the access leads anywhere.",
            fixes: &[
                "link with `--no-relax-gp` or `--no-relax`, and `.option norelax` in early assembly",
                "do not refer to `__global_pointer$`: a kernel that keeps something of its own in gp needs no such symbol",
                "set gp with `lla gp, __global_pointer$` after landing on each hart, and accept this finding",
            ],
        },
        Code::CodeGpSet => &Explanation {
            title: "gp is set where nothing should set it",
            why: "It is set before landing, to an address that is wrong afterwards, or in an image whose linker relaxed addresses into gp plus an offset.",
            fixes: &[
                "set gp after landing, for example at the start of `main` and on each hart",
                "link with `--no-relax-gp` or `--no-relax`: without relaxed accesses gp is the kernel's own",
            ],
        },
        Code::CodeUnknown => &Explanation {
            title: "Bytes in code that are no instruction we know",
            why: "What cannot be decoded cannot be checked.",
            fixes: &[
                "data stands among code: move it into a data section",
                "a part uses an instruction of a vendor, of a draft, or of machine mode: leave it out, or accept this finding",
            ],
        },
        Code::CodeFrame => &Explanation {
            title: "A stack frame that the guard below a stack does not catch",
            why: "A function moves sp down by its whole frame, and may touch the lower end first. With a frame of more than half of the 64 KiB below a stack, an overflow can miss them and reach other memory, without a trap.",
            fixes: &[
                "move large arrays from the stack into a static, or into memory of an allocator",
                "take large values by reference: a debug build copies them",
                "compile with stack probes, which touch each page",
            ],
        },
        Code::EarlySlotRead => &Explanation {
            title: "Early code reads a pointer that is not relocated yet",
            why: "It gets the link-time address.",
            fixes: &[
                "compute the address (`lla`) in place of loading it",
                "call this function only after `rebase`",
            ],
        },
        Code::EarlySlotAddress => &Explanation {
            title: "Early code takes the address of an object that holds such a pointer",
            why: "Whoever gets it may read the pointer: a `&dyn`, a table of functions, a `&[&str]`.",
            fixes: &[
                "pass plain data in place of tables of pointers",
                "call this function only after `rebase`",
            ],
        },
        Code::EarlyTableJump => &Explanation {
            title: "Early code jumps through a table of addresses",
            why: "The table holds link-time addresses until relocation.",
            fixes: &[
                "compile without jump tables (`-C llvm-args=--min-jump-table-entries=…`, `-fno-jump-tables`), or write the `match` as `if`s",
                "call this function only after `rebase`",
            ],
        },
        Code::EarlyIndirectJump => &Explanation {
            title: "Early code jumps to an address that cannot be known here",
            why: "It may come from a pointer that is not relocated yet. Nobody can tell from the file alone.",
            fixes: &[
                "call the function by its name",
                "if it is known to be sound, accept this finding with the reason",
            ],
        },
        Code::EarlyUnknownAddress => &Explanation {
            title: "Early code reads from an address that cannot be known here",
            why: "It may be a pointer that is not relocated yet.",
            fixes: &[
                "take addresses by `lla` in the same function",
                "if it is known to be sound, accept this finding with the reason",
            ],
        },
        Code::EarlyOutside => &Explanation {
            title: "Early code leads out of the code that was checked",
            why: "What it calls is no code of this image, or lies beyond the place where early code ends.",
            fixes: &["end early code with the call of `rebase`", "call nothing but code of this image"],
        },
        Code::EarlyUndecided => &Explanation {
            title: "Early code that cannot be followed to its end",
            why: "It has no end that is known, takes too many ways, or runs into bytes that are no instruction.",
            fixes: &[
                "name its beginning and end: --early-from, --early-until",
                "keep early code short and its data out of .text",
            ],
        },
        Code::SiteTable => &Explanation {
            title: "The table of patched constants cannot be read",
            why: "Its parts are not in order, or an entry reaches out of the image: the landing would patch whatever lies there.",
            fixes: &[
                "keep the three parts of `.landfall.sites` in the linker script in their order",
                "the file was damaged after the build: build it again",
            ],
        },
        Code::SiteText => &Explanation {
            title: "A patched constant outside of code",
            why: "The landing would write an immediate into data.",
            fixes: &[
                "the table was damaged after the build: build it again",
                "a site was defined in a section that is no code",
            ],
        },
        Code::SiteInstructions => &Explanation {
            title: "A patched constant whose instructions are others than expected",
            why: "The landing replaces immediate bits at fixed places: in other instructions these bits mean something else.",
            fixes: &[
                "make sites with the macros of the crate `landfall` alone",
                "assemble them with `.option norvc` and `.option norelax`",
                "the table or the code was damaged after the build: build it again",
            ],
        },
        Code::SiteOverlap => &Explanation {
            title: "Patched constants that share bytes",
            why: "The second patch undoes the first.",
            fixes: &["the table was damaged after the build: build it again"],
        },
        Code::SiteEarly => &Explanation {
            title: "A patched constant in early code",
            why: "It runs before the landing has patched it, and converts by a number that is not there yet.",
            fixes: &["do not convert addresses before landing: they are physical there"],
        },
        _ => &Explanation {
            title: "A patched constant in a function that patches, or that runs before it",
            why: "The code would change under its own feet, without the `fence.i` that makes new instructions visible.",
            fixes: &["do not convert addresses before landing: they are physical there"],
        },
    }
}
