//! The arguments of `gdb` and `lldb`.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Args;

use super::kernel_args::ProfiledArgs;
use landfall_host::debug::DebugRequest;
use landfall_host::gdb::endpoint::Endpoint;
use landfall_host::setup::Debugger;

pub(super) const GDB_EXAMPLES: &str = "\
Examples:
  cargo landfall run --gdb                  in one terminal, and in another:
  cargo landfall gdb
  cargo landfall gdb -- -ex 'break main' -ex continue
  cargo landfall gdb my-kernel --connect :1234
  cargo landfall gdb --script > vmmap.py    for any gdb: source vmmap.py
  cargo landfall gdb my-kernel --core vmcore
  cargo landfall gdb my-kernel --core vmcore -- -batch -ex 'thread apply all backtrace'";

pub(super) const LLDB_EXAMPLES: &str = "\
Examples:
  cargo landfall run --gdb                  in one terminal, and in another:
  cargo landfall lldb
  cargo landfall lldb -- -o 'breakpoint set --name main' -o continue
  cargo landfall lldb --script > vmmap.py   for any LLDB: command script import vmmap.py
  cargo landfall lldb my-kernel --connect :1234";

#[derive(Debug, Args)]
pub(super) struct DebugArgs {
    #[command(flatten)]
    pub(super) kernel: ProfiledArgs,

    /// The address of the machine's debugger: HOST:PORT, :1234 for QEMU's -s, or the path of a
    /// socket [default: the machine that waits]
    #[arg(long, value_name = "WHERE")]
    connect: Option<Endpoint>,

    /// Open this core of a kernel that crashed, a copy of /proc/vmcore, in place of a machine
    #[arg(long, value_name = "FILE", conflicts_with = "connect")]
    core: Option<PathBuf>,

    /// A module that the kernel may load; repeatable. Modules beside the kernel's ELF that were
    /// built for it are found without this option
    #[arg(long = "module", value_name = "FILE.ko")]
    modules: Vec<PathBuf>,

    /// Print the script of the command `landfall vmmap`, for any gdb and any LLDB, and end
    #[arg(long, conflicts_with_all = ["connect", "core"])]
    pub(super) script: bool,

    /// More arguments for the debugger
    #[arg(last = true, value_name = "ARGS")]
    arguments: Vec<OsString>,
}

impl DebugArgs {
    pub(super) fn request(self, debugger: Debugger) -> DebugRequest {
        let Self { kernel, connect, core, modules, arguments, script: _ } = self;
        DebugRequest { debugger, kernel: kernel.into(), connect, core, modules, arguments }
    }
}
