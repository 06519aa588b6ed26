//! Facts about a kernel that its file does not hold.

use crate::module::Interface;
use crate::profile::Profile;

/// Facts that a user knows and the file does not state.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hints {
    /// Which kernel this is.
    pub profile: Profile,
    /// The function with which early code begins; the file's entry otherwise.
    pub early_from: Option<String>,
    /// The function with which early code ends.
    pub early_until: Option<String>,
    /// The interface of the kernel that loads a module.
    pub kernel: Option<Interface>,
    /// The interfaces of modules that are loaded before it.
    pub loaded: Vec<Interface>,
}
