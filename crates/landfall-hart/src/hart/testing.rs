//! A small machine for tests.

use crate::config::{Config, Region, RegionKind};
use crate::liberty::{Choices, Liberties};
use crate::world::World;

use super::Hart;

/// The first address of RAM.
pub(crate) const RAM: u64 = 0x8020_0000;
/// The length of RAM.
pub(crate) const RAM_LEN: u64 = 0x10_0000;
/// The first address of the firmware's memory, 64 KiB before the end of ROM.
pub(crate) const FIRMWARE: u64 = 0x8000_0000;
/// The first address of ROM, 64 KiB.
pub(crate) const ROM: u64 = 0x2000_0000;

/// Returns a machine with three harts, whose ids are 5, 7 and 70, and all extensions.
pub(crate) fn config(seed: u64, liberties: Liberties) -> Config {
    let region = |start, len, kind| Region { start, len, kind };
    let regions = vec![
        region(ROM, 0x1_0000, RegionKind::Rom),
        region(FIRMWARE, 0x20_0000, RegionKind::Firmware),
        region(RAM, RAM_LEN, RegionKind::Ram),
    ];
    Config { seed, liberties, harts: vec![5, 7, 70], entry: RAM, tree: RAM, ..Config::virt(3, regions) }
}

/// Returns all that the harts of a machine share.
pub(crate) fn world(config: Config) -> World {
    let choices = Choices::new(config.seed, config.liberties, config.harts.len());
    World::new(config, choices)
}

/// Returns the first hart, at its start.
pub(crate) fn hart(world: &mut World) -> Hart {
    let mut hart = Hart::new(0, world.config.harts[0], &world.config, &mut world.choices);
    hart.start(RAM, 0, &mut world.choices);
    hart
}

/// Returns a plain machine's world and its first hart.
pub(crate) fn plain() -> (World, Hart) {
    let mut world = world(config(1, Liberties::PLAIN));
    let hart = hart(&mut world);
    (world, hart)
}
