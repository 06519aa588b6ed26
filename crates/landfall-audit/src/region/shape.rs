//! The kind of a mapping by its shape: addresses, permission and memory type.
//!
//! - The linear map has the offset at which most bytes of the upper half are mapped without X, of
//!   RAM if the RAM is known. It has at least 2 MiB.
//! - The image has the offset at which most bytes are executable. If that is the linear map's, the
//!   image is what is executable there.
//! - Other executable mappings are modules.
//! - Mappings of type IO, and mappings of memory that is no RAM, are those of devices.
//! - All others of the upper half are dynamic.
//! - In the lower half, mappings of the kernel alone are an identity map at their own physical
//!   addresses, and others elsewhere.

use std::collections::HashMap;

use crate::address::{Phys, Span, union};
use crate::kind::Kind;
use crate::known::Known;
use crate::run::Run;

/// A linear map has at least this many bytes.
const LEAST_LINEAR: u64 = 2 << 20;
/// Scattered memory has as many offsets as pages. Those of a linear map or an image have more
/// bytes.
const MOST_OFFSETS: usize = 1 << 16;

/// The offsets by which mappings are sorted.
pub(super) struct Shape {
    /// Sorted, and none touches another.
    ram: Vec<Span<Phys>>,
    linear: Option<u64>,
    image: Option<u64>,
}

impl Shape {
    pub(super) fn of(runs: &[Run], known: &Known) -> Self {
        let ram = union(&known.ram);
        let upper = || runs.iter().filter(|run| run.virt.is_upper());
        let data =
            upper().filter(|run| !run.attributes.executable() && run.attributes.memory().is_ordinary());
        let data = data.filter(|run| is_ram(&ram, run));
        let code = upper().filter(|run| run.attributes.executable());
        let linear = largest(data).filter(|(_, bytes)| *bytes >= LEAST_LINEAR);
        let linear = linear.map(|(offset, _)| offset);
        let image = largest(code).map(|(offset, _)| offset);
        Self { ram, linear, image }
    }

    pub(super) fn kind(&self, run: &Run) -> (Kind, &'static str) {
        let kind = self.bare_kind(run);
        (kind, kind.name())
    }

    fn bare_kind(&self, run: &Run) -> Kind {
        let offset = Some(run.offset());
        let attributes = run.attributes;
        if !run.virt.is_upper() {
            return match (attributes.user(), run.offset()) {
                (true, _) => Kind::User,
                (false, 0) => Kind::Identity,
                (false, _) => Kind::Other,
            };
        }
        if attributes.executable() {
            return if offset == self.image { Kind::Image } else { Kind::Modules };
        }
        if attributes.memory().is_io() || !is_ram(&self.ram, run) {
            Kind::Devices
        } else if offset == self.linear {
            Kind::LinearMap
        } else if offset == self.image {
            Kind::Image
        } else {
            Kind::Dynamic
        }
    }
}

/// Returns true if a part of the memory is RAM, or the RAM is not known.
fn is_ram(ram: &[Span<Phys>], run: &Run) -> bool {
    let first = ram.partition_point(|ram| ram.end() <= u128::from(run.phys.0));
    ram.is_empty() || ram.get(first).is_some_and(|ram| ram.overlaps(&Span::new(run.phys, run.size)))
}

/// Returns the offset of most bytes, and the bytes. Of two with as many, the lower one.
///
/// Of more than [`MOST_OFFSETS`], those with no more bytes than the average are forgotten.
fn largest<'a>(runs: impl Iterator<Item = &'a Run>) -> Option<(u64, u64)> {
    let mut bytes: HashMap<u64, u64> = HashMap::new();
    for run in runs {
        *bytes.entry(run.offset()).or_default() += run.size;
        if bytes.len() > MOST_OFFSETS {
            let average = bytes.values().sum::<u64>() / bytes.len() as u64;
            bytes.retain(|_, bytes| *bytes > average);
        }
    }
    bytes.into_iter().max_by_key(|(offset, bytes)| (*bytes, std::cmp::Reverse(*offset)))
}
