//! Archives for initrds.

/// Returns an archive with these files, in cpio's format `newc`.
pub(super) fn of(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = Vec::new();
    let end = [("TRAILER!!!", &[][..])];
    for (name, file) in files.iter().chain(&end) {
        // Behind the magic: inode, mode, owner, group, links, time, size, device, special device,
        // bytes of the name, checksum.
        let fields = [1, 0o100_644, 0, 0, 1, 0, file.len(), 0, 0, 0, 0, name.len() + 1, 0];
        archive.extend(b"070701");
        for field in fields {
            archive.extend(format!("{field:08X}").bytes());
        }
        archive.extend(name.bytes());
        archive.push(0);
        archive.resize(archive.len().next_multiple_of(4), 0);
        archive.extend(*file);
        archive.resize(archive.len().next_multiple_of(4), 0);
    }
    archive
}
