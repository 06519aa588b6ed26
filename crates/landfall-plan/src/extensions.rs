//! Extensions of a hart, as far as a landing asks for them.

use core::fmt;

/// An extension that is looked for in the device tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Extension {
    /// Leaves of 64 KiB.
    Svnapot,
    /// The supervisor's own timer, `stimecmp`.
    Sstc,
    /// The entropy source, CSR `seed`.
    Zkr,
    /// `cbo.zero`, which zeroes a block.
    Zicboz,
}

impl Extension {
    /// All of them.
    pub const ALL: &'static [Self] = &[Self::Svnapot, Self::Sstc, Self::Zkr, Self::Zicboz];

    /// Returns the name that the device tree uses (binding `riscv/extensions.yaml`).
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Svnapot => "svnapot",
            Self::Sstc => "sstc",
            Self::Zkr => "zkr",
            Self::Zicboz => "zicboz",
        }
    }

    /// Returns the extension of this name, which is written in lower case.
    #[must_use]
    pub const fn from_name(name: &[u8]) -> Option<Self> {
        // Each name of each hart comes by here, so lengths decide first.
        match name {
            b"svnapot" => Some(Self::Svnapot),
            b"sstc" => Some(Self::Sstc),
            b"zkr" => Some(Self::Zkr),
            b"zicboz" => Some(Self::Zicboz),
            _ => None,
        }
    }
}

impl fmt::Display for Extension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A set of extensions.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Extensions(u8);

impl Extensions {
    /// The set without any extension.
    pub const NONE: Self = Self(0);

    /// Returns the set with `extension` in it.
    #[must_use]
    pub const fn with(self, extension: Extension) -> Self {
        Self(self.0 | 1 << extension as u8)
    }

    /// Returns true if `extension` is in the set.
    #[must_use]
    pub const fn contains(self, extension: Extension) -> bool {
        self.0 >> extension as u8 & 1 == 1
    }

    /// The extensions in the set.
    pub fn iter(self) -> impl Iterator<Item = Extension> {
        Extension::ALL.iter().copied().filter(move |extension| self.contains(*extension))
    }
}

impl FromIterator<Extension> for Extensions {
    fn from_iter<T: IntoIterator<Item = Extension>>(extensions: T) -> Self {
        extensions.into_iter().fold(Self::NONE, Self::with)
    }
}

impl fmt::Debug for Extensions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}
