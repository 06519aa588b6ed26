//! The exit status of each error.
//!
//! ```text
//! 0   success
//! 1   the kernel or its file is at fault: refused, failed, findings, no verdict in time
//! 2   usage, set-up, unreadable input, or a result that cannot be written
//! 130 the user ended the machine by Ctrl-C, as after SIGINT
//! ```

use landfall_host::board::BoardError;
use landfall_host::build::BuildError;
use landfall_host::check::CheckError;
use landfall_host::debug::DebugError;
use landfall_host::flat_image::FlatImageError;
use landfall_host::interface::InterfaceOfError;
use landfall_host::kernel_elf::KernelElfError;
use landfall_host::module_build::ModuleError;
use landfall_host::place::PlaceError;
use landfall_host::plan::PlanError;
use landfall_host::prepared::PrepareError;
use landfall_host::qemu::QemuError;
use landfall_host::run::RunError;
use landfall_host::stopped::StopError;
use landfall_host::symbolize::SymbolizeError;
use landfall_host::trial::TrialError;
use landfall_host::wrap::WrapError;

use crate::failure::Failure;

const KERNEL: u8 = 1;
const USAGE: u8 = 2;
const INTERRUPTED: u8 = 130;

/// Returns the exit status for a kind of `failure`, for scripts.
pub(crate) fn of(failure: &Failure) -> u8 {
    match failure {
        Failure::Usage { .. }
        | Failure::Document { .. }
        | Failure::Removed(_)
        | Failure::Selection(_)
        | Failure::Setup(_)
        | Failure::Initrd(_)
        | Failure::LinkArgs(_)
        | Failure::Policy(_)
        | Failure::New(_)
        | Failure::Library(_)
        | Failure::Output { .. }
        | Failure::Audit(_)
        | Failure::Panic(_) => USAGE,
        Failure::Boots { .. }
        | Failure::WouldRefuse { .. }
        | Failure::WouldRefuseInner { .. }
        | Failure::Findings { .. }
        | Failure::Audited { .. }
        | Failure::NotAsPredicted { .. } => KERNEL,
        Failure::Build(error) => of_build(error),
        Failure::FlatImage(error) => of_flat_image(error),
        Failure::Module(error) => of_module(error),
        Failure::Interface(error) => of_interface(error),
        Failure::Run(error) => of_run(error),
        Failure::Trial(error) => of_trial(error),
        Failure::Plan(error) => of_plan(error),
        Failure::Board(error) => of_board(error),
        Failure::Check(error) => of_check(error),
        Failure::Debug(error) => of_debug(error),
        Failure::Symbolize(error) => of_symbolize(error),
        Failure::Wrap(error) => of_wrap(error),
    }
}

fn of_run(error: &RunError) -> u8 {
    match error {
        RunError::Interrupted => INTERRUPTED,
        RunError::Prepare(error) => of_prepare(error),
        RunError::Qemu(error) => of_qemu(error),
        RunError::Stop(error) => of_stop(error),
        RunError::Debug(error) => of_debug(error),
        RunError::Selection(_)
        | RunError::Usage { .. }
        | RunError::Initrd(_)
        | RunError::Setup(_)
        | RunError::Simulator(_)
        | RunError::Image(_)
        | RunError::Module(_)
        | RunError::FactsNotWritten(_)
        | RunError::Audit(_)
        | RunError::Scratch { .. }
        | RunError::ReportCompiledOut
        | RunError::Terminal { .. } => USAGE,
        _ => KERNEL,
    }
}

fn of_trial(error: &TrialError) -> u8 {
    match error {
        TrialError::Prepare(error) => of_prepare(error),
        _ => USAGE,
    }
}

fn of_plan(error: &PlanError) -> u8 {
    match error {
        PlanError::Build(error) => of_build(error),
        PlanError::Prepare(error) => of_prepare(error),
        PlanError::Stop(error) => of_stop(error),
        _ => USAGE,
    }
}

fn of_board(error: &BoardError) -> u8 {
    match error {
        BoardError::Prepare(error) => of_prepare(error),
        _ => USAGE,
    }
}

fn of_prepare(error: &PrepareError) -> u8 {
    match error {
        PrepareError::Build(error) => of_build(error),
        PrepareError::Check(error) => of_check(error),
        PrepareError::Place(error) => of_place(error),
        PrepareError::Qemu(error) => of_qemu(error),
        _ => USAGE,
    }
}

/// 2 if nothing could be built at all.
const fn of_build(error: &BuildError) -> u8 {
    match error {
        BuildError::NoCargo { .. } | BuildError::File { .. } | BuildError::Disk(_) => USAGE,
        BuildError::Check(error) => of_check(error),
        _ => KERNEL,
    }
}

const fn of_flat_image(error: &FlatImageError) -> u8 {
    match error {
        FlatImageError::Build(error) => of_build(error),
        _ => USAGE,
    }
}

/// 1 if the kernel is at fault.
const fn of_wrap(error: &WrapError) -> u8 {
    match error {
        WrapError::Refused { .. }
        | WrapError::Limine { .. }
        | WrapError::TooLarge { .. }
        | WrapError::Landfall { .. } => KERNEL,
        WrapError::Build(error) => of_build(error),
        _ => USAGE,
    }
}

fn of_module(error: &ModuleError) -> u8 {
    match error {
        ModuleError::Build(error) => of_build(error),
        ModuleError::Interface(error) => of_interface(error),
        ModuleError::Check(error) => of_check(error),
        ModuleError::Archive { .. } | ModuleError::NoModule { .. } | ModuleError::Link { .. } => KERNEL,
        _ => USAGE,
    }
}

fn of_interface(error: &InterfaceOfError) -> u8 {
    match error {
        InterfaceOfError::Kernel(error) => of_kernel_elf(error),
        _ => USAGE,
    }
}

/// 2 if nothing could be checked.
const fn of_check(error: &CheckError) -> u8 {
    match error {
        CheckError::Findings(_) => KERNEL,
        CheckError::Read { .. } | CheckError::Neither { .. } | CheckError::Settings(_) => USAGE,
    }
}

/// 1 if the machine cannot take the image, 2 if the address is wrong on any machine.
const fn of_place(error: &PlaceError) -> u8 {
    match error {
        PlaceError::NoMemory { .. } | PlaceError::Odd { .. } => KERNEL,
        PlaceError::Firmware { .. } | PlaceError::File { .. } => USAGE,
    }
}

/// 1 if the machine could not take the image, 2 if no machine ran.
const fn of_qemu(error: &QemuError) -> u8 {
    match error {
        QemuError::NoRoom { .. } => KERNEL,
        QemuError::Start { .. } | QemuError::Rejected { .. } => USAGE,
    }
}

const fn of_stop(error: &StopError) -> u8 {
    match error {
        StopError::Qemu(error) => of_qemu(error),
        StopError::Gdb(_) | StopError::Over(_) | StopError::Never { .. } => KERNEL,
    }
}

const fn of_symbolize(error: &SymbolizeError) -> u8 {
    match error {
        SymbolizeError::Kernel(error) => of_kernel_elf(error),
        _ => USAGE,
    }
}

const fn of_kernel_elf(error: &KernelElfError) -> u8 {
    match error {
        KernelElfError::Build(error) => of_build(error),
        _ => USAGE,
    }
}

/// 1 if a machine is there and at fault.
const fn of_debug(error: &DebugError) -> u8 {
    match error {
        DebugError::Kernel(error) => of_kernel_elf(error),
        DebugError::NotThere { .. } | DebugError::Gdb(_) | DebugError::Busy { .. } => KERNEL,
        _ => USAGE,
    }
}
