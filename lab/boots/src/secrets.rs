//! No secrets in free memory: a kernel searches all of it when `main` begins. It knows the
//! addresses; the tests give it the seeds, the draws and the entropy.
//!
//! Secrets that other software leaves behind are named exceptions, and each must still be found.

use super::efi::Way;
use super::image::{Image, Use};
use super::judge::Landed;
use super::paths::BootPath;
use super::session::{Console, Session};

/// The most values of each kind for which the kernel has room.
const MOST: usize = 24;

/// A search.
#[derive(Clone, Copy, Debug)]
pub(super) struct Search {
    /// The kinds of secrets that others leave in free memory: exceptions.
    pub(super) left: &'static [Exception],
    /// A draw that the tests put there, which must be found.
    pub(super) planted: Planted,
}

/// The value that the tests put into free memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Planted {
    /// Nothing.
    Nothing,
    /// A draw, at an odd address.
    Draw,
}

/// Secrets that others leave in memory that they report as free.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Exception {
    /// U-Boot keeps its own copies of the tree, with its seeds.
    UBootTree,
    /// OpenSBI copies the tree, and QEMU's own stays in its place (`fw_jump`, `fw_payload`).
    MovedTree,
}

/// Returns the exceptions of a path.
pub(super) const fn exceptions(path: BootPath) -> &'static [Exception] {
    match path {
        BootPath::UBootMenu
        | BootPath::UBootScript
        | BootPath::UBootWrapped
        | BootPath::Efi(Way::UBoot | Way::UBootOption) => &[Exception::UBootTree],
        BootPath::JumpOld | BootPath::JumpNew | BootPath::Payload => &[Exception::MovedTree],
        _ => &[],
    }
}

/// Gives the kernel the values to search for.
pub(super) fn lines(
    session: &mut Session,
    image: &Image,
    landed: &Landed,
    search: Search,
) -> Result<Vec<String>, String> {
    let seeds = landed.tree.seeds.iter().flat_map(|seed| seed.as_chunks::<8>().0);
    let seeds: Vec<u64> =
        seeds.flat_map(|part| [u64::from_le_bytes(*part), u64::from_be_bytes(*part)]).collect();
    let (draws, entropy) = landed.prediction.draws_and_entropy();
    let wanted = image.symbol("secrets_wanted")?.offset;
    let mut lines = Vec::new();
    for ((index, kind), values) in (0..).zip(["seed", "draws", "entropy"]).zip([&seeds, &draws, &entropy]) {
        if values.len() > MOST {
            return Err(format!("the kernel cannot search {} values of the {kind}", values.len()));
        }
        let words = std::iter::once(values.len() as u64).chain(values.iter().copied());
        let bytes: Vec<u8> = words.flat_map(u64::to_le_bytes).collect();
        session.write(landed.base + wanted + index * 8 * (MOST as u64 + 1), &bytes)?;
        lines.push(format!("landfall: searches {kind}: {}", values.len()));
    }
    if search.planted == Planted::Draw {
        let early = image.segments.iter().find(|segment| segment.use_for == Use::Early);
        let early = early.ok_or("nothing of the image is free after landing")?;
        let draw = draws.first().ok_or("nothing was drawn")?;
        session.write(landed.base + early.offset + 0x123, &draw.to_le_bytes())?;
    }
    Ok(lines)
}

/// Compares the kernel's result with the expected secrets.
pub(super) fn check(console: &Console, search: Search) -> Vec<String> {
    const PREFIX: &str = "landfall: secrets in free memory: ";
    let found = console.lines.iter().find_map(|line| line.strip_prefix(PREFIX));
    let mut right: Vec<&str> = Vec::new();
    if !search.left.is_empty() {
        right.push("seed");
    }
    if search.planted == Planted::Draw {
        right.push("draws");
    }
    let right = if right.is_empty() { "none".to_owned() } else { right.join(" ") };
    if found.map(str::trim_end) == Some(&right) {
        return Vec::new();
    }
    let places = console.lines.iter().filter(|line| line.starts_with("landfall: found"));
    let places: Vec<_> = places.map(|line| line.trim_end()).collect();
    vec![format!(
        "free memory has secrets {found:?}, expected {right}: {places:?}; exceptions are {:?}",
        search.left
    )]
}
