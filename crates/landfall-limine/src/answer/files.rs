//! The kernel's file and its modules.

use landfall_paging::{PAGE_SIZE, VirtAddr};

use crate::facts::{Facts, File};
use crate::feature::{Feature, OPERANDS, REVISION};
use crate::refusal::Refusal;
use crate::requests::Requests;
use crate::room::Room;
use crate::words::{WORD, word};

/// The revision of the response: internal modules are found, compressed ones are not unpacked.
const MODULES_REVISION: u64 = 1;
/// The flag of an internal module without which the kernel cannot start.
const REQUIRED: u64 = 1;
/// Bytes of a file's description.
const SIZE: usize = 112;
/// The most modules, and the most internal ones.
const MAX: usize = 64;
/// The most bytes of a text in the kernel.
const MAX_TEXT: usize = 4096;

/// The modules in the order of the response.
#[derive(Debug)]
pub(super) struct Files<'a> {
    /// The place of each module, and the text of an internal one.
    order: [(usize, Option<&'a [u8]>); MAX],
    count: usize,
}

impl<'a> Files<'a> {
    /// Finds the internal modules of the kernel among the modules. They come first.
    pub(super) fn new(requests: &Requests, image: &'a [u8], facts: &Facts<'_>) -> Result<Self, Refusal> {
        let mut files = Self { order: [(0, None); MAX], count: 0 };
        let is_at_page = |file: &File<'_>| file.range.start().is_aligned(PAGE_SIZE);
        if !facts.modules.iter().chain(&facts.executable_file).all(is_at_page) {
            return Err(Refusal::File);
        }
        if facts.modules.len() > MAX {
            return Err(Refusal::TooManyModules { modules: facts.modules.len() as u64 });
        }
        if let Some(at) = requests.place(Feature::Modules)
            && word(image, at + REVISION) != Some(0)
        {
            let kernel = Kernel { image, start: facts.executable.virt };
            files.add_internal(kernel, at, facts.modules)?;
        }
        for index in 0..facts.modules.len() {
            if !files.has(index) {
                files.push(index, None);
            }
        }
        Ok(files)
    }

    fn add_internal(
        &mut self,
        kernel: Kernel<'a>,
        request: usize,
        modules: &[File<'_>],
    ) -> Result<(), Refusal> {
        let operand = |index: usize| {
            word(kernel.image, request + OPERANDS + index * WORD).ok_or(Refusal::InternalModules)
        };
        let (count, list) = (operand(0)?, operand(1)?);
        if count > MAX as u64 {
            return Err(Refusal::TooManyModules { modules: count });
        }
        for index in 0..usize::try_from(count).unwrap_or(MAX) {
            let module = kernel.word(list, index)?;
            let path = kernel.text(kernel.word(module, 0)?)?;
            let text = match kernel.word(module, 1)? {
                0 => &[],
                text => kernel.text(text)?,
            };
            let flags = kernel.word(module, 2)?;
            let is_it = |(at, file): &(usize, &File<'_>)| !self.has(*at) && is_same(path, file.path);
            match modules.iter().enumerate().find(is_it) {
                Some((at, _)) => self.push(at, Some(text)),
                None if flags & REQUIRED != 0 => return Err(Refusal::NoModule { index }),
                None => {}
            }
        }
        Ok(())
    }

    fn has(&self, index: usize) -> bool {
        self.order[..self.count].iter().any(|(at, _)| *at == index)
    }

    /// Adds a module that is not there yet. There are no more than places.
    fn push(&mut self, index: usize, text: Option<&'a [u8]>) {
        self.order[self.count] = (index, text);
        self.count += 1;
    }

    /// Writes the response with the modules. A loader without modules gives no response.
    pub(super) fn modules(&self, facts: &Facts<'_>, room: &mut Room<'_>) -> Option<VirtAddr> {
        if self.count == 0 {
            return None;
        }
        let mut addresses = [0; MAX];
        for (place, (index, text)) in addresses.iter_mut().zip(&self.order[..self.count]) {
            let file = &facts.modules[*index];
            let text = room.text(text.unwrap_or(file.text));
            *place = describe(facts, file, text, room).get();
        }
        let array = room.words(addresses[..self.count].iter().copied());
        Some(room.words([MODULES_REVISION, self.count as u64, array.get()]))
    }
}

/// Writes the response with the kernel's file, whose text is the command line.
pub(super) fn executable(facts: &Facts<'_>, line: VirtAddr, room: &mut Room<'_>) -> Option<VirtAddr> {
    let file = describe(facts, &facts.executable_file?, line, room);
    Some(room.words([0, file.get()]))
}

/// Writes the description of a file from no volume that the protocol knows.
fn describe(facts: &Facts<'_>, file: &File<'_>, text: VirtAddr, room: &mut Room<'_>) -> VirtAddr {
    let path = room.text(file.path);
    let address = facts.hhdm(file.range.start());
    let words = [0, address.get(), file.range.size(), path.get(), text.get()];
    room.words(words.into_iter().chain([0; SIZE / WORD - 5]))
}

/// Returns true if a path, relative to the kernel's, is that of a file.
///
/// A path with the hash of the file behind `#` is that of no file: the hash must be verified, which
/// this version cannot do.
fn is_same(path: &[u8], file: &[u8]) -> bool {
    let path = path.strip_prefix(b"./").unwrap_or(path);
    let relative = |path: &'_ [u8]| path.iter().copied().skip_while(|byte| *byte == b'/').count();
    let (path, file) = (&path[path.len() - relative(path)..], &file[file.len() - relative(file)..]);
    !path.is_empty() && path == file && !path.contains(&b'#')
}

/// The loaded kernel.
#[derive(Clone, Copy, Debug)]
struct Kernel<'a> {
    image: &'a [u8],
    start: VirtAddr,
}

impl<'a> Kernel<'a> {
    /// Returns the offset of a virtual address.
    fn offset(self, virt: u64) -> Result<usize, Refusal> {
        let offset = usize::try_from(virt.wrapping_sub(self.start.get())).ok();
        offset.filter(|offset| *offset < self.image.len()).ok_or(Refusal::InternalModules)
    }

    /// Returns the word with an index behind an address.
    fn word(self, virt: u64, index: usize) -> Result<u64, Refusal> {
        word(self.image, self.offset(virt)?.saturating_add(index * WORD)).ok_or(Refusal::InternalModules)
    }

    /// Returns the text at an address, without its zero.
    fn text(self, virt: u64) -> Result<&'a [u8], Refusal> {
        let rest = &self.image[self.offset(virt)?..];
        let rest = &rest[..rest.len().min(MAX_TEXT)];
        let end = rest.iter().position(|byte| *byte == 0).ok_or(Refusal::InternalModules)?;
        Ok(&rest[..end])
    }
}

#[cfg(test)]
mod tests {
    use super::is_same;

    #[test]
    fn a_path_is_relative_to_that_of_the_kernel() {
        assert!(is_same(b"disk.img", b"/disk.img"));
        assert!(is_same(b"./disk.img", b"/disk.img"));
        assert!(is_same(b"/disk.img", b"/disk.img"));
        assert!(!is_same(b"disk.img", b"/other.img"));
        assert!(!is_same(b"", b"/"));
    }

    #[test]
    fn a_path_with_a_hash_is_that_of_no_file() {
        assert!(!is_same(b"disk.img#12", b"/disk.img#12"));
    }
}
