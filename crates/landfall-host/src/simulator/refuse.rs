//! Options of `run` that apply to QEMU alone.

use super::SimulatorRequest;
use super::error::SimulatorError;
use crate::firmware::Firmware;
use crate::machine::Board;
use crate::request::Control;

/// Refuses options that the simulator cannot honor.
pub(super) fn check(request: &SimulatorRequest) -> Result<(), SimulatorError> {
    let boot = &request.boot;
    let conflicts = [
        (
            boot.firmware != Firmware::OpenSbi,
            "--firmware",
            "the simulated machine runs no firmware's code: its SBI is native",
        ),
        (boot.board != Board::Virt, "--board", "the simulated machine is drawn from its seed"),
        (boot.control == Control::Debugger, "--gdb", "the simulator has no port for a debugger"),
        (boot.dump_facts.is_some(), "--dump-facts", "`plan` predicts machines of QEMU"),
        (!boot.qemu.is_empty(), "-- QEMU ARGS", "the simulated machine has no other devices"),
    ];
    match conflicts.into_iter().find(|(conflicts, ..)| *conflicts) {
        Some((_, option, reason)) => Err(SimulatorError::Option { option, reason }),
        None => Ok(()),
    }
}
