//! The start of the next kernel.

use core::fmt::Write;

use landfall::address::PhysRange;
use landfall::paging::Mode;
use landfall::space::SbiIpi;
use landfall::{HartIndex, Landing};
use landfall_kexec::{Block, Handover, Next, Place, Step, linear};

use crate::checked::{State, initrd, word};
use crate::interrupts::Claim;
use crate::{left, traps};

/// Starts the image of the archive, with the archive's initrd and command line.
pub(crate) fn handed_over(landing: &'static Landing) -> ! {
    let found = Handover::of(initrd(landing)).expect("the initrd holds landfall/next");
    start(landing, found.next(), || ())
}

/// Starts this kernel's image again, with the same initrd, elsewhere and in a mode that it draws.
pub(crate) fn next_generation(landing: &'static Landing, state: &State) -> ! {
    let archive = initrd(landing);
    let image = Handover::of(archive).expect("the initrd holds landfall/next").image;
    refuses_bad_images(landing, image);
    let entropy = landing.take_entropy();
    let words = entropy.as_ref().map_or(&[][..], |entropy| entropy.bytes().as_chunks().0);
    let word = |index: usize| words.get(index).map_or(0, |word| u64::from_le_bytes(*word));
    let mode = drawn_mode(landing, state, word(1));
    let mut line = Line::default();
    state.write_next(landing, mode, &mut line).expect("the line is long enough");
    let next = Next::new(linear(image)).with_initrd(linear(archive)).with_command_line(line.bytes());
    traps::take_interrupts();
    start(landing, next.with_place(Place::Drawn(word(0))), left::leave)
}

/// Draws a mode whose linear map holds as much RAM as that of the best one. The block needs virtual
/// addresses equal to its physical ones, so the mode's lower half has them all. The last generation
/// has the best mode.
fn drawn_mode(landing: &'static Landing, state: &State, number: u64) -> Mode {
    let [start, end] = landing.ram().fold([u64::MAX, 0], |[start, end], part| {
        [start.min(part.range.start().get()), end.max(part.range.end().get())]
    });
    // A quarter of all addresses is the linear map's: half of the upper half.
    let holds_all = |mode: Mode| end - start <= mode.half_size() / 2 && end <= mode.half_size();
    let is_good = |mode: &Mode| *mode == state.best || (*mode < state.best && holds_all(*mode));
    let modes = Mode::BEST_FIRST.into_iter().filter(is_good);
    let mode = modes.clone().nth(number as usize % modes.count());
    if state.left == 1 { state.best } else { mode.unwrap_or(state.best) }
}

/// An image that is damaged or too large is refused, and all stays as it was.
fn refuses_bad_images(landing: &'static Landing, image: &[u8]) {
    let mut block = block(landing);
    let mut steps = [Step::None; 32];
    for bad in [&image[..0x100], &image[8..], &image[..image.len() / 2]] {
        let result = landfall_kexec::prepare(
            landing,
            HartIndex::BOOT,
            &Next::new(linear(bad)),
            &mut block,
            &mut steps,
        );
        assert!(result.is_err(), "{} bytes of an image", bad.len());
    }
}

/// Costs are counted from here on: the tests look for its name.
#[inline(never)]
#[unsafe(export_name = "kexec_start")]
fn start(landing: &'static Landing, next: Next<'_>, leave: fn()) -> ! {
    let seed = landing.next_seed();
    let next = seed.as_ref().map_or(next, |seed| next.with_seed(seed));
    let mut block = block(landing);
    let mut steps = [Step::None; 32];
    let prepared = landfall_kexec::prepare(landing, HartIndex::BOOT, &next, &mut block, &mut steps);
    let prepared = prepared.unwrap_or_else(|error| panic!("{error}"));
    let claim = word(landing, "kexec.plic").map(|_| Claim::take(landing));
    let quiesce = || {
        claim.iter().for_each(Claim::quiesce);
        leave();
    };
    let were_on = left::interrupts_are_on();
    let error = prepared.start(&SbiIpi::of(landing), quiesce);
    assert_eq!(left::interrupts_are_on(), were_on, "after a failure, interrupts are as before");
    panic!("{error}")
}

/// Returns the block: the lowest free memory, which nothing else uses.
fn block(landing: &'static Landing) -> Block<'static> {
    let size = Block::USUAL_SIZE as u64;
    let free = landing.free_memory().find(|free| free.size() >= size).expect("free memory");
    // SAFETY: this kernel uses no free memory but this, and one block at a time.
    unsafe { landfall_kexec::block_of(PhysRange::new(free.start(), size)) }
}

/// A line of text.
struct Line {
    bytes: [u8; 512],
    size: usize,
}

impl Default for Line {
    fn default() -> Self {
        Self { bytes: [0; 512], size: 0 }
    }
}

impl Line {
    fn bytes(&self) -> &[u8] {
        &self.bytes[..self.size]
    }
}

impl Write for Line {
    fn write_str(&mut self, text: &str) -> core::fmt::Result {
        let place = self.bytes.get_mut(self.size..self.size + text.len()).ok_or(core::fmt::Error)?;
        place.copy_from_slice(text.as_bytes());
        self.size += text.len();
        Ok(())
    }
}
