//! The label of an entry, which is software's.

/// Two bits that software keeps in a leaf (RSW) and harts ignore. An entry that maps nothing on
/// purpose has them too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Label(pub(crate) u8);

impl Label {
    /// The label 0, which a leaf has unless it is given another.
    pub const NONE: Self = Self(0);

    /// Returns the label of a number below 4, or `None`.
    #[must_use]
    pub const fn new(number: u8) -> Option<Self> {
        if number < 4 { Some(Self(number)) } else { None }
    }

    /// Returns the label's number, below 4.
    #[must_use]
    pub const fn get(self) -> u8 {
        self.0
    }
}
