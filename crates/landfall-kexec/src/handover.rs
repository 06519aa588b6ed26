//! The next kernel in an initrd: an archive of cpio, as `cargo landfall run --then` makes it.

/// Files of an archive that describe the next kernel.
///
/// ```
/// use landfall_kexec::Handover;
///
/// // An archive without the file.
/// assert!(Handover::of(b"070701").is_none());
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Handover<'a> {
    /// The file `landfall/next`: the image.
    pub image: &'a [u8],
    /// The file `landfall/next-initrd`.
    pub initrd: Option<&'a [u8]>,
    /// The file `landfall/next-command-line`, without white space at its end.
    pub command_line: &'a [u8],
}

impl<'a> Handover<'a> {
    /// The word on the command line with which `run --then` asks a kernel to start the next one.
    pub const WORD: &'static [u8] = b"landfall.then";

    /// Returns the next kernel in an archive; `None` if it holds none.
    #[must_use]
    pub fn of(archive: &'a [u8]) -> Option<Self> {
        let file = |name: &str| {
            let mut files = cpio_reader::iter_files(archive);
            files.find(|file| file.name() == name).map(|file| file.file())
        };
        let line = file("landfall/next-command-line").unwrap_or_default();
        Some(Self {
            image: file("landfall/next")?,
            initrd: file("landfall/next-initrd"),
            command_line: line.trim_ascii_end(),
        })
    }
}
