//! The keys of `--policy`, one row each. The help text and the errors come from these rows, and the
//! table in `docs/plan.md` is compared with them.

use landfall_paging::{VirtAddr, VirtRange};
use landfall_plan::Policy;
use landfall_plan::harts::MAX_HARTS;
use landfall_plan::policy::{
    Alias, Disclosure, Kaslr, LinearPin, MAX_WINDOWS, PhysicalPlacement, Placement, TablePlacement,
};

use super::ChangeError;
use super::value::Value;
use crate::units::{Address, Extent, Size};

/// A key, and its meaning.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// The word before `=`.
    pub name: &'static str,
    /// The values that it takes.
    pub takes: &'static str,
    /// Returns the policy with this value. Anything that would make a builder panic is an error.
    pub(super) set: fn(Value<'_>, &Policy) -> Result<Policy, ChangeError>,
}

/// No two keys have one name.
impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Key {}

/// All keys, in the order of the help text.
pub const KEYS: [Key; 16] = [
    Key {
        name: "placement",
        takes: "own-region or linear-map: the kernel's place in the address space",
        set: |value, policy| {
            let choices = [("own-region", Placement::OwnRegion), ("linear-map", Placement::LinearMap)];
            Ok(policy.with_placement(value.choice(&choices)?))
        },
    },
    Key {
        name: "alias",
        takes: "read-only or absent: the linear map's alias of the kernel's text and constants",
        set: |value, policy| {
            Ok(policy.with_alias(value.choice(&[("read-only", Alias::ReadOnly), ("absent", Alias::Absent)])?))
        },
    },
    Key {
        name: "physical",
        takes: "stay, pack or random: the kernel's place in physical memory",
        set: |value, policy| {
            let choices = [
                ("stay", PhysicalPlacement::Stay),
                ("pack", PhysicalPlacement::Pack),
                ("random", PhysicalPlacement::Random),
            ];
            Ok(policy.with_physical_placement(value.choice(&choices)?))
        },
    },
    Key {
        name: "tables",
        takes: "random or lowest: the place of page tables and stacks in physical memory",
        set: |value, policy| {
            let choices = [("random", TablePlacement::Random), ("lowest", TablePlacement::Lowest)];
            Ok(policy.with_table_placement(value.choice(&choices)?))
        },
    },
    Key {
        name: "kaslr",
        takes: "on or off",
        set: |value, policy| {
            Ok(policy.with_kaslr(value.choice(&[("on", Kaslr::Enabled), ("off", Kaslr::Disabled)])?))
        },
    },
    Key {
        name: "addresses",
        takes: "disclose or withhold: random addresses in reports",
        set: |value, policy| {
            let choices = [("disclose", Disclosure::Disclose), ("withhold", Disclosure::Withhold)];
            Ok(policy.with_disclosure(value.choice(&choices)?))
        },
    },
    Key {
        name: "modes",
        takes: "LOWEST..HIGHEST, such as sv39..sv48",
        set: |value, policy| {
            let modes = value.mode_range()?;
            Ok(policy.with_modes(modes))
        },
    },
    Key {
        name: "stack",
        takes: "SIZE of each hart's stack",
        set: |value, policy| {
            let fits = |size: u64| (8192..=Policy::MAX_STACK).contains(&size) && size.is_multiple_of(4096);
            Ok(policy.with_stack_size(value.size("a multiple of 4 KiB, from 8 KiB to 1 MiB", fits)?))
        },
    },
    Key {
        name: "near",
        takes: "SIZE of the near region",
        set: |value, policy| {
            let fits = |size: u64| size <= Policy::MAX_NEAR && size.is_multiple_of(2 << 20);
            Ok(policy.with_near_size(value.size("a multiple of 2 MiB, at most 1 GiB", fits)?))
        },
    },
    Key {
        name: "dynamic",
        takes: "least SIZE of the dynamic region",
        set: |value, policy| Ok(policy.with_dynamic_size(value.unit::<Size>(value.text)?.0)),
    },
    Key {
        name: "ram",
        takes: "SIZE that the linear map reaches from the lowest RAM",
        set: |value, policy| {
            let fits = |size: u64| size != 0 && size.is_multiple_of(1 << 30);
            Ok(policy.with_ram_limit(value.size("a multiple of 1 GiB", fits)?))
        },
    },
    Key {
        name: "crash",
        takes: "SIZE of crash memory, rounded up to 2 MiB; 0 for none",
        set: |value, policy| Ok(policy.with_crash_memory(value.unit::<Size>(value.text)?.0)),
    },
    Key {
        name: "harts",
        takes: "N, from 1 to 512: the most harts that land",
        set: |value, policy| {
            let count = value.text.parse().ok().filter(|count| (1..=MAX_HARTS as u64).contains(count));
            Ok(policy.with_max_harts(count.ok_or_else(|| value.wrong())?))
        },
    },
    Key {
        name: "linear-map",
        takes: "base:ADDR or offset:ADDR, with @MODE for one mode only",
        set: |value, policy| {
            let (pin, modes) = value.modes()?;
            let (kind, address) = pin.split_once(':').ok_or_else(|| value.wrong())?;
            let address: Address = value.unit(address)?;
            let pin = match kind {
                "base" => LinearPin::Base(VirtAddr::new(address.0)),
                "offset" => LinearPin::Offset(address.0),
                _ => return Err(value.wrong()),
            };
            Ok(policy.with_linear_pin(modes, pin))
        },
    },
    Key {
        name: "kernel",
        takes: "ADDR, a multiple of 2 MiB, with @MODE for one mode only",
        set: |value, policy| {
            let (place, modes) = value.modes()?;
            Ok(policy.with_kernel_pin(modes, VirtAddr::new(value.unit::<Address>(place)?.0)))
        },
    },
    Key {
        name: "window",
        takes: "ADDR:SIZE that stays free, in whole pages, with @MODE for one mode only",
        set: |value, policy| {
            let (extent, modes) = value.modes()?;
            let extent: Extent = value.unit(extent)?;
            if policy.window_count() == MAX_WINDOWS {
                return Err(ChangeError::Windows);
            }
            Ok(policy.with_window(modes, VirtRange::new(VirtAddr::new(extent.base.0), extent.size.0)))
        },
    },
];
