//! The codes, one row each: variant, name, title, reason, and remedies with the most likely cause
//! first.
//!
//! The order of the rows is that in which findings are printed, and that of the table in
//! `docs/check.md`.

use super::area::Area;
use super::rows::codes;

codes! {
    Header {
        HeaderMagic = "header-magic", "The boot header lacks its magic numbers",
            why: "Loaders know a RISC-V kernel by \"RISCV\" at 0x30 and \"RSC\\x05\" at 0x38. Without them U-Boot, GRUB and EFI stubs refuse the file, and QEMU takes it for raw bytes (Linux, boot-image-header.rst).",
            fixes: [
                "a section was placed before the header: it must be the image's first bytes",
                "the file was cut or patched after the build: build it again",
                "a loader's own header stands before the image: strip it",
            ];
        HeaderVersion = "header-version", "The boot header has a version that is not defined",
            why: "Version 0.2 is the only one (Linux, boot-image-header.rst). A loader may refuse others, or read other fields than are there.",
            fixes: [
                "write 2 at offset 0x20",
                "the file was damaged after the build: build it again",
            ];
        HeaderSize = "header-size", "The boot header's image_size is not the image's size",
            why: "A loader keeps that much memory free from the image's start on, .bss included. Too small, and it puts the device tree or an initrd where the kernel will write; too large, and it may find no room.",
            fixes: [
                "take the size from the linker script: end of .bss (and of .noinit) minus start of the image",
                "a section behind .bss was added to the linker script and not counted",
            ];
        HeaderOffset = "header-text-offset", "The boot header's text_offset is unusable for loaders",
            why: "Loaders put the image at text_offset from a 2 MiB-aligned start of RAM. On RV64 it is a multiple of 2 MiB (Linux, boot.rst); a landfall kernel says 0x200000, behind the firmware.",
            fixes: [
                "write 0x200000, as the crate `landfall` does",
                "the file was damaged after the build: build it again",
            ];
        HeaderFlags = "header-flags", "The boot header sets flags or reserved fields that have no meaning",
            why: "Bit 0 says big-endian, which no RISC-V kernel is; every other bit and every reserved field must be 0 (Linux, boot-image-header.rst), or a later version gives them a meaning that was not meant.",
            fixes: [
                "write 0",
                "code0 and code1 took more than 8 bytes and pushed the fields away",
            ];
        HeaderJump = "header-jump", "The image does not begin with a jump over its header",
            why: "A loader jumps to the image's first byte. What stands there must be instructions that lead past the header and into code; everything between is data.",
            fixes: [
                "begin with `j entry` (32 bits, or with a compressed no-op before it), aligned by `.option norvc`",
                "another section was placed before the header",
                "the entry lies outside of the executable part: check the linker script",
            ];
        HeaderPe = "header-pe", "The PE header is damaged",
            why: "EFI firmware loads the image as a PE/COFF file when code0 begins with \"MZ\" and 0x3c names a PE header. A damaged one is refused, or loaded wrongly.",
            fixes: [
                "write 0 at 0x3c and no \"MZ\" where the image is no EFI application",
                "take offset and sizes from the linker script, as Linux's efi-header.S does",
            ];
    }
    Record {
        RecordMagic = "record-magic", "The landfall record is missing",
            why: "A landfall kernel begins with the header and the record that the crate `landfall` gives it. Its first instructions look for \"LANDFALL\" at 0x40 and refuse to land without (rule R2).",
            fixes: [
                "keep `.landfall.head` first in the linker script, with KEEP",
                "the file was damaged after the build: build it again",
            ];
        RecordVersion = "record-version", "The landfall record has an unknown version",
            why: "Earlier versions are read. The fields of a later version may differ, so this tool cannot read them.",
            fixes: [
                "use a newer `cargo landfall`, at least of the version of the crate `landfall`",
                "the file was damaged after the build: build it again",
            ];
        RecordSize = "record-size", "The landfall record's sizes differ from the image's",
            why: "The landing maps text, constants and data by these sizes. Wrong ones give pages with wrong permissions, or leave pages out.",
            fixes: [
                "take them from the linker script's symbols, as `landfall-build`'s script does",
                "a section lies outside of the four parts: place it within one",
            ];
        RecordTable = "record-table", "A table lies elsewhere than the landfall record states",
            why: "Policy, sites and relocation data are found by the record. A table that reaches out of the file is not there at boot; one that is another than the linker made is not what the kernel applies.",
            fixes: [
                "keep `.landfall.policy`, `.landfall.sites` and `.relr.dyn` between `__landfall_sealed_start` and `__landfall_sealed_end`",
                "the file was damaged after the build: build it again",
            ];
        SealState = "seal-state", "The seal is neither written nor left open",
            why: "The word at 0x50 is \"unsealed\" as linked and \"sealed\" with a checksum. With anything else the kernel refuses to land (rule R2).",
            fixes: ["the file was damaged after the build: build it again"];
        SealChecksum = "seal-checksum", "The sealed bytes have changed since they were sealed",
            why: "The checksum covers header, record, policy, sites and relocation data. The kernel refuses to land (rule R2), because a damaged table patches the wrong places.",
            fixes: [
                "the file was changed after `cargo landfall build`: change the source and build again",
                "a tool rewrote the ELF (strip, objcopy): run it before sealing",
                "the file was damaged on its way: compare with the original",
            ];
        InnerRecord = "inner-record", "The record of the inner kernel is damaged",
            why: "A wrapper checks the record before it starts the kernel in it, and refuses it by rule W27. The record has a checksum over all of its bytes.",
            fixes: [
                "the file was changed after `cargo landfall wrap`: wrap the kernel again",
                "the file was damaged on its way: compare with the original",
            ];
        InnerRule = "inner-rule", "The inner kernel breaks a rule of `wrap`",
            why: "A wrapper starts only kernels that it can place, load and map without a page that is writable and executable. The rules are in the book's chapter on `wrap`.",
            fixes: [
                "link the inner kernel as the rule demands, and wrap it again",
                "use the `wrap` of this version: an earlier one had other rules",
            ];
    }
    Policy {
        PolicyMissing = "policy-missing", "The policy is missing",
            why: "The landing reads what the kernel wants from this record, and cannot decide anything without (rule R15).",
            fixes: [
                "say `landfall::entry!(main);` in the kernel",
                "keep `.landfall.policy` in the linker script, with KEEP",
            ];
        PolicyVersion = "policy-version", "The policy has an unknown version",
            why: "Earlier versions are read. The fields of a later version may differ, so this tool cannot read them.",
            fixes: [
                "use a newer `cargo landfall`, at least of the version of the crate `landfall`",
                "the file was damaged after the build: build it again",
            ];
        PolicyImpossible = "policy-impossible", "The policy is invalid, or no machine can fulfill it",
            why: "The kernel would refuse to land on every machine (rule R15). `entry!` refuses such a policy when it is compiled, so this one was written or changed afterwards.",
            fixes: [
                "change it by `cargo landfall run --policy`, which checks it",
                "the file was damaged after the build: build it again",
            ];
        PolicyCompiledOut = "policy-compiled-out", "The policy needs a part of landfall that was compiled out",
            why: "The kernel would refuse to land on every machine (rule R27). `entry!` refuses such a policy when it is compiled, so this one was written or changed afterwards.",
            fixes: [
                "build the kernel with the feature of the crate `landfall` that is named",
                "use the policy `physical=stay`",
            ];
    }
    Relocations {
        RelocKind = "reloc-kind", "A relocation that no code applies at boot",
            why: "A kernel relocates itself by what it can: RELR, or R_RISCV_RELATIVE for others than landfall. Any other kind needs a loader with symbols, which a kernel does not have: the place keeps its link-time value.",
            fixes: [
                "a pointer lies in a `#[repr(packed)]` static: align it, or compute it at run time",
                "link with `-zpack-relative-relocs` and `-Bsymbolic`, as `landfall-build` does",
                "a symbol is left to another program: define it, or do not export it",
                "a 32-bit word holds an address: store an offset from another symbol",
            ];
        RelocUnpacked = "reloc-unpacked", "Relocations that nothing packed after the link",
            why: "GNU's linker writes RELA on RISC-V, with zeros in the words that it names. landfall applies RELR alone and refuses such an image (rule R3).",
            fixes: [
                "run `cargo landfall seal FILE` on the ELF: it packs the relocations in place",
                "link with LLD 15 or newer, and with `-zpack-relative-relocs`",
            ];
        RelocText = "reloc-text", "A pointer in code",
            why: "Relocation would write into pages that are executable, and into what another hart may be running. With text mapped read-only it traps.",
            fixes: [
                "move the pointer into data: a `.quad symbol` stands in a code section",
                "compute the address with `lla`",
            ];
        RelocAlign = "reloc-align", "A slot that is not aligned to 8 bytes",
            why: "RELR cannot list it, and on a hart without misaligned access the write traps before the kernel can print.",
            fixes: [
                "align the static that holds it: is it `#[repr(packed)]`?",
                "the relocation data was damaged after the build: build it again",
            ];
        RelocOutside = "reloc-outside", "A slot outside of the image's file",
            why: "Relocation would write where no pointer of the kernel is: over .bss, the firmware, or the device tree.",
            fixes: [
                "the relocation data was damaged after the build: build it again",
                "a section with pointers is missing from the linker script's output",
            ];
        RelocTwice = "reloc-twice", "A slot that is listed twice",
            why: "It would get the displacement twice and point nowhere.",
            fixes: [
                "both `.rela.dyn` and `.relr.dyn` list it: link with one linker, once",
                "the relocation data was damaged after the build: build it again",
            ];
        RelocOrder = "reloc-order", "Relocation data that is not in ascending order",
            why: "A landfall kernel checks before it trusts the table: each slot lies behind the one before (rule R3). It refuses to land.",
            fixes: [
                "the relocation data was damaged after the build: build it again",
                "another tool wrote the table: sort it",
            ];
        RelocTable = "reloc-table", "A relocation table that cannot be read",
            why: "Its size is no multiple of an entry, it begins with a bitmap, or it reaches out of the file. What it lists is anybody's guess.",
            fixes: [
                "the file was damaged after the build: build it again",
                "a tool that rewrites ELFs does not know SHT_RELR: use a newer one",
            ];
        RelocTarget = "reloc-target", "A slot whose value is outside of the image",
            why: "The displacement is added to it all the same, and what was a constant is a stray number afterwards.",
            fixes: [
                "the relocation data was damaged after the build: build it again",
                "a pointer was made from an integer or an absolute symbol: store the integer",
            ];
        RelocMissing = "reloc-missing", "An address of the image that no relocation lists",
            why: "The word keeps its link-time value, and whoever follows it goes where the kernel is not.",
            fixes: [
                "the relocation data was damaged or cut after the build: build it again",
                "a pointer was written as an integer (`SYMBOL as usize` by assembly or a build tool): let the linker see it",
                "the address is meant as a number: keep it out of data, or accept this finding with its reason",
            ];
    }
    Symbols {
        SymbolWeak = "symbol-weak", "A weak symbol that nothing defines",
            why: "It is 0 as linked. Code that is relocated takes it for the load address instead, so the test for null never fires. Code that loads the address from the GOT gets 0.",
            fixes: [
                "define it",
                "drop the weak reference, and decide at build time",
            ];
        SymbolAbsolute = "symbol-absolute", "An absolute symbol whose value looks like an address of the image",
            why: "It does not move with the image. Code that takes it for an address gets the link-time place, or a place displaced by the load address, by how it asks.",
            fixes: [
                "define it relative to a section: within `SECTIONS { .text : { symbol = .; } }`",
                "write it as a difference of two symbols where it is a number",
            ];
        SymbolFar = "symbol-far", "A symbol more than 2 GiB away",
            why: "Code of the medany model reaches 2 GiB to either side. The linker has refused or truncated what refers to it.",
            fixes: [
                "place its section beside the others in the linker script",
                "reach it by a pointer in data",
            ];
    }
    Got {
        GotEntry = "got-entry", "An entry in the global offset table that is not relocated, or is writable",
            why: "Code loads addresses from the GOT. An entry must be a slot, 0 for a weak symbol that nothing defines, or a word of the linker's own; else code gets the link-time address. Among the constants nothing overwrites it.",
            fixes: [
                "place the table among the constants: `.got : { *(.got .got.plt) }` in front of `INCLUDE landfall-tables.ld`",
                "link with `-pie`, so that the linker lists each entry",
                "compile that part without PIC (Rust: `relocation-model=static`; C: `-fno-pic -mcmodel=medany`)",
            ];
        GotLoad = "got-load", "Early code that loads from the global offset table",
            why: "The address comes from memory that relocation has to have written before, and early code runs before that.",
            fixes: [
                "assembly uses `la` under `.option pic`: use `lla`",
                "compile that part without PIC",
                "a weak symbol that nothing defines: early code must not ask for it",
            ];
    }
    Memory {
        MemoryWx = "memory-wx", "A segment that is both writable and executable",
            why: "Whoever writes a byte of data there writes an instruction.",
            fixes: [
                "give code and data segments of their own (PHDRS), and page alignment between them",
                "a writable section stands among code: move it",
            ];
        MemoryOverlap = "memory-overlap", "Segments that overlap",
            why: "The one that is loaded last wins, and which that is the loader decides.",
            fixes: [
                "place each section behind the one before (`.` in the linker script)",
                "an AT() gives two sections one load address",
            ];
        MemoryAlign = "memory-align", "A segment whose place breaks its alignment",
            why: "Address and place in the file must agree modulo p_align (ELF gABI, \"Program Header\"); permissions change only between pages. A loader that maps pages puts the bytes elsewhere.",
            fixes: [
                "`. = ALIGN(4096);` between parts of different permissions",
                "link with `-zmax-page-size=4096`",
            ];
        MemoryLoad = "memory-load", "A segment that is loaded apart from the others",
            why: "Code reaches data by distances as linked. A segment whose physical address is displaced otherwise than the first one's is elsewhere at boot.",
            fixes: [
                "give every section the same AT() displacement",
                "leave AT() out altogether",
            ];
        MemoryFile = "memory-file", "A segment whose bytes are missing in the file",
            why: "A loader refuses such a file, or loads what lies behind.",
            fixes: [
                "the file was cut: build or fetch it again",
                "the program headers were damaged: build it again",
            ];
        MemoryPermission = "memory-permission", "A segment whose permissions differ from its part's",
            why: "The landing gives text R-X, constants R-- and data RW-. A segment that asks for something else is mapped by a loader as nobody expects.",
            fixes: ["write the FLAGS of the linker script's PHDRS as `landfall-build` does"];
        MemoryEntry = "memory-entry", "The entry is outside of code",
            why: "A loader jumps there.",
            fixes: [
                "ENTRY(_start) in the linker script, and `.global _start`",
                "the section of the entry was dropped: KEEP it",
            ];
        MemorySpan = "memory-span", "The image takes more than 2 GiB",
            why: "Code of the medany model reaches 2 GiB to either side; what lies further apart cannot name each other.",
            fixes: [
                "a section has an address of its own: place it beside the others",
                "allocate large buffers at run time",
            ];
    }
    Code {
        CodeAbsolute = "code-absolute", "Code that makes an absolute address",
            why: "A `lui` pair holds the link-time address in its immediates, which no relocation of a moved kernel patches.",
            fixes: [
                "assembly uses `%hi`/`%lo` or `li` of a symbol: use `lla`",
                "compile with `-mcmodel=medany` (Rust: `code-model=medium`)",
                "the value is a number by chance: accept this finding with its reason",
            ];
        CodeGp = "code-gp", "An access relative to gp",
            why: "The image defines `__global_pointer$`, by which the linker relaxed addresses into gp plus an offset, or early code uses gp, or no instruction sets gp. landfall sets gp nowhere, neither for harts nor for traps, so the access leads anywhere.",
            fixes: [
                "do not define `__global_pointer$`: GNU's linker relaxes to gp only where the symbol exists",
                "link with `--no-relax`, or with LLD and `--no-relax-gp`, and `.option norelax` in early assembly",
                "set gp with `lla gp, __global_pointer$` after landing on each hart, and accept this finding",
            ];
        CodeGpSet = "code-gp-set", "gp is set by code that must keep it",
            why: "It is set before landing, to an address that is wrong afterwards, or in an image whose linker relaxed addresses into gp plus an offset.",
            fixes: [
                "set gp after landing, for example at the start of `main` and on each hart",
                "link with `--no-relax-gp` or `--no-relax`: without relaxed accesses gp is the kernel's own",
            ];
        CodeUnknown = "code-unknown", "Bytes in code that are an unknown instruction",
            why: "What cannot be decoded cannot be checked.",
            fixes: [
                "data stands among code: move it into a data section",
                "a part uses an instruction of a vendor, of a draft, or of machine mode: leave it out, or accept this finding",
            ];
        CodeFrame = "code-frame", "A stack frame that the guard below a stack does not catch",
            why: "A function moves sp down by its whole frame, and may touch the lower end first. With a frame of more than half of the 64 KiB below a stack, an overflow can miss them and reach other memory, without a trap.",
            fixes: [
                "move large arrays from the stack into a static, or into memory of an allocator",
                "take large values by reference: a debug build copies them",
                "compile with stack probes, which touch each page",
            ];
    }
    Early {
        EarlySlotRead = "early-slot-read", "Early code reads a pointer that is not relocated yet",
            why: "It gets the link-time address.",
            fixes: [
                "compute the address (`lla`) in place of loading it",
                "call this function only after `rebase`",
            ];
        EarlySlotAddress = "early-slot-address", "Early code takes the address of an object that holds such a pointer",
            why: "Whoever gets it may read the pointer: a `&dyn`, a table of functions, a `&[&str]`.",
            fixes: [
                "pass plain data in place of tables of pointers",
                "call this function only after `rebase`",
            ];
        EarlyTableJump = "early-table-jump", "Early code jumps through a table of addresses",
            why: "The table holds link-time addresses until relocation.",
            fixes: [
                "compile without jump tables (`-C llvm-args=--min-jump-table-entries=…`, `-fno-jump-tables`), or write the `match` as `if`s",
                "call this function only after `rebase`",
            ];
        EarlyIndirectJump = "early-indirect-jump", "Early code jumps to an address that cannot be known here",
            why: "It may come from a pointer that is not relocated yet. The file alone does not show it.",
            fixes: [
                "call the function by its name",
                "if it is known to be sound, accept this finding with the reason",
            ];
        EarlyUnknownAddress = "early-unknown-address", "Early code reads from an address that cannot be known here",
            why: "It may be a pointer that is not relocated yet.",
            fixes: [
                "take addresses by `lla` in the same function",
                "if it is known to be sound, accept this finding with the reason",
            ];
        EarlyOutside = "early-outside", "Early code leads out of the code that was checked",
            why: "What it calls is no code of this image, or lies beyond the place where early code ends.",
            fixes: [
                "end early code with the call of `rebase`",
                "call nothing but code of this image",
            ];
        EarlyUndecided = "early-undecided", "Early code that cannot be followed to its end",
            why: "It has no end that is known, takes too many ways, or runs into bytes that are no instruction.",
            fixes: [
                "name its beginning and end: --early-from, --early-until",
                "keep early code short and its data out of .text",
            ];
    }
    Sites {
        SiteTable = "site-table", "The table of patched constants cannot be read",
            why: "Its parts are not in order, or an entry reaches out of the image: the landing would patch whatever lies there.",
            fixes: [
                "keep the three parts of `.landfall.sites` in the linker script in their order",
                "the file was damaged after the build: build it again",
            ];
        SiteText = "site-text", "A patched constant outside of code",
            why: "The landing would write an immediate into data.",
            fixes: [
                "the table was damaged after the build: build it again",
                "a site was defined in a section that is no code",
            ];
        SiteInstructions = "site-instructions", "A patched constant whose instructions are others than expected",
            why: "The landing replaces immediate bits at fixed places: in other instructions these bits mean something else.",
            fixes: [
                "make sites with the macros of the crate `landfall` alone",
                "assemble them with `.option norvc` and `.option norelax`",
                "the table or the code was damaged after the build: build it again",
            ];
        SiteOverlap = "site-overlap", "Patched constants that share bytes",
            why: "The second patch undoes the first.",
            fixes: ["the table was damaged after the build: build it again"];
        SiteEarly = "site-early", "A patched constant in early code",
            why: "It runs before the landing has patched it, and converts by a number that is not there yet.",
            fixes: ["do not convert addresses before landing: they are physical there"];
        SitePatcher = "site-patcher", "A patched constant in a function that patches, or that runs before it",
            why: "The code would change under its own feet, without the `fence.i` that makes new instructions visible.",
            fixes: ["do not convert addresses before landing: they are physical there"];
    }
    Module {
        ModuleMachine = "module-machine", "The module is for another machine",
            why: "Instructions and relocations of another machine mean something else to this one. The loader refuses the file.",
            fixes: ["compile it for RISC-V 64: `--target riscv64gc-unknown-none-elf`, or `riscv64-linux-gnu-gcc`"];
        ModuleAbi = "module-abi", "The module's ABI differs from the kernel's",
            why: "Both sides of a call must agree on the registers of arguments, floating-point ones included (psABI, e_flags).",
            fixes: [
                "compile C with `-mabi=lp64d -march=rv64gc`, as the kernel's target has it",
                "compile Rust for the kernel's own target",
            ];
        ModuleAbout = "module-about", "The module's statements about itself are missing or invalid",
            why: "The loader finds a module's name in `.landfall.module`, which consists of `key=value` strings. It refuses a module without a valid name.",
            fixes: [
                "write `landfall_modules::module!` once in the module",
                "give it a name of 1 to 55 lower-case letters, digits, `_` and `-`",
                "C: put `name=NAME`, with its NUL, into a `const char[]` in section `.landfall.module`",
                "keep `.landfall.module` in the linker script, with KEEP",
            ];
        ModuleBuildId = "module-build-id", "The module states no kernel, and uses symbols that are not stable",
            why: "Types can change from build to build. A module without a kernel's build ID binds stable exports alone, by name and signature.",
            fixes: [
                "build it with `cargo landfall build --module --kernel KERNEL`",
                "declare the imports stable, with their signatures, if the kernel exports them so",
                "link the kernel with `--build-id=sha1`, as `landfall-build` does",
            ];
        ModuleKernel = "module-kernel", "The module was built for another kernel, and uses symbols that are not stable",
            why: "Types can change from build to build. A module of another build binds stable exports alone, by name and signature.",
            fixes: [
                "build the module again, with this kernel",
                "declare the imports stable, with their signatures, if the kernel exports them so",
            ];
        ModuleSymbol = "module-symbol", "A symbol that the kernel does not export",
            why: "The loader refuses a module with a symbol that nothing defines.",
            fixes: [
                "export it from the kernel: `#[landfall_modules::export]`",
                "name the module that exports it with --loaded",
                "link the library that defines it into the module",
            ];
        ModuleSignature = "module-signature", "An import whose signature differs from the export's",
            why: "Caller and callee would disagree on arguments or types. The loader binds an import with a signature only to an export with the same one.",
            fixes: [
                "write the import as the kernel writes the export",
                "build the module with the kernel's current interface",
            ];
        ModuleAbsolute = "module-absolute", "Code or data with an absolute address of 32 bits",
            why: "A module is loaded beside the kernel, in the upper half of the address space. An absolute address of 32 bits reaches its lowest and highest 2 GiB alone.",
            fixes: [
                "compile C with `-mcmodel=medany -fno-pic`",
                "compile Rust with the target's code model, which is `medium`",
                "assembly uses `lui` with `%hi`: use `lla`",
                "a 32-bit word holds an address: store 64 bits, or an offset from another symbol",
            ];
        ModuleTls = "module-tls", "Thread-local data",
            why: "A kernel has no thread-local storage that a loader could extend. The loader refuses such sections and relocations.",
            fixes: [
                "use a static with a lock, or an array with one element for each hart",
                "C: remove `__thread` and `_Thread_local`",
            ];
        ModuleWx = "module-wx", "A section that is both writable and executable",
            why: "Whoever writes a byte of data there writes an instruction. The loader refuses the section.",
            fixes: [
                "give code and data sections of their own",
                "assembly: use the flags \"ax\" for code and \"aw\" for data",
            ];
        ModuleAlign = "module-align", "An alignment that the loader cannot give",
            why: "R_RISCV_ALIGN asks the linker to remove instructions, which a loader does not do. Parts of a module begin at pages, so a section's alignment is a power of two up to 4096.",
            fixes: [
                "compile without linker relaxation: `-mno-relax`; assembly: `.option norelax`",
                "reduce the alignment of the section",
            ];
        ModuleRelocation = "module-relocation", "A relocation that no loader applies",
            why: "A module's relocations are those of compilers for relocatable files (psABI, \"Relocations\"). Any other one, or one outside of its section, has no meaning there.",
            fixes: [
                "link with `ld -r`, from objects of the compiler",
                "the file was damaged after the build: build it again",
            ];
        ModuleDuplicate = "module-duplicate", "A name that is defined twice",
            why: "The loader and users would find one of the two, and which one is not defined. The loader refuses the module.",
            fixes: [
                "rename one of them",
                "the module exports a symbol that the kernel or another module has: rename it",
                "two object files say `module!`: say it once",
            ];
        ModuleRecord = "module-record", "A record of the module that is not valid",
            why: "Imports, exports and parameters are records that the loader reads. It refuses a module with one that it cannot read.",
            fixes: [
                "make records by the macros of the crate `landfall-modules`",
                "the file was damaged after the build: build it again",
            ];
        ModuleEntry = "module-entry", "An entry point that the loader cannot call",
            why: "The loader calls the global symbols `landfall_init` and `landfall_exit`. A local one would not be called, and one outside of code would trap.",
            fixes: [
                "Rust: `#[unsafe(no_mangle)] extern \"C\" fn landfall_init() -> i32`",
                "C: remove `static` from it",
            ];
        ModuleConstructor = "module-constructor", "A constructor or destructor, which no loader runs",
            why: "The loader calls `landfall_init` and `landfall_exit` alone. Sections such as `.init_array` are lists for the start of a program.",
            fixes: ["call it in `landfall_init`, or in `landfall_exit`"];
        ModuleCommon = "module-common", "A common symbol, which has no place in the file",
            why: "A linker makes room for common symbols when it links a program. The loader refuses them.",
            fixes: [
                "compile C with `-fno-common`",
                "link with `ld -r -d`, which makes room",
            ];
    }
}
