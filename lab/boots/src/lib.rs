//! The boots that test landfall, and other tests that need a kernel. All are ordinary tests of
//! `cargo test`: see `harness`.
//!
//! ```text
//! harness        lists and runs the tests; reports how a failed one is repeated
//! settings       the seed of the fresh batch, and the number of boots, from the environment
//! set_up         the tools that tests need
//! kernels        the kernels, each built when a test first needs it
//! bench          QEMU and the kernels
//! workshop       folders for packages that tests build
//!
//! cases          all cases, their names, and those that always run
//! images         the images that a list of cases may look into
//! matrix         landings          \
//! refusals       rules broken       > cases --boot--> passed, or the reason of the failure
//! trees          device trees broken/
//!
//! groups         the tests that are not a case of the matrix; each is a `check`
//!   builds       kernels that must not build, and code that must not load from memory
//!     application  the same file as an EFI application
//!   unfit        damaged files that `check` must find
//!   new          a kernel that `cargo landfall new` makes
//!   examples     the kernels of `examples/`
//!   documents    the code in documents, built and booted
//!   demo         the kernel `demo`, with a test at its console
//!   mistakes     code that must not compile
//!   scripts      linker scripts that must not link
//!   platforms    kernels of ArceOS, on landfall's platform and on ArceOS's own
//!   linux        Debian's Linux before and after landfall, by kexec
//!   debugger     gdb and LLDB, by names, on kernels that move and land
//!   board_command   `cargo landfall board`, with QEMU as the board
//!   live_audit   audits of a landed kernel by each source
//!
//! boot           runs one case
//!   paths        firmware and boot loaders on the way to the kernel
//!   session      a machine under a debugger
//!   judge        checks a landing:
//!     moving       the image's move to another place in physical memory
//!     bystanders   memory that belongs to others
//!     landfall-judge  every satp, the leaves of the final tables, every word of the kernel
//!     reported     the kernel's report against the same
//!     exact        a plan of the host against the same
//!     audited      an audit of the tables, against the plan and QEMU's walk
//!   mutation     damage that the judge must report
//!   secrets      a search of all free memory
//!   unwilling    EFI firmware that fails, or gives an unexpected answer
//!   efi          checks an image that EFI firmware loaded
//!
//! image        changes to the kernel's file; landfall-judge reads it
//! devicetree   changes to the machine's tree; landfall-judge reads it
//! archive      archives for initrds
//! kexec_cost   the instructions of a start of another kernel
//! icicle       a device tree for a board for which QEMU has none
//! policies     policies for tests
//! command      the command `cargo landfall`, built from this checkout
//! ```
//!
//! The judges share no code with landfall: they use neither the planner, nor the mapper, nor the
//! kernel's reader of trees. `exact` alone uses them: it checks that a landing can be predicted,
//! not that it is correct.

mod application;
mod archive;
mod audited;
mod bare;
mod bench;
mod board_command;
mod boot;
mod builds;
mod bystanders;
mod case;
mod cases;
mod check;
mod checksums;
pub mod command;
mod crash;
mod debugger;
mod demo;
mod devicetree;
mod documents;
mod efi;
mod exact;
mod examples;
mod groups;
mod handed_on;
mod harness;
mod icicle;
mod image;
mod images;
mod judge;
mod kernels;
pub mod kexec_cost;
mod linux;
mod live_audit;
mod matrix;
mod mistakes;
mod modules;
mod moving;
mod mutation;
mod new;
pub mod paths;
mod platforms;
mod policies;
mod refusals;
mod replaced;
mod reported;
mod scripts;
mod secrets;
mod session;
mod set_up;
mod settings;
mod trapped;
mod trees;
mod unfit;
mod unwilling;
mod workshop;
mod wrapped;
mod wrapper_policy;

pub use harness::run;
pub use modules::initrd as initrd_of_modules;
