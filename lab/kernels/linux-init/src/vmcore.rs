//! Saves the memory of the kernel that crashed: /proc/vmcore goes to the first disk.

use crate::failure::Failure;
use crate::log;
use crate::system::{self, File, Use};

/// The time limit for the disk to appear, in tenths of a second.
const PATIENCE: u32 = 300;

/// The bytes of one copy.
const CHUNK: usize = 1 << 20;

/// Copies all of it, and prints its size.
pub(crate) fn save() -> Result<(), Failure> {
    File::open(c"/virtio_blk.ko.xz", Use::Read)?.load_module()?;
    let disk = disk()?;
    let core = File::open(c"/proc/vmcore", Use::Read)?;
    let chunk = system::memory(CHUNK)?;
    let mut size = 0;
    loop {
        let read = core.read(chunk)?;
        if read == 0 {
            break;
        }
        disk.write(chunk.get(..read).unwrap_or_default())?;
        size += read;
    }
    disk.flush()?;
    log::line(format_args!("core={size}"));
    Ok(())
}

/// Returns the first disk, once the driver has found it.
fn disk() -> Result<File, Failure> {
    for _ in 0..PATIENCE {
        if let Ok(disk) = File::open(c"/dev/vda", Use::Write) {
            return Ok(disk);
        }
        system::sleep();
    }
    File::open(c"/dev/vda", Use::Write)
}
