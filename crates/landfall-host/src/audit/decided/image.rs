//! The image in memory: its parts, its policy, and its landing index.

use landfall_audit::{PAGE, Phys, Span};
use landfall_image::feature::Feature;
use landfall_image::landing_index::{IndexError, LandingIndex};
use landfall_image::record::{MAGIC, OFFSET, Parts, Record};
use landfall_plan::Policy;

use super::values::Values;
use super::{NoDecisions, Read, memory};

/// No kernel has a larger file.
const LARGEST: usize = 256 << 20;
/// The bytes of data that are searched at once for the index.
const CHUNK: usize = 1 << 20;

/// An image in memory.
#[derive(Debug)]
pub(super) struct Image {
    /// Its first byte.
    pub(super) base: Phys,
    /// Its parts.
    pub(super) parts: Parts,
    /// Its policy.
    pub(super) policy: Policy,
    record: Record,
}

/// Finds an image that begins at one of `places`.
pub(super) fn find(places: &[Phys], read: &mut Read<'_>) -> Result<Image, NoDecisions> {
    let mut fault = NoDecisions::NoKernel;
    for at in places {
        let Some(head) = read(Span::new(*at, PAGE)) else { continue };
        if !head[OFFSET..].starts_with(&MAGIC.to_le_bytes()) {
            continue;
        }
        match Image::read(*at, &head, read) {
            Ok(image) => return Ok(image),
            Err(error) => fault = error,
        }
    }
    Err(fault)
}

impl Image {
    /// Reads what the image states of itself: its first page, and its policy.
    fn read(base: Phys, head: &[u8], read: &mut Read<'_>) -> Result<Self, NoDecisions> {
        let of = |source| NoDecisions::Record { at: base, source };
        let size = head[OFFSET + 12..].first_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes));
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        if size < head.len() || size > LARGEST {
            return Err(NoDecisions::Damaged("the size of its file is wrong"));
        }
        // The bytes between are not looked at.
        let mut file = vec![0; size];
        file[..head.len()].copy_from_slice(head);
        let record = Record::read(&file).map_err(of)?;
        let parts = record.parts(&file).map_err(of)?;
        let policy = Span::new(base.wrapping_add(record.policy.offset.into()), record.policy.size.into());
        let bytes = memory(policy, read)?;
        let of = |reason: String| NoDecisions::Policy { at: base, reason };
        let policy = Policy::read(&bytes).map_err(|error| of(error.to_string()))?;
        Ok(Self { base, parts, policy, record })
    }

    /// Reads the values of the landing.
    pub(super) fn values(&self, read: &mut Read<'_>) -> Result<Values, NoDecisions> {
        let at = self.base;
        if self.record.missing.contains(Feature::Report) {
            return Err(NoDecisions::Without { at, feature: Feature::Report });
        }
        let of = |source| NoDecisions::Index { at, source };
        let Parts { text, constants, early, .. } = self.parts;
        let skipped = text + constants + early;
        let start = self.base.wrapping_add(skipped);
        let size = u64::from(self.record.file_size).saturating_sub(skipped);
        let mut data = Vec::new();
        while (data.len() as u64) < size {
            let from = data.len().saturating_sub(LandingIndex::SIZE) / 8 * 8;
            let chunk = (size - data.len() as u64).min(CHUNK as u64);
            data.extend(memory(Span::new(start.wrapping_add(data.len() as u64), chunk), read)?);
            let Some(found) = LandingIndex::find(&data[from..]).map(|found| from + found) else { continue };
            if data.len() - found < LandingIndex::SIZE && (data.len() as u64) < size {
                continue;
            }
            let index = LandingIndex::read(&data[found..]).map_err(of)?;
            return Values::read(self.base, start.wrapping_add(found as u64), &index, read);
        }
        Err(of(IndexError::Magic))
    }
}
