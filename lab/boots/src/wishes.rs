//! What a kernel wants, read out of the policy record in its image by the tests' own code, from the description of the bytes (crate landfall-plan,
//! module `policy::record`).

use super::image::{Image, at};
use super::intervals::Interval;

/// Where the kernel is in the address space.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Placement {
    OwnRegion,
    LinearMap,
}

/// What the linear map has of text and constants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Alias {
    ReadOnly,
    Absent,
}

/// Where the kernel is in physical memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Physical {
    Stay,
    Pack,
    Random,
}

/// Which harts land.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Starting {
    AllHarts,
    BootHart,
}

/// Whether the policy lets addresses be random.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kaslr {
    Enabled,
    Disabled,
}

/// A fixed place of the linear map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LinearPin {
    /// Virtual minus physical address.
    Offset(u64),
    /// Where the lowest RAM lies, rounded down to a multiple of 1 GiB.
    Base(u64),
}

/// A policy in one mode.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wishes {
    pub(super) kaslr: Kaslr,
    pub(super) starting: Starting,
    /// The most levels of tables that the policy permits, and the fewest.
    pub(super) most_levels: u32,
    pub(super) fewest_levels: u32,
    pub(super) placement: Placement,
    pub(super) alias: Alias,
    pub(super) physical: Physical,
    pub(super) stack_size: u64,
    pub(super) near_size: u64,
    pub(super) dynamic_size: u64,
    /// Bytes from the lowest RAM on; `None` where the mode's own limit counts.
    pub(super) ram_limit: Option<u64>,
    pub(super) max_harts: u64,
    pub(super) linear_pin: Option<LinearPin>,
    pub(super) kernel_pin: Option<u64>,
    pub(super) windows: Vec<Interval>,
}

impl Wishes {
    /// What the image wants in the mode of so many levels of tables.
    pub(super) fn of(image: &Image, levels: u32) -> Result<Self, String> {
        let start = image.policy();
        let byte = |offset: usize| image.flat.get(start + offset).copied().unwrap_or_default();
        let word = |offset: usize| image.word((start + offset) as u64);
        let choice = |offset: usize, what: &str| match byte(offset) {
            found @ 0..=2 => Ok(found),
            found => Err(format!("the policy record has {found} for {what}")),
        };
        let mode = at(u64::from(levels)) - 3;
        let pin = word(0x38 + 8 * mode);
        let linear_pin = match choice(0x0c + mode, "the linear map's pin")? {
            0 => None,
            1 => Some(LinearPin::Offset(pin)),
            _ => Some(LinearPin::Base(pin)),
        };
        // Windows name a mode as satp does: 8 for sv39, with three levels.
        let is_for_mode = |kind: u8| kind == 1 || u32::from(kind) == levels + 5;
        let window = |index: usize| Interval::new(word(0x70 + 16 * index), word(0x78 + 16 * index));
        Ok(Self {
            kaslr: if byte(6) == 0 { Kaslr::Enabled } else { Kaslr::Disabled },
            starting: if byte(8) == 0 { Starting::AllHarts } else { Starting::BootHart },
            most_levels: u32::from(byte(5)).saturating_sub(5),
            fewest_levels: u32::from(byte(4)).saturating_sub(5),
            placement: if byte(9) == 0 { Placement::OwnRegion } else { Placement::LinearMap },
            alias: if byte(10) == 0 { Alias::ReadOnly } else { Alias::Absent },
            physical: match choice(11, "the place in physical memory")? {
                0 => Physical::Stay,
                1 => Physical::Pack,
                _ => Physical::Random,
            },
            stack_size: word(0x10),
            near_size: word(0x18),
            dynamic_size: word(0x20),
            ram_limit: Some(word(0x28)).filter(|limit| *limit != 0),
            max_harts: word(0x30),
            linear_pin,
            kernel_pin: Some(word(0x50 + 8 * mode)).filter(|pin| *pin != 0),
            windows: (0..8).filter(|index| is_for_mode(byte(0x68 + index))).map(window).collect(),
        })
    }

    /// Whether places are as they are without any wish about the address space.
    pub(super) fn leaves_places_free(&self) -> bool {
        self.linear_pin.is_none() && self.kernel_pin.is_none() && self.windows.is_empty()
    }
}
