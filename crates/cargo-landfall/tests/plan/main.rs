//! Plans for device trees: made by hand, damaged, and made by QEMU. The command prints them.

mod assumed;
mod boots;
mod command;
mod kernel;
mod numbers;
mod page;
mod picture;
mod qemu;
mod rare;
mod trees;
mod writer;
