//! Plans for device trees: made by hand, damaged, and made by QEMU; and the command that tells them.

mod boots;
mod command;
mod kernel;
mod numbers;
mod qemu;
mod trees;
mod writer;
