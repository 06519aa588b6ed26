//! Firmware's data.

use core::ptr;
use core::slice;

use landfall_efi::{EfiRefusal, Framebuffer, LoadOptions, Masks, PixelFormat, Pixels, boot_hart};
use landfall_paging::{PhysAddr, PhysRange};
use landfall_tree::Tree;
use r_efi::efi::{Boolean, Guid, Status};
use r_efi::protocols::{device_path, graphics_output, load_file2, loaded_image, rng};
use zeroize::Zeroize;

use super::firmware::{Firmware, Pages};

/// `RISCV_EFI_BOOT_PROTOCOL` (RISC-V UEFI Protocol Specification 1.0, chapter 2).
#[repr(C)]
struct BootProtocol {
    revision: u64,
    get_boot_hart: unsafe extern "efiapi" fn(*mut Self, *mut usize) -> Status,
}

const BOOT_PROTOCOL: Guid =
    Guid::from_fields(0xccd1_5fec, 0x6f73, 0x4eec, 0x83, 0x95, &[0x3e, 0x69, 0xe4, 0xb9, 0x40, 0xbf]);

/// The device path of an initrd: `LINUX_EFI_INITRD_MEDIA_GUID` as a vendor's medium, and its end
/// (Linux, `Documentation/admin-guide/efi-stub.rst`).
#[repr(C, align(8))]
struct InitrdPath {
    vendor: device_path::Protocol,
    guid: Guid,
    end: device_path::Protocol,
}

const INITRD_PATH: InitrdPath = InitrdPath {
    vendor: device_path::Protocol {
        r#type: device_path::TYPE_MEDIA,
        sub_type: device_path::Media::SUBTYPE_VENDOR,
        length: [20, 0],
    },
    guid: Guid::from_fields(0x5568_e427, 0x68fc, 0x4f3d, 0xac, 0x74, &[0xca, 0x55, 0x52, 0x31, 0xcc, 0x68]),
    end: device_path::Protocol {
        r#type: device_path::TYPE_END,
        sub_type: device_path::End::SUBTYPE_ENTIRE,
        length: [4, 0],
    },
};

/// The data from firmware.
pub(super) struct FirmwareFacts<'a> {
    pub(super) hart: u64,
    pub(super) command_line: Option<LoadOptions<'static>>,
    pub(super) initrd: Option<Initrd<'a>>,
    /// Random bytes. They lie in pages of their own: a value would leave copies on the firmware's
    /// stack when it moves.
    pub(super) entropy: Option<Pages<'a>>,
    pub(super) framebuffer: Option<Framebuffer>,
}

/// An initrd, at the beginning of pages.
pub(super) struct Initrd<'a> {
    pages: Pages<'a>,
    size: usize,
}

impl Initrd<'_> {
    pub(super) fn range(&self) -> PhysRange {
        let start = PhysAddr::new(self.pages.as_ptr().expose_provenance() as u64);
        PhysRange::new(start, self.size as u64)
    }
}

impl<'a> FirmwareFacts<'a> {
    pub(super) fn ask(firmware: &'a Firmware, tree: Tree<'_>) -> Result<Self, EfiRefusal> {
        Ok(Self {
            hart: hart(firmware).or_else(|| boot_hart(tree)).ok_or(EfiRefusal::NoHart)?,
            command_line: command_line(firmware),
            initrd: initrd(firmware)?,
            entropy: entropy(firmware),
            framebuffer: framebuffer(firmware),
        })
    }

    /// Wipes what is secret. The pages become free memory when firmware has been left.
    pub(super) fn wipe(&mut self) {
        if let Some(entropy) = &mut self.entropy {
            entropy.zeroize();
        }
    }
}

fn hart(firmware: &Firmware) -> Option<u64> {
    let protocol = firmware.locate::<BootProtocol>(BOOT_PROTOCOL)?.as_ptr();
    let mut hart = 0;
    // SAFETY: firmware has this interface, and writes a number.
    let status = unsafe { ((*protocol).get_boot_hart)(protocol, &raw mut hart) };
    (status == Status::SUCCESS).then_some(hart as u64)
}

