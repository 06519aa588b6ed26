//! Enumerations with the names of assemblers.

/// An enumeration whose members have the names that assemblers use.
macro_rules! named {
    ($(#[$doc:meta])* $name:ident { $($member:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[allow(missing_docs, reason = "the names are the specification's")]
        pub enum $name { $($member),+ }

        impl $name {
            /// The name that assemblers use.
            #[must_use]
            pub const fn text(self) -> &'static str {
                match self { $(Self::$member => $text),+ }
            }
        }
    };
}
pub(super) use named;
