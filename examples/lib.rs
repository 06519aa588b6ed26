//! Small kernels, one idea each. `cargo example NAME` builds one and boots it.
//!
//! | example | idea |
//! |---|---|
//! | `frames` | free memory, as frames, through the linear map |
//! | `harts` | what every hart does |
//! | `entropy` | random bytes for the kernel |
//! | `device` | mapping a device's registers |
//! | `collected` | an array that the linker collects |
//! | `pinned` | addresses that are fixed, and a window that stays free |

#![no_std]
