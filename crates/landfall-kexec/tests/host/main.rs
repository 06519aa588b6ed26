//! Plans on a host, with the memory of a small machine.
//!
//! ```text
//! machine    a kernel that runs: its facts, its plan, its tree
//! files      images of each kind
//! placed     the places of image and initrd
//! trees      the tree of the next kernel, read by another reader
//! refused    wishes that cannot be fulfilled, each with its reason
//! ```

mod files;
mod machine;
mod placed;
mod refused;
mod trees;
