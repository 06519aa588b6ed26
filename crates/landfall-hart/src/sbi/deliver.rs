//! The receiving side: what a message does to its hart.

use crate::hart::State;
use crate::liberty::Liberty;
use crate::machine::{Machine, Message};

use super::{event, targets};

/// The distance of addresses in a series of fences.
const PAGE: u64 = 4096;

/// A range of more pages than this leads to one fence of all addresses.
const MOST_FENCES: u64 = 1 << 20;

/// Acts on the hart that a message is for.
pub(crate) fn deliver(machine: &mut Machine, to: usize, message: Message) {
    if let Message::Start { entry, opaque } = message {
        return start(machine, to, entry, opaque);
    }
    if !targets::runs(machine, to) {
        // The hart has stopped since.
        return;
    }
    let Machine { harts, world, .. } = machine;
    let hart = &mut harts[to];
    match message {
        Message::Interrupt => hart.csrs.software_interrupt = true,
        Message::FenceInstructions => world.fence_instructions(hart),
        Message::FenceTranslations { range: Some((start, size)), asid }
            if size.div_ceil(PAGE) <= MOST_FENCES =>
        {
            let first = start & !(PAGE - 1);
            let last = start.saturating_add(size - 1) & !(PAGE - 1);
            for page in 0..=(last - first) / PAGE {
                world.fence_translations(hart, Some(first + page * PAGE), asid);
            }
        }
        Message::FenceTranslations { asid, .. } => world.fence_translations(hart, None, asid),
        Message::Event { number } => event::signal(machine, to, number),
        Message::Start { .. } => unreachable!("handled above"),
    }
}

/// Lets a hart begin: now, later, or never.
fn start(machine: &mut Machine, to: usize, entry: u64, opaque: u64) {
    let world = &mut machine.world;
    let hart = &mut machine.harts[to];
    let most = match world.choices.choose(to, Liberty::LateHart, 4) {
        0 => 1,
        1 => 1_000,
        2 => 30_000,
        _ => 1_000_000,
    };
    let delay = world.choices.choose(to, Liberty::LateHart, most);
    if delay != 0 {
        world
            .choices
            .note(Liberty::LateHart, || format!("hart {} begins {delay} instructions late", hart.id));
    }
    let at = if hart.lost { u64::MAX } else { world.now + delay };
    hart.state = State::StartPending { at, entry, opaque };
}
