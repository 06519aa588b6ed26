//! `ConsoleIf`: the SBI console, which is there on every board.

use axplat::console::ConsoleIf;
use axplat::mem::{VirtAddr, virt_to_phys};
use sbi_rt::Physical;

/// Bytes that go to the firmware at once. Interrupts are off meanwhile.
const AT_ONCE: usize = 256;

struct Console;

#[super::impl_interface]
impl ConsoleIf for Console {
    /// By pieces, from a buffer of the kernel's own: `bytes` may belong to a user. Firmware without
    /// that call gets byte after byte.
    fn write_bytes(bytes: &[u8]) {
        let mut buffer = [0; AT_ONCE];
        for piece in bytes.chunks(AT_ONCE) {
            let Some(buffer) = buffer.get_mut(..piece.len()) else { return };
            buffer.copy_from_slice(piece);
            let mut rest = &*buffer;
            while !rest.is_empty() {
                let written = sbi_rt::console_write(physical(rest));
                match rest.get(written.value..) {
                    Some(left) if written.is_ok() => rest = left,
                    _ => {
                        write_bytewise(rest);
                        break;
                    }
                }
            }
        }
    }

    fn read_bytes(bytes: &mut [u8]) -> usize {
        let mut buffer = [0; AT_ONCE];
        let wanted = bytes.len().min(AT_ONCE);
        let Some(place) = buffer.get_mut(..wanted) else { return 0 };
        let address = virt_to_phys(VirtAddr::from_mut_ptr_of(place.as_mut_ptr())).as_usize();
        let read = sbi_rt::console_read(Physical::new(wanted, address, 0));
        if read.is_err() {
            return read_one(bytes);
        }
        match (buffer.get(..read.value), bytes.get_mut(..read.value)) {
            (Some(read), Some(place)) => {
                place.copy_from_slice(read);
                read.len()
            }
            _ => 0,
        }
    }

    /// Input is not reported.
    #[cfg(all(feature = "preview", feature = "irq"))]
    fn irq_num() -> Option<usize> {
        None
    }
}

fn physical(bytes: &[u8]) -> Physical<&[u8]> {
    Physical::new(bytes.len(), virt_to_phys(VirtAddr::from_ptr_of(bytes.as_ptr())).as_usize(), 0)
}

fn write_bytewise(bytes: &[u8]) {
    for byte in bytes {
        if sbi_rt::console_write_byte(*byte).is_err() {
            #[expect(deprecated, reason = "for firmware that is too old for its successor")]
            sbi_rt::legacy::console_putchar(usize::from(*byte));
        }
    }
}

fn read_one(bytes: &mut [u8]) -> usize {
    #[expect(deprecated, reason = "for firmware that is too old for its successor")]
    let byte = u8::try_from(sbi_rt::legacy::console_getchar());
    match (byte, bytes.first_mut()) {
        (Ok(byte), Some(place)) => {
            *place = byte;
            1
        }
        _ => 0,
    }
}
