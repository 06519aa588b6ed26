//! The boots that test landfall, and other tests that need a kernel. All of them are ordinary tests
//! of `cargo test`: see `harness`.
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
//! refusals       rules broken       > cases --boot--> passed, or why not
//! trees          device trees broken/
//!
//! groups         the tests that are no case of the matrix; each is a `check`
//!   builds       what must not build, and what must not load
//!     application  the same file as an EFI application
//!   unfit        damaged files that `check` must find
//!   new          a kernel that `cargo landfall new` has made
//!   examples     the kernels of `examples/`
//!   documents    the code in documents, built and booted
//!   mistakes     what must not compile
//!   scripts      linker scripts that must not link
//!   platforms    kernels of ArceOS, on landfall's platform and on ArceOS's own
//!   debugger     gdb and LLDB, by names, on kernels that move and land
//!
//! boot           carries out one case
//!   paths        firmware and boot loaders on the way to the kernel
//!   session      a machine under a debugger
//!   judge        what a landing must be:
//!     moving       the image's way to another place in physical memory
//!     bystanders   memory that belongs to others
//!     landfall-judge: tables, landing, slots   every satp, the leaves of the last tables, every word of the kernel
//!     reported     the kernel's report against all that
//!     exact        a plan made on the host against all that
//!   mutation     damage that the judge must see
//!   secrets      a search of all free memory
//!   unwilling    EFI firmware that fails, or says what nobody would expect
//!   efi          what must hold where EFI firmware has loaded the image
//!
//! image, devicetree    changes to the kernel's file and to the machine's tree; landfall-judge reads both
//! icicle                                        a device tree for a board that QEMU makes none for
//! random                                        numbers for cases
//! ```
//!
//! What judges shares no code with what it judges: nothing of the planner, the mapper or the
//! kernel's reader of trees is used here. One judge is there to use them: `exact`, which says that
//! a landing can be foretold, and not that it is right.

mod application;
mod bench;
mod boot;
mod builds;
mod bystanders;
mod case;
mod cases;
mod check;
pub mod command;
mod debugger;
mod devicetree;
mod documents;
mod efi;
mod exact;
mod examples;
mod groups;
mod harness;
mod icicle;
mod image;
mod images;
mod judge;
mod kernels;
mod matrix;
mod mistakes;
mod moving;
mod mutation;
mod new;
pub mod paths;
mod platforms;
mod policies;
mod refusals;
mod reported;
mod scripts;
mod secrets;
mod session;
mod set_up;
mod settings;
mod trees;
mod unfit;
mod unwilling;
mod workshop;

pub use harness::run;
