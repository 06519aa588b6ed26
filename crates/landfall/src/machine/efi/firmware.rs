//! Boot services (UEFI 2.10, chapter 7), as far as a loader needs them.

use core::cell::Cell;
use core::ffi::c_void;
use core::ops::{Deref, DerefMut};
use core::ptr::{self, NonNull, with_exposed_provenance_mut};
use core::slice;

use landfall_efi::EfiRefusal;
use landfall_paging::{PAGE_SIZE, PhysAddr};
use landfall_tree::Tree;
use r_efi::efi::{self, BootServices, ConfigurationTable, Guid, Handle, Status, SystemTable};
use r_efi::protocols::{device_path, simple_text_output};
use zeroize::Zeroize;

/// Firmware, from when it enters the image until the image leaves it.
pub(super) struct Firmware {
    image: Handle,
    table: *mut SystemTable,
    left: Cell<bool>,
}

/// Pages from firmware. They are zeroed and returned if the exit of boot services fails, and stay
/// the image's after it.
pub(super) struct Pages<'a> {
    bytes: &'static mut [u8],
    firmware: &'a Firmware,
}

/// Returns the number of pages for so many bytes.
const fn pages(bytes: usize) -> usize {
    bytes.div_ceil(PAGE_SIZE as usize)
}

impl Deref for Pages<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.bytes
    }
}

impl DerefMut for Pages<'_> {
    fn deref_mut(&mut self) -> &mut [u8] {
        self.bytes
    }
}

impl Drop for Pages<'_> {
    // There are many ways out of the loader, and all of them come here.
    #[inline(never)]
    fn drop(&mut self) {
        if !self.firmware.left.get() {
            // There may be seeds in them.
            self.bytes.zeroize();
            let at = self.bytes.as_mut_ptr().expose_provenance() as u64;
            // SAFETY: boot services run. These are whole pages of theirs, all of one allocation,
            // and have no user any more.
            unsafe { (self.firmware.services().free_pages)(at, pages(self.bytes.len())) };
        }
    }
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
    /// These are what firmware has entered the image with, and it is left only by
    /// [`Firmware::exit`].
    pub(super) const unsafe fn new(image: Handle, table: *mut SystemTable) -> Self {
        Self { image, table, left: Cell::new(false) }
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

    /// The configuration tables (UEFI 2.10, 4.6).
    pub(super) fn configuration(&self) -> &[ConfigurationTable] {
        let table = self.table();
        if table.configuration_table.is_null() {
            return &[];
        }
        // SAFETY: firmware says how many entries there are.
        unsafe { slice::from_raw_parts(table.configuration_table, table.number_of_table_entries) }
    }

    fn configured(&self, guid: Guid) -> Option<NonNull<c_void>> {
        let entry = self.configuration().iter().find(|entry| entry.vendor_guid == guid)?;
        NonNull::new(entry.vendor_table)
    }

    /// Returns the address of ACPI's root pointer.
    pub(super) fn acpi_root(&self) -> Option<PhysAddr> {
        let root = self.configured(efi::ACPI_20_TABLE_GUID)?;
        Some(PhysAddr::new(root.as_ptr().expose_provenance() as u64))
    }

    /// The bytes of the firmware's device tree.
    pub(super) fn tree(&self) -> Result<Option<&'static mut [u8]>, EfiRefusal> {
        let Some(tree) = self.configured(efi::DTB_TABLE_GUID) else { return Ok(None) };
        let start = tree.cast::<u8>();
        // SAFETY: firmware has put a tree there; it has eight bytes at least.
        let header = unsafe { *start.cast::<[u8; 8]>().as_ptr() };
        let size = Tree::stated_size(header)?;
        // SAFETY: its own size; it has no other writer, and is read once.
        Ok(Some(unsafe { slice::from_raw_parts_mut(start.as_ptr(), size) }))
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

    /// Memory for `bytes` bytes, all zeros, in pages that nothing else is in.
    pub(super) fn pages(&self, bytes: usize) -> Result<Pages<'_>, EfiRefusal> {
        let (kind, mut at) = (efi::LOADER_DATA, 0);
        // SAFETY: firmware writes an address.
        let status = unsafe {
            (self.services().allocate_pages)(efi::ALLOCATE_ANY_PAGES, kind, pages(bytes), &raw mut at)
        };
        if status != Status::SUCCESS {
            return Err(EfiRefusal::NoMemory { wanted: bytes, status: status.as_usize() });
        }
        let start = with_exposed_provenance_mut::<u8>(at as usize);
        // SAFETY: these pages are ours alone. Whole pages of zeros, since firmware does not say
        // what they hold.
        let bytes = unsafe {
            start.write_bytes(0, pages(bytes).saturating_mul(PAGE_SIZE as usize));
            slice::from_raw_parts_mut(start, bytes)
        };
        Ok(Pages { bytes, firmware: self })
    }

    /// Allocates pages for a tree of `wanted` bytes, and `more` for its growth. A tree that no
    /// landing would read (rule 6) gets none.
    pub(super) fn pages_for_tree(&self, wanted: usize, more: usize) -> Result<Pages<'_>, EfiRefusal> {
        let [a, b, c, d] = u32::try_from(wanted).unwrap_or(u32::MAX).to_be_bytes();
        Tree::stated_size([0, 0, 0, 0, a, b, c, d])?;
        self.pages(wanted + more)
    }

    /// Returns the bytes of the memory map.
    pub(super) fn memory_map_size(&self) -> Result<usize, EfiRefusal> {
        match self.get_memory_map(&mut []) {
            (Status::BUFFER_TOO_SMALL, taken) => Ok(taken.size),
            (status, _) => Err(EfiRefusal::NoMap { status: status.as_usize() }),
        }
    }

    /// Takes the memory map.
    pub(super) fn memory_map(&self, into: &mut [u8]) -> Result<Taken, EfiRefusal> {
        match self.get_memory_map(into) {
            (Status::SUCCESS, taken) => Ok(taken),
            (status, _) => Err(EfiRefusal::NoMap { status: status.as_usize() }),
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

    /// Leaves firmware. After a success nothing of it may be called; after a failure only the
    /// memory map, and this.
    pub(super) fn exit(&self, key: usize) -> Status {
        // SAFETY: the image is ours, and its callers keep to the above.
        let status = unsafe { (self.services().exit_boot_services)(self.image, key) };
        self.left.set(status == Status::SUCCESS);
        status
    }
}
