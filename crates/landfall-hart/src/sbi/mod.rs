//! The firmware: the calls of the SBI, native.
