//! The kernel itself.

#![expect(clippy::cast_possible_truncation, reason = "a machine word has 64 bits here")]

mod block;
mod choose;
mod departure;
mod framebuffer;
mod information;
mod leave;
mod limine;
mod linear;
mod memory;
mod placed;
mod plain;
mod protocol;
mod refusal;
mod space;
mod tickets;

use landfall::entropy::KernelEntropy;
use landfall::policy::{Modes, TablePlacement};
use landfall::{Landing, Policy};
use landfall_wrap::{Inner, InnerDraws, WINDOW, check_policy};

use block::Block;
use choose::Chosen;
use departure::Departure;
use information::Facts;
use placed::Placed;
use protocol::Protocol;
use refusal::Refused;
use space::Space;

/// Nothing of the landing lies where movable kernels go, and no draw of the landing divides the
/// memory for the inner kernel. The place of the tables is no clue: they are gone before that
/// kernel's first instruction.
const POLICY: Policy =
    Policy::new().with_window(Modes::All, WINDOW).with_table_placement(TablePlacement::Lowest);

landfall::entry!(main, secondary = departure::follow, policy = &POLICY);

fn main(landing: &'static Landing) -> ! {
    landfall::println!("landfall: report {}", landing.report().json());
    let fault = check_policy(landing.policy());
    match fault.map_err(Refused::from).and_then(|()| prepare(landing)) {
        Ok(departure) => departure.leave(landing),
        Err(refused) => {
            landfall::println!("landfall: refused {}: {refused}", refused.rule());
            landfall::exit(1)
        }
    }
}

/// Puts everything into place. Nothing of it is in use yet.
///
/// A stack that is too small for it is refused before.
#[inline(never)]
fn prepare(landing: &'static Landing) -> Result<Departure, Refused> {
    let chosen = Chosen::of(landing)?;
    let inner = Inner::read(chosen.kernel)?;
    let entropy = landing.take_entropy();
    let draws = entropy.as_ref().map(|entropy| InnerDraws::new(entropy.bytes()));
    let placed = Placed::new(landing, &inner, chosen.physical, draws.as_ref())?;
    // SAFETY: the memory was free, and nothing else takes it: the block leaves it out.
    let kernel = unsafe { placed.load(&inner)? };
    let protocol = Protocol::of(kernel, &inner, placed, landing.mode())?;

    let mut space = Space::new(landing, &inner, placed, protocol.stack_size())?;
    space.framebuffer = protocol.framebuffer(landing);
    let bits = entropy.as_ref().map_or(0, KernelEntropy::bits);
    let facts = Facts { landing, chosen: &chosen, space: &space, block: None, draws: draws.as_ref(), bits };
    let size = protocol.size(&facts, kernel)?;
    let block = Block::place(landing, placed, &mut space, size)?;
    // SAFETY: the block is free memory of which nothing else has a part.
    let satp = unsafe { block.build_tables(&space)? };
    let facts =
        Facts { landing, chosen: &chosen, space: &space, block: Some(block), draws: draws.as_ref(), bits };
    // SAFETY: as above; this is the only reference to the part.
    let room = unsafe { block.information() };
    let (registers, tickets) = protocol.write(&facts, kernel, room, block.information_address())?;
    // SAFETY: the other harts wait for the departure.
    unsafe { leave::write_page(placed) };
    let entry = protocol.entry().unwrap_or(placed.entry);
    landfall::println!("landfall: inner kernel {placed}");
    Ok(Departure { satp, entry, registers, tickets })
}
