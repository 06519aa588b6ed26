//! The paging mode, chosen when the program runs or when it is compiled.

use core::fmt::Debug;

use crate::mode::Mode;

/// The paging mode of tables. The same code serves a mode that is known only at run time, and one
/// that the compiler knows.
pub trait Levels: Copy + Debug {
    /// The mode.
    fn mode(self) -> Mode;
}

impl Levels for Mode {
    #[inline]
    fn mode(self) -> Mode {
        self
    }
}

macro_rules! fixed {
    ($($name:ident: $levels:literal),+) => {$(
        #[doc = concat!($levels, " levels of tables, fixed when the program is compiled.")]
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct $name;

        impl Levels for $name {
            #[inline]
            fn mode(self) -> Mode {
                Mode::$name
            }
        }
    )+};
}

fixed!(Sv39: "Three", Sv48: "Four", Sv57: "Five");
