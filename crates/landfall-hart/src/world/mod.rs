//! All that the harts share: memory, devices, time and the choices of the run.

mod access;
mod atomic;
mod fence;
mod firmware;
mod late;
mod observe;
mod order;

use std::collections::VecDeque;

pub(crate) use crate::access::{Access, Order};
use crate::config::Config;
use crate::device::Devices;
use crate::liberty::{Choices, Liberty};
use crate::memory::{Keep, Memory};

pub(crate) use access::Place;
use observe::Observing;

/// All that the harts share.
#[derive(Debug)]
pub(crate) struct World {
    /// The properties of the drawn machine.
    pub(crate) config: Config,
    /// The source of all choices.
    pub(crate) choices: Choices,
    /// Physical memory.
    pub(crate) memory: Memory,
    /// The devices.
    pub(crate) devices: Devices,
    /// Instructions that all harts have executed: the clock that every other time derives from.
    pub(crate) now: u64,
    /// Loads from devices so far.
    pub(crate) device_loads: u64,
    /// Loads and stores have an order of their own: views and buffers matter.
    pub(crate) ordered: bool,
    /// Fetches may be stale.
    pub(crate) stale_fetches: bool,
    /// The last uses of the past.
    pub(crate) uses: Uses,
    /// The stores that wait, if a search asks which of them is missed.
    late: late::LateStores,
    /// The observer of accesses. With one, no access takes the quick way.
    pub(crate) observer: Observing,
}

/// A use of the past: a hart used a value that a later store had replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Use {
    /// The liberty.
    pub(crate) liberty: Liberty,
    /// The count of the machine's choices under the liberty.
    pub(crate) event: u64,
    /// The index of the hart that used it.
    pub(crate) hart: usize,
    /// The address of the instruction that used it.
    pub(crate) pc: u64,
    /// The virtual address of the access.
    pub(crate) virtual_address: u64,
    /// The physical address of the word, or of the entry.
    pub(crate) word: u64,
    /// The value that was used.
    pub(crate) used: u64,
    /// The value that the word holds now.
    pub(crate) present: u64,
    /// The index of the hart whose store was not seen.
    pub(crate) writer: usize,
    /// The address of the instruction whose store was not seen.
    pub(crate) writer_pc: u64,
}

/// The last uses of the past, and for each liberty the one that a search asks for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Uses {
    last: VecDeque<Use>,
}

/// The number of uses that are kept.
const USES: usize = 256;

impl Uses {
    /// Keeps a use.
    pub(crate) fn note(&mut self, used: Use) {
        if self.last.len() == USES {
            self.last.pop_front();
        }
        self.last.push_back(used);
    }

    /// Returns the last use under a liberty.
    pub(crate) fn last_of(&self, liberty: Liberty) -> Option<&Use> {
        self.last.iter().rev().find(|used| used.liberty == liberty)
    }
}

impl World {
    /// Returns the world of a machine, with memory as a loader leaves it.
    pub(crate) fn new(config: Config, mut choices: Choices) -> Self {
        let noise = choices.each_time(Liberty::RandomMemory).then(|| choices.noise(0x6d65_6d6f_7279));
        let takes = |liberty| choices.takes(liberty);
        let stale_tables = [Liberty::StaleLeaf, Liberty::StaleTable, Liberty::StaleInvalid]
            .into_iter()
            .chain([Liberty::StaleRoot, Liberty::StaleGlobal, Liberty::Napot, Liberty::UnorderedRoot])
            .any(takes);
        let ordered = takes(Liberty::OldLoad) || takes(Liberty::LateStore);
        let stale_fetches = takes(Liberty::StaleFetch);
        // The past of a frame that becomes a table is that of its stores.
        let stores = ordered || stale_fetches || takes(Liberty::UnorderedRoot);
        let keep = Keep { stores, tables: stale_tables };
        let mut memory = Memory::new(&config.regions, config.harts.len(), noise, keep);
        for (address, bytes) in &config.contents {
            // A drawn machine has memory there; what a user places outside memory is lost, as on a
            // board.
            let _ = memory.write(*address, bytes);
        }
        let devices = Devices::new(&config);
        let late = late::LateStores::new(&choices);
        Self {
            config,
            choices,
            memory,
            devices,
            now: 0,
            device_loads: 0,
            ordered,
            stale_fetches,
            uses: Uses::default(),
            late,
            observer: None,
        }
    }
}