fn command_line(firmware: &Firmware) -> Option<LoadOptions<'static>> {
    let loaded =
        firmware.interface::<loaded_image::Protocol>(firmware.image(), loaded_image::PROTOCOL_GUID)?;
    // SAFETY: firmware has this interface of our image.
    let loaded = unsafe { loaded.as_ref() };
    if loaded.load_options.is_null() {
        return None;
    }
    // SAFETY: who started the image says that so many bytes are there.
    LoadOptions::new(unsafe {
        let size = (loaded.load_options_size as usize).min(LoadOptions::MOST);
        slice::from_raw_parts(loaded.load_options.cast(), size)
    })
}

fn initrd(firmware: &Firmware) -> Result<Option<Initrd<'_>>, EfiRefusal> {
    let mut path = INITRD_PATH;
    let path = (&raw mut path).cast();
    let Some(handle) = firmware.at_path(path, load_file2::PROTOCOL_GUID) else { return Ok(None) };
    let Some(files) = firmware.interface::<load_file2::Protocol>(handle, load_file2::PROTOCOL_GUID) else {
        return Ok(None);
    };
    let files = files.as_ptr();
    let load = |size: &mut usize, into: *mut u8| {
        // SAFETY: firmware has this interface; it writes no more than `size` bytes. The rest of
        // the path is its end.
        unsafe {
            let end = path.byte_add(20);
            ((*files).load_file)(files, end, Boolean::FALSE, size, into.cast())
        }
    };
    let mut size = 0;
    match load(&mut size, ptr::null_mut()) {
        // There is nothing to load, and some firmware has no memory of no bytes.
        Status::BUFFER_TOO_SMALL if size == 0 => return Ok(None),
        Status::BUFFER_TOO_SMALL => {}
        Status::SUCCESS | Status::NOT_FOUND => return Ok(None),
        status => return Err(EfiRefusal::Initrd { status: status.as_usize() }),
    }
    let wanted = size;
    let mut pages = firmware.pages(wanted)?;
    match load(&mut size, pages.as_mut_ptr()) {
        // Bytes beyond the memory for it belong to another owner.
        Status::SUCCESS if size > wanted => {
            Err(EfiRefusal::Initrd { status: Status::BUFFER_TOO_SMALL.as_usize() })
        }
        Status::SUCCESS => Ok((size != 0).then_some(Initrd { pages, size })),
        status => Err(EfiRefusal::Initrd { status: status.as_usize() }),
    }
}

/// Bytes that are asked of the firmware's generator.
const ENTROPY: usize = 32;

fn entropy(firmware: &Firmware) -> Option<Pages<'_>> {
    let protocol = firmware.locate::<rng::Protocol>(rng::PROTOCOL_GUID)?.as_ptr();
    let mut entropy = firmware.pages(ENTROPY).ok()?;
    // SAFETY: firmware has this interface, and fills what it gets. Without an algorithm it takes
    // its best.
    let status =
        unsafe { ((*protocol).get_rng)(protocol, ptr::null_mut(), entropy.len(), entropy.as_mut_ptr()) };
    (status == Status::SUCCESS).then_some(entropy)
}

fn framebuffer(firmware: &Firmware) -> Option<Framebuffer> {
    let protocol = firmware.locate::<graphics_output::Protocol>(graphics_output::PROTOCOL_GUID)?;
    // SAFETY: firmware has this interface, its mode and what it says of the mode.
    let (mode, info) = unsafe {
        let mode = protocol.as_ref().mode.as_ref()?;
        (mode, mode.info.as_ref()?)
    };
    let masks = &info.pixel_information;
    let format = match info.pixel_format {
        graphics_output::PIXEL_RED_GREEN_BLUE_RESERVED_8_BIT_PER_COLOR => PixelFormat::RGB,
        graphics_output::PIXEL_BLUE_GREEN_RED_RESERVED_8_BIT_PER_COLOR => PixelFormat::BGR,
        graphics_output::PIXEL_BIT_MASK => {
            let (red, green, blue) = (masks.red_mask, masks.green_mask, masks.blue_mask);
            PixelFormat::of(Masks { red, green, blue })?
        }
        _ => return None,
    };
    let range = PhysRange::new(PhysAddr::new(mode.frame_buffer_base), mode.frame_buffer_size as u64);
    let pixels = Pixels {
        width: info.horizontal_resolution,
        height: info.vertical_resolution,
        per_row: info.pixels_per_scan_line,
        format,
    };
    Framebuffer::new(range, pixels)
}
