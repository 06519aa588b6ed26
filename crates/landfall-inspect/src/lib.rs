//! Reads RISC-V 64 kernel images and finds what would keep them from booting.

#![forbid(unsafe_code)]

pub mod decode;
