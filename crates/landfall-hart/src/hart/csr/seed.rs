//! `seed`: the entropy source (Zkr).

use crate::liberty::Liberty;
use crate::world::World;

use super::super::Hart;

/// OPST: the self-test runs.
const BIST: u64 = 0;
/// OPST: not enough entropy yet.
const WAIT: u64 = 1 << 30;
/// OPST: bits 15 to 0 are entropy.
const ES16: u64 = 2 << 30;
/// OPST: an error that lasts.
const DEAD: u64 = 3 << 30;

/// Returns the value of `seed`.
pub(super) fn draw(hart: &mut Hart, world: &mut World) -> u64 {
    let entropy = &mut hart.csrs.entropy;
    let first = entropy.reads == 0;
    entropy.reads += 1;
    if entropy.dead {
        return DEAD;
    }
    // 1 in 8 sources fails its first test, and the others need about two reads for each result.
    if first && world.choices.chance(hart.index, Liberty::SeedWait, 1, 8) {
        entropy.dead = true;
        return DEAD;
    }
    match world.choices.choose(hart.index, Liberty::SeedWait, 4) {
        1 if first => BIST,
        1 | 2 => WAIT,
        _ => {
            let salt = 0x5eed_0000_0000 + ((hart.index as u64) << 32) + entropy.reads;
            ES16 | world.choices.noise(salt) & 0xffff
        }
    }
}
