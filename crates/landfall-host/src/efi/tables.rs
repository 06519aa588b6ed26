//! The data that EFI firmware provides for debuggers (UEFI 2.10, 18.4): the address of its system
//! table, and its loaded images.

use std::time::{Duration, Instant};

use super::{bytes, left};
use crate::gdb::{Client, Ended, GdbError};
use crate::place;
use landfall_predict::units::{Address, Size};

/// `EFI_SYSTEM_TABLE_SIGNATURE` and `EFI_BOOT_SERVICES_SIGNATURE` (UEFI 2.10, 4.3 and 4.4).
const SYSTEM_TABLE: &[u8; 8] = b"IBI SYST";
const BOOT_SERVICES: &[u8; 8] = b"BOOTSERV";

/// `EFI_SYSTEM_TABLE_POINTER` is aligned to this, and as close to the top of memory as firmware can
/// put it.
const ALIGNMENT: u64 = 4 << 20;

/// The searched memory below the top, in bytes.
const SEARCHED: u64 = 256 << 20;

/// The time between two searches. EDK2 has the table a second and some sixty drivers before it
/// starts an application.
const GLANCE: Duration = Duration::from_millis(50);

/// `EFI_DEBUG_IMAGE_INFO_TABLE_GUID`, as it lies in memory.
const DEBUG_IMAGE_INFO: [u8; 16] =
    [0x77, 0x2e, 0x15, 0x49, 0xda, 0x1a, 0x64, 0x47, 0xb7, 0xa2, 0x7a, 0xfe, 0xfe, 0xd9, 0x5e, 0x8b];

/// No firmware has more tables or images.
const MOST: u64 = 4096;

/// Firmware that can be asked.
#[derive(Clone, Copy, Debug)]
pub(super) struct Firmware {
    system_table: Address,
    start_image: Address,
    exit_boot_services: Address,
}

impl Firmware {
    /// Lets the machine run until firmware has its tables.
    pub(super) fn wait_for(
        gdb: &mut Client,
        memory: Size,
        until: Instant,
    ) -> Result<Result<Self, Ended>, GdbError> {
        while !left(until).is_zero() {
            match gdb.resume(GLANCE)? {
                Ended::Late => gdb.interrupt()?,
                ended => return Ok(Err(ended)),
            };
            if let Some(firmware) = Self::look(gdb, place::RAM.wrapping_add(memory.0)) {
                return Ok(Ok(firmware));
            }
        }
        // It stands, and is not there.
        gdb.resume(Duration::ZERO).map(Err)
    }

    /// Returns the tables, from the top of memory down. Addresses without memory have none.
    fn look(gdb: &mut Client, end: Address) -> Option<Self> {
        let top = end.0 - end.0 % ALIGNMENT;
        let places = (1..=SEARCHED / ALIGNMENT).map_while(|index| top.checked_sub(index * ALIGNMENT));
        let pointers = places.take_while(|&at| at >= place::RAM.0).map(Address);
        pointers.into_iter().find_map(|at| {
            let pointer = bytes(gdb, at, 16).ok()?;
            let system_table =
                Address(u64::from_le_bytes(*pointer.strip_prefix(SYSTEM_TABLE)?.first_chunk()?));
            let is = |gdb: &mut Client, table, signature| {
                bytes(gdb, table, 8).is_ok_and(|found| found == signature)
            };
            let services =
                is(gdb, system_table, SYSTEM_TABLE).then(|| word(gdb, system_table.wrapping_add(96)));
            let services = Address(services?.ok()?);
            if !is(gdb, services, BOOT_SERVICES) {
                return None;
            }
            let mut service = |offset| word(gdb, services.wrapping_add(offset)).ok().map(Address);
            let (start_image, exit_boot_services) = (service(208)?, service(232)?);
            Some(Self { system_table, start_image, exit_boot_services })
        })
    }

    /// Goes on to the next `StartImage`, and says where the image is that is to be started.
    pub(super) fn go_to_start_of_image(
        self,
        gdb: &mut Client,
        until: Instant,
    ) -> Result<Result<Option<Address>, Ended>, GdbError> {
        if let Some(ended) = super::go_to(gdb, self.start_image, until)? {
            return Ok(Err(ended));
        }
        let handle = gdb.register("a0")?;
        self.image(gdb, handle).map(Ok)
    }

    /// Goes on until firmware is asked to go, and says by whom: where the instruction is that it
    /// would return to.
    pub(super) fn go_to_exit(
        self,
        gdb: &mut Client,
        until: Instant,
    ) -> Result<Result<Address, Ended>, GdbError> {
        match super::go_to(gdb, self.exit_boot_services, until)? {
            Some(ended) => Ok(Err(ended)),
            None => Ok(Ok(Address(gdb.register("ra")?))),
        }
    }

    /// Returns the address of the image with this handle.
    fn image(self, gdb: &mut Client, handle: u64) -> Result<Option<Address>, GdbError> {
        let count = word(gdb, self.system_table.wrapping_add(104))?.min(MOST);
        let size = usize::try_from(count * 24).unwrap_or_default();
        let tables = Address(word(gdb, self.system_table.wrapping_add(112))?);
        let tables = bytes(gdb, tables, size)?;
        let header =
            tables.chunks_exact(24).find_map(|table| table.strip_prefix(&DEBUG_IMAGE_INFO)?.first_chunk());
        let Some(header) = header.map(|header| Address(u64::from_le_bytes(*header))) else { return Ok(None) };
        let count = (word(gdb, header)? >> 32).min(MOST);
        let infos = Address(word(gdb, header.wrapping_add(8))?);
        // The newest is the last, and unloading an image leaves a hole.
        for index in (0..count).rev() {
            let info = Address(word(gdb, infos.wrapping_add(index * 8))?);
            if info != Address(0) && word(gdb, info.wrapping_add(16))? == handle {
                let loaded = Address(word(gdb, info.wrapping_add(8))?);
                // `ImageBase` of `EFI_LOADED_IMAGE_PROTOCOL` (UEFI 2.10, 9.1).
                return word(gdb, loaded.wrapping_add(64)).map(Address).map(Some);
            }
        }
        Ok(None)
    }
}

/// Eight bytes of memory.
pub(super) fn word(gdb: &mut Client, at: Address) -> Result<u64, GdbError> {
    let bytes = bytes(gdb, at, 8)?;
    Ok(bytes.first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes)))
}
