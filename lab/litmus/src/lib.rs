//! Litmus tests of RVWMO, the memory order of RISC-V, for the simulator.
//!
//! A litmus test is a few instructions per hart and a question on the final state. An axiomatic
//! model answers which final states RVWMO allows; the simulator must show no other.
//!
//! ```text
//! check       runs tests on the simulator, and judges the outcomes by the model
//!   model       the axiomatic model
//!   run         the test as a machine: columns, the code around them, and results
//!     assemble    machine code of instructions
//!   lower       tests in instructions of the base ISA
//! herd        results of herd, to compare the model with
//! shapes      generated tests
//! parse       the format of the public suite
//! test        a test: columns of instructions, the state before, and the observed places
//!   inst        instructions
//!   condition   conditions on a final state
//!   place       places of the final state
//! ```

#![forbid(unsafe_code)]

pub mod assemble;
pub mod check;
pub mod condition;
pub mod herd;
pub mod inst;
pub mod lower;
pub mod model;
pub mod parse;
mod place;
pub mod run;
pub mod shapes;
pub mod test;
