//! The framebuffers, each with the one mode that it has.

use landfall_paging::VirtAddr;

use crate::facts::{Channel, Facts, Framebuffer};
use crate::room::Room;

/// The revision of the response: framebuffers have lists of modes.
const REVISION: u64 = 1;
/// The memory model of pixels with bits of red, green and blue.
const RGB: u8 = 1;
/// Bytes of a framebuffer's description.
const SIZE: usize = 80;

/// Writes the response. A machine without a framebuffer gets no response.
pub(super) fn framebuffers(facts: &Facts<'_>, room: &mut Room<'_>) -> Option<VirtAddr> {
    let (first, rest) = facts.framebuffers.split_first()?;
    let start = framebuffer(facts, first, room);
    // One may have more than its description: the others follow all of them.
    let mut all = [start; MAX];
    let mut count = 1;
    for (place, other) in all[1..].iter_mut().zip(rest) {
        *place = framebuffer(facts, other, room);
        count += 1;
    }
    let array = room.words(all[..count].iter().map(|address| address.get()));
    Some(room.words([REVISION, count as u64, array.get()]))
}

/// The framebuffers that are described; others are left out.
const MAX: usize = 8;

/// Writes the description of a framebuffer, and returns its address.
fn framebuffer(facts: &Facts<'_>, one: &Framebuffer<'_>, room: &mut Room<'_>) -> VirtAddr {
    let edid = if one.edid.is_empty() { VirtAddr::new(0) } else { room.structure(one.edid) };
    let [width, height, stride] = [one.width, one.height, one.stride].map(u64::from);
    let mut mode = [0; 40];
    for (place, value) in mode.chunks_exact_mut(8).zip([stride, width, height]) {
        place.copy_from_slice(&value.to_le_bytes());
    }
    mode[24..33].copy_from_slice(&pixels(one));
    let mode = room.structure(&mode);
    let modes = room.words([mode.get()]);
    let mut bytes = [0; SIZE];
    let words = [facts.hhdm(one.range.start()).get(), width, height, stride];
    for (place, value) in bytes.chunks_exact_mut(8).zip(words) {
        place.copy_from_slice(&value.to_le_bytes());
    }
    bytes[32..41].copy_from_slice(&pixels(one));
    let words = [one.edid.len() as u64, edid.get(), 1, modes.get()];
    for (place, value) in bytes[48..].chunks_exact_mut(8).zip(words) {
        place.copy_from_slice(&value.to_le_bytes());
    }
    room.structure(&bytes)
}

/// The bits of a pixel, as descriptions have them.
fn pixels(one: &Framebuffer<'_>) -> [u8; 9] {
    let [low, high] = one.bits.to_le_bytes();
    let [Channel { size: red, shift: red_shift }, green, blue] = [one.red, one.green, one.blue];
    [low, high, RGB, red, red_shift, green.size, green.shift, blue.size, blue.shift]
}
