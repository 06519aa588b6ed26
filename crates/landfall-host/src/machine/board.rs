//! The boards that QEMU has and OpenSBI runs on.

/// A board.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
pub enum Board {
    /// QEMU's own: any processor, any memory, as many harts as firmware starts
    #[default]
    Virt,
    /// `SiFive`'s `HiFive` Unleashed
    #[cfg_attr(
        feature = "clap",
        value(
            help = "SiFive's HiFive Unleashed: hart 0 has no MMU, the others have sv39; two harts or more"
        )
    )]
    SifiveU,
    /// Microchip's `PolarFire` `SoC` Icicle Kit
    #[cfg_attr(
        feature = "clap",
        value(
            help = "Microchip's PolarFire SoC Icicle Kit: hart 0 has no MMU; three harts or more, --memory 1537M or more, and its device tree: `-- -dtb FILE`"
        )
    )]
    Icicle,
    /// The machine of the ISA simulator Spike
    Spike,
}

impl Board {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Virt, Self::SifiveU, Self::Icicle, Self::Spike];

    /// As QEMU calls it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Virt => "virt",
            Self::SifiveU => "sifive_u",
            Self::Icicle => "microchip-icicle-kit",
            Self::Spike => "spike",
        }
    }

    /// Returns the default processor; `None` for the board's own.
    #[must_use]
    pub(super) const fn processor(self) -> Option<&'static str> {
        match self {
            Self::Virt | Self::Spike => Some("rv64"),
            Self::SifiveU | Self::Icicle => None,
        }
    }

    /// Returns the debugger's number of the group of harts that have an MMU, where others make a
    /// group of their own.
    #[must_use]
    pub const fn group_with_mmu(self) -> Option<u32> {
        match self {
            Self::SifiveU | Self::Icicle => Some(2),
            Self::Virt | Self::Spike => None,
        }
    }

    /// Returns the arguments that bring its console to stdout.
    pub(super) const fn console(self) -> &'static [&'static str] {
        match self {
            // Linux's tree names the second port, the first one being the boot firmware's.
            Self::Icicle => &["-serial", "null", "-serial", "stdio"],
            Self::Virt | Self::SifiveU | Self::Spike => &["-serial", "stdio"],
        }
    }
}
