//! CSRs of extensions that the device tree does not name: they hold a value, and nothing else.
//!
//! A loader may have used them, so their values at entry are random ([`Liberty::MoreCsrs`]).
//!
//! [`Liberty::MoreCsrs`]: crate::liberty::Liberty::MoreCsrs

use super::super::Hart;

/// An extension that brings CSRs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
enum Group {
    /// Ssstateen.
    States,
    /// Ssaia.
    Indirect,
    /// Ssctr.
    Transfers,
    /// Sdtrig.
    Debug,
    /// H. No guest ever runs.
    Hypervisor,
    /// V. Vector instructions are illegal all the same.
    Vector,
    /// The CSR `vcsr`, which the draft 0.7.1 of V does not have.
    VectorControl,
}

/// The number of groups.
pub(crate) const GROUPS: u64 = 7;

/// A CSR: its number, its group, and the bits that a write can change.
struct Row(u16, Group, u64);

const ROWS: [Row; COUNT] = [
    Row(0x008, Group::Vector, 0x1ff),         // vstart
    Row(0x00f, Group::VectorControl, 7),      // vcsr
    Row(0x10c, Group::States, u64::MAX),      // sstateen0
    Row(0x10d, Group::States, u64::MAX),      // sstateen1
    Row(0x10e, Group::States, u64::MAX),      // sstateen2
    Row(0x10f, Group::States, u64::MAX),      // sstateen3
    Row(0x14e, Group::Transfers, 0x7f),       // sctrctl
    Row(0x150, Group::Indirect, 0xff),        // siselect
    Row(0x5a8, Group::Debug, 0xffff_ffff),    // scontext
    Row(0x280, Group::Hypervisor, ROOT),      // vsatp
    Row(0x600, Group::Hypervisor, 0x70_03c0), // hstatus: VTSR, VTW, VTVM, HU, SPVP, SPV, GVA
    Row(0x604, Group::Hypervisor, 0x1444),    // hie
    Row(0x645, Group::Hypervisor, 0x0444),    // hvip
    Row(0x680, Group::Hypervisor, ROOT),      // hgatp
];

/// The number of the CSRs.
pub(crate) const COUNT: usize = 14;

/// The modes Bare and Sv39, and PPN.
const ROOT: u64 = 8 << 60 | ((1 << 44) - 1);

/// The state of the vector unit in `sstatus`, on a hart that has one.
pub(crate) const VS: u64 = 3 << 9;

/// Returns true if the hart has vectors, whose state is VS in `sstatus`.
pub(crate) const fn has_vectors(groups: u64) -> bool {
    groups >> Group::Vector as u64 & 1 != 0
}

/// Returns the CSR's row, if the hart has it.
fn row(hart: &Hart, number: u16) -> Option<(usize, &'static Row)> {
    let (place, row) = ROWS.iter().enumerate().find(|(_, row)| row.0 == number)?;
    let groups = hart.implementation.more_csrs;
    let exists = groups >> row.1 as u64 & 1 != 0 && (row.1 != Group::VectorControl || has_vectors(groups));
    exists.then_some((place, row))
}

/// Returns true if the CSR's unit is on.
const fn is_on(hart: &Hart, row: &Row) -> bool {
    !matches!(row.1, Group::Vector | Group::VectorControl) || hart.csrs.sstatus & VS != 0
}

/// Returns the value that one of these CSRs holds, even while its unit is off.
pub(crate) fn held(hart: &Hart, number: u16) -> Option<u64> {
    row(hart, number).map(|(place, _)| hart.csrs.more[place])
}

/// Returns the value of one of these CSRs, if the hart has it and its unit is on.
pub(super) fn read(hart: &Hart, number: u16) -> Option<u64> {
    let (place, row) = row(hart, number)?;
    is_on(hart, row).then_some(hart.csrs.more[place])
}

/// Writes one of these CSRs.
pub(super) fn write(hart: &mut Hart, number: u16, value: u64) {
    if let Some((place, row)) = row(hart, number) {
        hart.csrs.more[place] = value & row.2;
    }
}

/// Returns the values at entry, from the number and the bits of each CSR.
pub(crate) fn values(mut value: impl FnMut(u16, u64) -> u64) -> [u64; COUNT] {
    ROWS.map(|Row(number, _, bits)| value(number, bits))
}
