//! The landing, as a C structure.

use landfall::Landing as RustLanding;
use landfall::plan::KaslrState;

use super::range::{Bytes, Range};

/// The version of the structures: `LF_ABI`.
const ABI: u32 = 1;

/// `struct lf_landing`.
#[derive(Debug)]
#[repr(C)]
pub(super) struct Landing {
    abi: u32,
    size: u32,
    mode: u32,
    seed_bits: u32,
    boot_hart: u64,
    satp: u64,
    timebase: u64,
    image: Range,
    image_memory: Range,
    linear: Range,
    dynamic: Range,
    near: Range,
    crash: Range,
    tree: Bytes,
    command_line: Bytes,
    initrd: Bytes,
    build_id: Bytes,
}

impl Landing {
    pub(super) fn of(landing: &'static RustLanding) -> Self {
        let (plan, facts) = (landing.plan(), landing.facts());
        let seed_bits = match plan.kaslr {
            KaslrState::Random(seed) => seed.bits,
            _ => 0,
        };
        let image = plan.image.phys.all();
        let span = plan.linear.span;
        Self {
            abi: ABI,
            size: size_of::<Self>() as u32,
            mode: landing.mode().virtual_bits(),
            seed_bits,
            boot_hart: facts.boot_hart,
            satp: landing.satp().bits(),
            timebase: facts.timebase,
            image: landfall::address::VirtRange::new(plan.image.virt, image.size()).into(),
            image_memory: image.into(),
            linear: landfall::address::VirtRange::new(plan.linear.virt(span.start()), span.size()).into(),
            dynamic: plan.dynamic.into(),
            near: plan.near.into(),
            crash: landing.crash_memory().map_or_else(Range::default, Range::from),
            tree: landing.tree().into(),
            command_line: landing.command_line().as_bytes().into(),
            initrd: landing.initrd().unwrap_or_default().into(),
            build_id: landing.build_id().into(),
        }
    }
}
