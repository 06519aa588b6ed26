//! The macro that makes the codes from one row each.

/// Makes `Code` from the rows of a table: the variants, `ALL`, and all that a row holds.
///
/// `VARIANT = NAME, TITLE, why: WHY, fixes: [FIX, ...];`
macro_rules! codes {
    ($($variant:ident = $name:literal, $title:literal, why: $why:literal, fixes: [$($fix:literal),+ $(,)?];)+) => {
        /// A kind of fault.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(usize)]
        #[non_exhaustive]
        pub enum Code {
            $(#[doc = $title] $variant,)+
        }

        impl Code {
            /// All codes, in the order in which findings are printed.
            pub const ALL: [Self; [$($name),+].len()] = [$(Self::$variant),+];

            pub(super) const fn row(self) -> &'static super::Row {
                const ROWS: [super::Row; Code::ALL.len()] = [$(super::Row {
                    name: $name,
                    explanation: super::Explanation { title: $title, why: $why, fixes: &[$($fix),+] },
                }),+];
                &ROWS[self as usize]
            }
        }
    };
}
pub(super) use codes;
