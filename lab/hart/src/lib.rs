//! Compares the simulator with QEMU and Spike, instruction by instruction.
//!
//! With all liberties off, a hart of the simulator must equal both on the same bytes. Its program
//! counter, registers and CSRs are compared before each instruction of supervisor and user mode.
//! Results of `ecall`, of counters and of devices come from the trace: they depend on time or on
//! firmware.
//!
//! ```text
//! state       what a hart shows before an instruction, and one step of a trace
//! qemu        the trace of a machine in QEMU
//!   log         the text that QEMU logs
//! spike       the trace of a machine in Spike
//!   log         the text that Spike logs
//! lockstep    a stepper beside a trace, up to their first difference
//!   outside     the results that a stepper cannot know
//!   difference  a difference, with the instructions before it
//! simulator   the simulator as a stepper
//! program     programs of random instructions, one class each
//!   table       the instructions: names, bits, operands
//!   encode      instructions with given operands
//!   assembler   code, labels, constants, and Linux's header
//!   frame       the entry, the trap handler, the data and the end of a program
//!   straight    classes without jumps, loads, stores
//!   memory      loads, stores, and atomics
//!   jumps       branches and jumps
//!   privileged  CSRs
//!   paging      page tables, permissions, user mode
//! ```

#![forbid(unsafe_code)]

pub mod lockstep;
pub mod program;
pub mod qemu;
pub mod simulator;
pub mod spike;
pub mod state;
