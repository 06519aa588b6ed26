//! The GUID partition table (UEFI 2.10, chapter 5).

use std::io::Cursor;

use gpt::GptConfig;
use gpt::disk::LogicalBlockSize;
use gpt::mbr::ProtectiveMBR;
use gpt::partition_types::EFI;

use super::{DiskError, MIB, Place, SECTOR};

/// Before the partition the table, behind it the table's copy.
const MARGIN: u64 = MIB;

/// The names of the disk and of its partition, drawn once for all disks. No reader compares two of
/// them, so the same contents give the same bytes.
const DISK_NAME: &str = "8d2b3a5e-4f0c-4c1d-9a52-6c616e640001";
const PARTITION_NAME: &str = "8d2b3a5e-4f0c-4c1d-9a52-6c616e640002";

/// Returns an empty disk with one EFI system partition of so many bytes, and where that lies.
pub(super) fn with_partition(size: u64) -> Result<(Vec<u8>, Place), DiskError> {
    let bytes = size + 2 * MARGIN;
    let mut disk = Cursor::new(vec![0; index(bytes)?]);
    let last = u32::try_from(bytes / SECTOR - 1).map_err(with_text)?;
    ProtectiveMBR::with_lb_size(last).overwrite_lba0(&mut disk).map_err(with_text)?;
    let config = GptConfig::new().writable(true).logical_block_size(LogicalBlockSize::Lb512);
    let name = DISK_NAME.parse().map_err(with_text)?;
    let mut table = config.create_from_device(disk, Some(name)).map_err(with_text)?;
    let (first, sectors) = (MARGIN / SECTOR, size / SECTOR);
    table.add_partition_at("EFI System", 1, first, sectors, EFI, 0).map_err(with_text)?;
    let mut partitions = table.partitions().clone();
    for partition in partitions.values_mut() {
        partition.part_guid = PARTITION_NAME.parse().map_err(with_text)?;
    }
    table.update_partitions(partitions).map_err(with_text)?;
    let disk = table.write().map_err(with_text)?.into_inner();
    Ok((disk, index(MARGIN)?..index(MARGIN + size)?))
}

fn index(offset: u64) -> Result<usize, DiskError> {
    usize::try_from(offset).map_err(with_text)
}

fn with_text(error: impl std::fmt::Display) -> DiskError {
    DiskError::Table(error.to_string())
}
