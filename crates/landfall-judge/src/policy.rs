//! A kernel's policy, read from the record in its image by the description of its bytes (crate
//! `landfall-plan`, module `policy::record`).
//!
//! ```
//! use landfall_judge::image::Image;
//! use landfall_judge::policy::{Kaslr, ModePolicy};
//!
//! /// Returns true if the kernel permits random addresses in sv48, whose tables have four levels.
//! fn may_be_random(image: &Image) -> Result<bool, landfall_judge::Unreadable> {
//!     Ok(ModePolicy::of(image, 4)?.kaslr == Kaslr::Enabled)
//! }
//! ```

use crate::image::{Image, at};
use crate::intervals::Interval;
use crate::unreadable::Unreadable;

/// The placement of the kernel in the address space.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placement {
    /// In a region of its own.
    OwnRegion,
    /// In the linear map.
    LinearMap,
}

/// The linear map's alias of text and constants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alias {
    /// Both, read-only.
    ReadOnly,
    /// Nothing.
    Absent,
}

/// The place of the kernel in physical memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PhysicalPlacement {
    /// At the address where the loader put it.
    Stay,
    /// At the address with the fewest leaves.
    Pack,
    /// At a random address.
    Random,
}

/// Which harts land.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Starting {
    /// All that can.
    AllHarts,
    /// The boot hart alone.
    BootHart,
}

/// The policy on random addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kaslr {
    /// It does.
    Enabled,
    /// It does not.
    Disabled,
}

/// A fixed place of the linear map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinearPin {
    /// Virtual minus physical address.
    Offset(u64),
    /// The virtual address of the lowest RAM, rounded down to a multiple of 1 GiB.
    Base(u64),
}

/// A policy in one mode.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModePolicy {
    /// Randomization.
    pub kaslr: Kaslr,
    /// The harts that land.
    pub starting: Starting,
    /// The most levels of tables.
    pub most_levels: u32,
    /// The fewest levels of tables.
    pub fewest_levels: u32,
    /// The kernel in the address space.
    pub placement: Placement,
    /// Text and constants in the linear map.
    pub alias: Alias,
    /// The kernel in physical memory.
    pub physical: PhysicalPlacement,
    /// Bytes of each stack.
    pub stack_size: u64,
    /// Bytes of the near region.
    pub near_size: u64,
    /// Bytes of the dynamic region.
    pub dynamic_size: u64,
    /// Bytes from the lowest RAM on; `None` where the mode's own limit counts.
    pub ram_limit: Option<u64>,
    /// The most harts that land.
    pub max_harts: u64,
    /// Bytes of crash memory, not rounded; 0 for none.
    pub crash_memory: u64,
    /// The fixed place of the linear map.
    pub linear_pin: Option<LinearPin>,
    /// The kernel's fixed virtual address.
    pub kernel_pin: Option<u64>,
    /// Virtual addresses that stay free.
    pub windows: Vec<Interval>,
}

impl ModePolicy {
    /// Returns the image's policy in the mode of so many levels of tables.
    ///
    /// # Errors
    /// [`Unreadable`] names the input that cannot be read.
    pub fn of(image: &Image, levels: u32) -> Result<Self, Unreadable> {
        let start = image.policy_offset();
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
                0 => PhysicalPlacement::Stay,
                1 => PhysicalPlacement::Pack,
                _ => PhysicalPlacement::Random,
            },
            stack_size: word(0x10),
            near_size: word(0x18),
            dynamic_size: word(0x20),
            ram_limit: Some(word(0x28)).filter(|limit| *limit != 0),
            max_harts: word(0x30),
            // Records before version 3 end there.
            crash_memory: if byte(0) < 3 { 0 } else { word(0xf0) },
            linear_pin,
            kernel_pin: Some(word(0x50 + 8 * mode)).filter(|pin| *pin != 0),
            windows: (0..8).filter(|index| is_for_mode(byte(0x68 + index))).map(window).collect(),
        })
    }

    /// Returns true if the policy has no setting about the address space.
    #[must_use]
    pub fn leaves_places_free(&self) -> bool {
        self.linear_pin.is_none() && self.kernel_pin.is_none() && self.windows.is_empty()
    }
}
