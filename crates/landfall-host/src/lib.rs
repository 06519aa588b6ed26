//! Builds landfall kernels, boots them in QEMU, attaches debuggers, and reads the landing reports.
//!
//! ```text
//! run          one boot, from the kernel's name to the verdict
//!   request      the boot as a user requests it
//!   kernel       the kernel that a user selects, and the kind of its file
//!   setup        installs what is missing on this computer
//!   build        Cargo, the check of its output, the flat image and its seal
//!   fresh        a kernel that is built already, known without Cargo
//!   prepared     a kernel and its machine, ready to boot
//!   place        the physical address of an image, and the ELF that puts it there
//!   firmware     OpenSBI, U-Boot, EDK2
//!   disk         a disk that boots
//!   tree         the seed in the machine's device tree
//!   machine      the machine, as arguments of QEMU
//!   qemu         QEMU as a process, with a console and an end
//!   verdict      the verdict that the console states
//!   console_output   the console as a user sees it
//!   terminal     the user's terminal as the machine's keyboard
//!   symbolize    names for addresses on the console or in a saved log
//!   report       the landing report
//!   measure      instructions between places of the kernel, counted from outside
//!   dump         the facts of a boot, written to a file
//!   stopped      a machine that is stopped at the kernel's first instruction
//!   efi          the way from EFI firmware to there
//! simulator    a boot on machines that take every liberty of the specification
//! debug        gdb and LLDB, with symbols at the kernel's address and wherever it moves
//! trial        one kernel on many machines, each landing judged from outside
//! check        a kernel's file, verified before it boots
//! plan         the case that a plan predicts
//! board        a boot on a board, and its comparison with the prediction
//! audit        the page tables of a machine, live or saved
//! new          a new kernel
//! library      the library for kernels in C, as a folder
//! wrap         a foreign kernel behind a landing
//! checkout     the checkout that a kernel uses
//!
//! initrd       an initial RAM disk, as a user names it
//! image        a kernel's file, read for its plan
//! elf          the ELF in a file's bytes
//! flat_image   the flat image of a selected kernel
//! interface    exports of a kernel, or of a module that is loaded before
//! kernel_elf   the ELF of a selected kernel
//! module_build   builds a module, and checks it against its kernel
//! modules      files of modules, by their names
//! symbols      names and addresses in a kernel's ELF
//! gdb          the GDB remote protocol, to look into a machine
//! qmp          QEMU's protocol for programs
//! landmarks    symbols and bytes by which a landfall kernel is recognized
//! command_line   a command of ours, as a user types it again
//! last_lines   the end of a console, as the tail of an error message
//! output       results to stdout, everything else to stderr
//! random       random numbers of tests, from a seed
//! cache        the folder for files that can be made again
//! user_file    files that a user names: inputs up to a limit, and results
//! private      files and folders for their owner alone
//! progress     a line on the terminal that shows the progress of long work
//! scratch      temporary folders that vanish with their owner, also after a signal
//! ```
//!
//! ```
//! use landfall_host::verdict::Verdict;
//!
//! // The console states a verdict, or the boot has failed.
//! let console = ["OpenSBI v1.6", "Hello.", "landfall: exit 0"];
//! assert!(Verdict::over(console).is_some_and(|verdict| verdict.is_success()));
//! assert!(Verdict::over(["OpenSBI v1.6", "Hello."]).is_none());
//! let panicked = Verdict::over(["landfall: exit 0", "landfall: panic at src/main.rs:5"]);
//! assert!(panicked.is_some_and(|verdict| !verdict.is_success()));
//! ```

#![deny(unsafe_code)]

pub mod audit;
pub mod board;
pub mod build;
mod cache;
pub mod check;
pub mod checkout;
mod command_line;
mod console_output;
pub mod debug;
pub mod disk;
pub mod dump;
pub mod efi;
pub mod elf;
pub mod firmware;
pub mod flat_image;
mod fresh;
pub mod gdb;
pub mod image;
pub mod initrd;
pub mod interface;
pub mod kernel;
pub mod kernel_elf;
pub mod landmarks;
pub mod last_lines;
pub mod library;
pub mod link_args;
pub mod machine;
pub mod measure;
pub mod module_build;
pub mod modules;
pub mod new;
pub mod output;
mod own;
pub mod place;
pub mod plan;
pub mod prepared;
pub mod private;
mod progress;
pub mod qemu;
pub mod qmp;
pub mod random;
pub mod report;
pub mod request;
pub mod run;
pub mod scratch;
pub mod setup;
pub mod simulator;
pub mod stopped;
pub mod symbolize;
pub mod symbols;
mod terminal;
pub mod tree;
pub mod trial;
pub mod user_file;
pub mod verdict;
pub mod wrap;
