//! The demands on the policy of a wrapper, whichever kernel it starts.

use core::fmt;

use landfall_plan::Policy;
use landfall_plan::policy::Placement;

/// The least bytes of a wrapper's stack. Its own policy has as many, and fewer overflow.
pub const LEAST_STACK: u64 = 64 << 10;

/// The reason against a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PolicyFault {
    /// The wrapper would lie in the linear map.
    Placement,
    /// The wrapper would overflow its stack.
    Stack {
        /// Bytes of a stack.
        found: u64,
    },
}

/// Checks the policy of a wrapper.
///
/// # Errors
/// [`PolicyFault`] names the first setting with which no wrapper can run.
///
/// ```
/// use landfall_plan::Policy;
/// use landfall_wrap::{PolicyFault, check_policy};
///
/// assert_eq!(check_policy(&Policy::new()), Ok(()));
/// let small = Policy::new().with_stack_size(32 << 10);
/// assert_eq!(check_policy(&small), Err(PolicyFault::Stack { found: 32 << 10 }));
/// ```
pub fn check_policy(policy: &Policy) -> Result<(), PolicyFault> {
    if policy.placement() == Placement::LinearMap {
        return Err(PolicyFault::Placement);
    }
    let found = policy.stack_size();
    if found < LEAST_STACK { Err(PolicyFault::Stack { found }) } else { Ok(()) }
}

impl fmt::Display for PolicyFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Placement => f.write_str(
                "a wrapper cannot lie in the linear map, because the page by which harts leave would be executable there; use `placement=own-region`",
            ),
            Self::Stack { found } => write!(
                f,
                "a wrapper needs stacks of {} KiB at least, and the policy has {} KiB; use `stack={}K`, or more",
                LEAST_STACK >> 10,
                found >> 10,
                LEAST_STACK >> 10
            ),
        }
    }
}

impl core::error::Error for PolicyFault {}
