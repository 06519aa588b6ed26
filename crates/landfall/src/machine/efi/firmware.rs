//! Boot services (UEFI 2.10, chapter 7), as far as a loader needs them.

use core::ffi::c_void;
use core::ptr::{self, NonNull, with_exposed_provenance_mut};
use core::slice;

use landfall_efi::{Refused, Tables};
use landfall_paging::{PAGE_SIZE, PhysAddr};
use landfall_tree::Tree;
use r_efi::efi::{self, BootServices, Guid, Handle, Status, SystemTable};
use r_efi::protocols::{device_path, simple_text_output};

/// Firmware that has not been left.
pub(super) struct Firmware {
    image: Handle,
    table: *mut SystemTable,
}

/// A memory map that was taken.
#[derive(Clone, Copy)]
pub(super) struct Taken {
    pub(super) size: usize,
    pub(super) descriptor_size: usize,
    /// By this key firmware can be left, as long as the map stays what it is.
    pub(super) key: usize,
}

impl Firmware {
    /// # Safety
    /// These are what firmware has entered the image with, and it is left only by [`Firmware::exit`].
    pub(super) const unsafe fn new(image: Handle, table: *mut SystemTable) -> Self {
        Self { image, table }
    }

    const fn table(&self) -> &SystemTable {
        // SAFETY: it is the firmware's (`new`).
        unsafe { &*self.table }
    }

    const fn services(&self) -> &BootServices {
        // SAFETY: firmware has not been left, so they are there.
        unsafe { &*self.table().boot_services }
    }

    pub(super) const fn image(&self) -> Handle {
        self.image
    }

    pub(super) const fn console(&self) -> *mut simple_text_output::Protocol {
        self.table().con_out
    }

    pub(super) fn system_table(&self) -> PhysAddr {
        PhysAddr::new(self.table.expose_provenance() as u64)
    }

    fn configuration(&self, guid: Guid) -> Option<NonNull<c_void>> {
        let table = self.table();
        if table.configuration_table.is_null() {
            return None;
        }
        // SAFETY: firmware says how many entries there are (UEFI 2.10, 4.6).
        let entries =
            unsafe { slice::from_raw_parts(table.configuration_table, table.number_of_table_entries) };
        let entry = entries.iter().find(|entry| entry.vendor_guid == guid)?;
        NonNull::new(entry.vendor_table)
    }

    /// The bytes of the firmware's device tree.
    pub(super) fn tree(&self) -> Result<&'static mut [u8], Refused> {
        let Some(tree) = self.configuration(efi::DTB_TABLE_GUID) else {
            let acpi = self.configuration(efi::ACPI_20_TABLE_GUID).is_some();
            return Err(Refused::NoTree(if acpi { Tables::Acpi } else { Tables::None }));
        };
        let start = tree.cast::<u8>();
        // SAFETY: firmware has put a tree there; it has eight bytes at least.
        let header = unsafe { *start.cast::<[u8; 8]>().as_ptr() };
        let size = Tree::stated_size(header)?;
        // SAFETY: its own size; nobody else writes to it, and it is asked for once.
        Ok(unsafe { slice::from_raw_parts_mut(start.as_ptr(), size) })
    }

    /// The interface of `guid` that some handle has.
    pub(super) fn locate<T>(&self, mut guid: Guid) -> Option<NonNull<T>> {
        let mut interface = ptr::null_mut();
        // SAFETY: firmware writes a pointer, and nothing else.
        let status =
            unsafe { (self.services().locate_protocol)(&raw mut guid, ptr::null_mut(), &raw mut interface) };
        NonNull::new(interface.cast()).filter(|_| status == Status::SUCCESS)
    }

    /// The interface of `guid` that `handle` has.
    pub(super) fn interface<T>(&self, handle: Handle, mut guid: Guid) -> Option<NonNull<T>> {
        let mut interface = ptr::null_mut();
        // SAFETY: as above; the handle is the firmware's.
        let status = unsafe { (self.services().handle_protocol)(handle, &raw mut guid, &raw mut interface) };
        NonNull::new(interface.cast()).filter(|_| status == Status::SUCCESS)
    }

    /// The handle at the end of a device path that has the interface of `guid`.
    pub(super) fn at_path(&self, path: *mut device_path::Protocol, mut guid: Guid) -> Option<Handle> {
        let (mut path, mut handle) = (path, ptr::null_mut());
        // SAFETY: the path is whole, and firmware writes where in it it ended, and a handle.
        let status =
            unsafe { (self.services().locate_device_path)(&raw mut guid, &raw mut path, &raw mut handle) };
        (status == Status::SUCCESS).then_some(handle)
    }

    /// Whole pages, `bytes` long at least. They stay the image's after firmware has been left.
    pub(super) fn pages(&self, bytes: usize) -> Result<&'static mut [u8], Refused> {
        let pages = bytes.div_ceil(PAGE_SIZE as usize);
        let mut at = 0;
        let kind = efi::LOADER_DATA;
        // SAFETY: firmware writes an address.
        let status =
            unsafe { (self.services().allocate_pages)(efi::ALLOCATE_ANY_PAGES, kind, pages, &raw mut at) };
        if status != Status::SUCCESS {
            return Err(Refused::NoMemory { wanted: bytes, status: status.as_usize() });
        }
        let start = with_exposed_provenance_mut::<u8>(at as usize);
        let size = pages.saturating_mul(PAGE_SIZE as usize);
        // SAFETY: these pages are ours alone; zeros, since firmware does not say what they hold.
        unsafe {
            start.write_bytes(0, size);
            Ok(slice::from_raw_parts_mut(start, size))
        }
    }

    /// How many bytes the memory map takes.
    pub(super) fn memory_map_size(&self) -> Result<usize, Refused> {
        match self.get_memory_map(&mut []) {
            (Status::BUFFER_TOO_SMALL, taken) => Ok(taken.size),
            (status, _) => Err(Refused::NoMap { status: status.as_usize() }),
        }
    }

    /// Takes the memory map.
    pub(super) fn memory_map(&self, into: &mut [u8]) -> Result<Taken, Refused> {
        match self.get_memory_map(into) {
            (Status::SUCCESS, taken) => Ok(taken),
            (status, _) => Err(Refused::NoMap { status: status.as_usize() }),
        }
    }

    fn get_memory_map(&self, into: &mut [u8]) -> (Status, Taken) {
        let (mut size, mut key, mut descriptor_size, mut version) = (into.len(), 0, 0, 0);
        // SAFETY: firmware writes no more than `size` bytes, and the numbers.
        let status = unsafe {
            (self.services().get_memory_map)(
                &raw mut size,
                into.as_mut_ptr().cast(),
                &raw mut key,
                &raw mut descriptor_size,
                &raw mut version,
            )
        };
        (status, Taken { size, descriptor_size, key })
    }

    /// Leaves firmware. After a success nothing of it may be called; after a failure only the memory map, and this.
    pub(super) fn exit(&mut self, key: usize) -> Status {
        // SAFETY: the image is ours, and its callers keep to the above.
        unsafe { (self.services().exit_boot_services)(self.image, key) }
    }
}
