//! The protocol of the inner kernel: Limine's if the kernel has its tag, the plain one otherwise.

use landfall::Landing;
use landfall::address::VirtAddr;
use landfall_limine::{BaseRevision, Feature, Requests};
use landfall_paging::Mode;
use landfall_wrap::Inner;

use super::framebuffer::Framebuffer;
use super::information::Facts;
use super::leave::{FloatUnit, Handler, Registers};
use super::placed::Placed;
use super::refusal::Refused;
use super::tickets::{self, Entry, Tickets, online};
use super::{limine, plain};

/// The protocol of the inner kernel.
#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "there is one, on the boot hart's stack")]
pub(super) enum Protocol {
    /// That of `landfall/wrapped.h`.
    Plain,
    /// Limine's.
    Limine(Requests),
}

impl Protocol {
    /// Finds the protocol of `inner`, which is loaded at its place as `kernel`.
    ///
    /// # Errors
    /// [`Refused`] if the kernel breaks a rule of Limine's protocol, or does not accept the mode.
    pub(super) fn of(kernel: &[u8], inner: &Inner<'_>, placed: Placed, mode: Mode) -> Result<Self, Refused> {
        let Some(requests) = Requests::find(kernel)? else { return Ok(Self::Plain) };
        requests.check_mode(mode)?;
        requests.check_entry(|entry| inner.is_entry(placed.virt, entry))?;
        Ok(Self::Limine(requests))
    }

    /// Returns the bytes that each stack needs, if the kernel states them.
    pub(super) fn stack_size(&self) -> u64 {
        match self {
            Self::Plain => 0,
            Self::Limine(requests) => requests.stack_size().unwrap_or(0),
        }
    }

    /// Returns the framebuffer, if there is one and the kernel requests it.
    pub(super) fn framebuffer(&self, landing: &Landing) -> Option<Framebuffer> {
        match self {
            Self::Limine(requests) if requests.wants(Feature::Framebuffer) => Framebuffer::of(landing),
            Self::Plain | Self::Limine(_) => None,
        }
    }

    /// Returns the entry, if it is another one than the file's.
    pub(super) fn entry(&self) -> Option<VirtAddr> {
        match self {
            Self::Plain => None,
            Self::Limine(requests) => requests.entry(),
        }
    }

    /// Returns the bytes of tickets and boot information.
    ///
    /// # Errors
    /// [`Refused`] if the kernel breaks a rule of Limine's protocol.
    pub(super) fn size(&self, facts: &Facts<'_>, kernel: &[u8]) -> Result<u64, Refused> {
        let information = match self {
            Self::Plain => plain::size(facts),
            Self::Limine(requests) => limine::size(requests, facts, kernel)?,
        };
        Ok((tickets::size(facts.landing) + information) as u64)
    }

    /// Writes tickets and boot information to `room`, zeroed memory that begins at `at` in the
    /// linear map, and responses to the kernel.
    ///
    /// # Errors
    /// As [`Protocol::size`].
    pub(super) fn write(
        &self,
        facts: &Facts<'_>,
        kernel: &mut [u8],
        room: &mut [u8],
        at: VirtAddr,
    ) -> Result<(Registers, Tickets), Refused> {
        let size = tickets::size(facts.landing);
        let (for_tickets, room) =
            room.split_at_mut_checked(size).ok_or(Refused::NoRoom { size: size as u64 })?;
        let information = at.wrapping_add(size as u64);
        let released = match self {
            Self::Plain => plain::write(facts, room, information),
            Self::Limine(requests) => limine::write(requests, facts, kernel, room, information)?,
        };
        let registers = Registers {
            stack: facts.stack(None).1,
            ..self.registers(facts.landing.facts().boot_hart, information)
        };
        let entries = online(facts.landing).enumerate().map(|(number, hart)| {
            let record = released.first.wrapping_add(released.stride * number as u64);
            let (a0, a1) = match self {
                Self::Plain => (hart.hart.id, record.get()),
                Self::Limine(_) => (record.get(), 0),
            };
            let release = record.wrapping_add(released.release);
            Entry { id: hart.hart.id, release, a0, a1, stack: facts.stack(hart.index).1 }
        });
        Ok((registers, Tickets::write(for_tickets, at, entries)))
    }

    /// Returns the registers of the boot hart.
    fn registers(&self, boot_hart: u64, information: VirtAddr) -> Registers {
        let stack = VirtAddr::new(0);
        match self {
            Self::Plain => Registers {
                a0: boot_hart,
                a1: information.get(),
                stack,
                unit: FloatUnit::On,
                handler: Handler::Page,
            },
            // Base revision 6 defines all fields of sstatus, and stvec.
            Self::Limine(requests) => {
                let is_defined = requests.base_revision() >= BaseRevision::R6;
                let handler = if is_defined { Handler::None } else { Handler::Page };
                Registers { a0: 0, a1: 0, stack, unit: FloatUnit::Off, handler }
            }
        }
    }
}
