//! The macro that makes the codes from one row each.

/// Makes `Code` from the rows of a table: the variants, `ALL`, and all that a row holds.
///
/// `AREA { VARIANT = NAME, TITLE, why: WHY, fixes: [FIX, ...]; ... }`
macro_rules! codes {
    ($($area:ident {
        $($variant:ident = $name:literal, $title:literal, why: $why:literal, fixes: [$($fix:literal),+ $(,)?];)+
    })+) => {
        /// A kind of fault.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(usize)]
        #[non_exhaustive]
        #[expect(clippy::doc_markdown, reason = "titles are printed as they are, without backticks")]
        pub enum Code {
            $($(#[doc = $title] $variant,)+)+
        }

        impl Code {
            /// All codes, in the order in which findings are printed.
            pub const ALL: [Self; [$($($name),+),+].len()] = [$($(Self::$variant),+),+];

            pub(super) const fn row(self) -> &'static super::Row {
                const ROWS: [super::Row; Code::ALL.len()] = [$($(super::Row {
                    name: $name,
                    area: Area::$area,
                    explanation: super::Explanation { title: $title, why: $why, fixes: &[$($fix),+] },
                }),+),+];
                &ROWS[self as usize]
            }
        }
    };
}
pub(super) use codes;
