//! Harts, as the protocol names them.

use std::fmt;

/// A hart, as the debugger counts them: from 1. On the `virt` machine that is the hart id plus 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hart(pub(super) u64);

impl Hart {
    /// Returns the hart with this hart id on a `virt` machine.
    #[must_use]
    pub const fn with_id(id: u64) -> Self {
        Self(id + 1)
    }

    /// Returns the hart id on a `virt` machine.
    #[must_use]
    pub const fn id(self) -> u64 {
        self.0.saturating_sub(1)
    }
}

impl fmt::Display for Hart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "hart {}", self.id())
    }
}

/// A machine that has stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stop {
    /// The signal: 5 for a breakpoint or a step, 2 for an interruption.
    pub signal: u8,
    /// The hart that stopped it. It is the selected one now.
    pub hart: Hart,
}

/// `T05thread:02;` or `S05`.
pub(super) fn parse_stop(answer: &str) -> Option<Stop> {
    let rest = answer.strip_prefix(['T', 'S'])?;
    let (signal, fields) = rest.split_at_checked(2)?;
    let signal = u8::from_str_radix(signal, 16).ok()?;
    let thread = fields.split(';').find_map(|field| field.strip_prefix("thread:"));
    let hart = match thread {
        Some(id) => parse_hart(id)?,
        None => Hart(1),
    };
    Some(Stop { signal, hart })
}

/// `2`, or `p1.2` where the protocol counts processes too.
pub(super) fn parse_hart(id: &str) -> Option<Hart> {
    let thread = id.rsplit_once('.').map_or(id, |(_process, thread)| thread);
    u64::from_str_radix(thread, 16).ok().map(Hart)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stop_names_signal_and_hart() {
        assert_eq!(parse_stop("T05thread:02;"), Some(Stop { signal: 5, hart: Hart::with_id(1) }));
        assert_eq!(parse_stop("T02thread:p01.0a;"), Some(Stop { signal: 2, hart: Hart::with_id(9) }));
        assert_eq!(parse_stop("S05"), Some(Stop { signal: 5, hart: Hart::with_id(0) }));
        for wrong in ["", "T", "T0", "Tä5", "T05thread:;", "T05thread:x;", "OK", "E01"] {
            assert_eq!(parse_stop(wrong), None, "{wrong}");
        }
    }
}
