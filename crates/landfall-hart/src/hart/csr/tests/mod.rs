//! Tests of CSRs.

mod fields;
mod liberties;
mod permissions;

use crate::hart::Hart;
use crate::world::World;

use super::CsrOperation::{Clear, Read, Set, Write, WriteOnly};
use super::{access, number, status};

const ALL: u64 = u64::MAX;

/// Writes a CSR and returns what a read returns then.
fn written(hart: &mut Hart, world: &mut World, number: u16, value: u64) -> u64 {
    access(hart, world, number, WriteOnly, value).expect("writable");
    access(hart, world, number, Read, 0).expect("readable")
}
