//! From the values of a landing to every mapping, by `docs/address-space.md`.

use landfall_audit::plan::Plan;
use landfall_audit::{Span, Virt};
use landfall_image::record::Parts;
use landfall_judge::intervals::{Interval, without};
use landfall_paging::{Access, Mapping, Mode, PAGE_SIZE, PhysAddr, VirtAddr};
use landfall_plan::policy::{Alias, Placement};
use landfall_predict::leaves::runs;
use serde_json::{Value, json};

use super::image::Image;
use super::values::Values;
use super::{Decided, NoDecisions};

/// The linear map's offset is a multiple of this.
const LINEAR_GRAIN: u64 = 1 << 30;
/// The image's virtual address is congruent to the physical one modulo this.
const IMAGE_GRAIN: u64 = 2 << 20;
/// Physical addresses have 56 bits.
const PHYSICAL_END: u64 = 1 << 56;

/// Returns the plan of a kernel with this image and these values.
pub(super) fn plan(image: &Image, values: &Values) -> Result<Decided, NoDecisions> {
    let mode = match values.root.mode {
        landfall_audit::Mode::Sv39 => Mode::Sv39,
        landfall_audit::Mode::Sv48 => Mode::Sv48,
        landfall_audit::Mode::Sv57 => Mode::Sv57,
    };
    let linear = linear_map(image, values)?;
    let mut mappings = linear.clone();
    mappings.extend(own_region(image, values)?);
    mappings.extend(values.stacks.harts().map(|hart| Mapping {
        virt: values.stacks.bottom(hart),
        phys: values.stacks.memory(hart),
        size: values.stacks.size,
        access: Access::ReadWrite,
    }));
    mappings.sort_by_key(|mapping| mapping.virt);
    check(mode, &mappings)?;
    let plan = Plan::parse(&json(image, values, mode, &linear, &mappings).to_string())?;
    let runs = plan.runs()?.unwrap_or_default();
    Ok(Decided { root: values.root, plan, runs, left: left(image, values, mode) })
}

/// All RAM within reach that may be mapped, with the permissions of the image's parts.
fn linear_map(image: &Image, values: &Values) -> Result<Vec<Mapping>, NoDecisions> {
    let Values { ram, no_map, linear_offset: offset, linear_end, .. } = values;
    if offset % LINEAR_GRAIN != 0 {
        return Err(NoDecisions::Damaged("the offset of the linear map is no multiple of 1 GiB"));
    }
    let beyond = Interval { start: *linear_end, end: u64::MAX };
    let holes: Vec<_> = no_map.iter().copied().chain([beyond]).collect();
    let all = without(ram, &holes);
    let Parts { text, constants, .. } = image.parts;
    let text = Interval::new(image.base.0, text);
    let constants = Interval::new(text.end, constants);
    let read_only = Interval { start: text.start, end: constants.end };
    let whole = Interval::new(text.start, size(image)?);
    if !all.iter().any(|range| range.holds(whole)) {
        return Err(NoDecisions::Damaged("the linear map does not hold the image"));
    }
    let own = if image.policy.placement() == Placement::LinearMap {
        vec![(text, Access::ReadExecute), (constants, Access::ReadOnly)]
    } else if image.policy.alias() == Alias::ReadOnly {
        vec![(read_only, Access::ReadOnly)]
    } else {
        Vec::new()
    };
    let rest = without(&all, &[read_only]).into_iter().map(|range| (range, Access::ReadWrite));
    let mapping = |(range, access): (Interval, Access)| Mapping {
        virt: VirtAddr::new(range.start.wrapping_add(*offset)),
        phys: PhysAddr::new(range.start),
        size: range.size(),
        access,
    };
    let mut mappings: Vec<_> = own.into_iter().chain(rest).map(mapping).collect();
    mappings.retain(|mapping| mapping.size != 0);
    mappings.sort_by_key(|mapping| mapping.phys);
    Ok(mappings)
}

/// Returns the bytes of an image, which physical memory can hold.
fn size(image: &Image) -> Result<u64, NoDecisions> {
    let Parts { text, constants, early, data } = image.parts;
    let sizes = [text, constants, early, data];
    let size = sizes.into_iter().try_fold(0_u64, u64::checked_add);
    size.filter(|size| *size < PHYSICAL_END).ok_or(NoDecisions::Damaged("the image is too large"))
}

/// The image in a region of its own, without the part that only the landing uses.
fn own_region(image: &Image, values: &Values) -> Result<Vec<Mapping>, NoDecisions> {
    let (base, virt) = (image.base.0, values.image_virtual);
    let offset = virt.wrapping_sub(base);
    if image.policy.placement() == Placement::LinearMap {
        let is_right = offset == values.linear_offset;
        return if is_right { Ok(Vec::new()) } else { Err(NoDecisions::Damaged("the image is elsewhere")) };
    }
    if offset % IMAGE_GRAIN != 0 {
        return Err(NoDecisions::Damaged("the image is not congruent to its memory modulo 2 MiB"));
    }
    let Parts { text, constants, early, data } = image.parts;
    let parts = [
        (0, text, Access::ReadExecute),
        (text, constants, Access::ReadOnly),
        (text + constants + early, data, Access::ReadWrite),
    ];
    let mapping = |(at, size, access): (u64, u64, Access)| Mapping {
        virt: VirtAddr::new(virt.wrapping_add(at)),
        phys: PhysAddr::new(base.wrapping_add(at)),
        size,
        access,
    };
    Ok(parts.map(mapping).into_iter().filter(|mapping| mapping.size != 0).collect())
}

/// Refuses mappings that no table has.
fn check(mode: Mode, mappings: &[Mapping]) -> Result<(), NoDecisions> {
    for Mapping { virt, phys, size, .. } in mappings {
        let is_whole = (virt.get() | phys.get() | size) % PAGE_SIZE == 0;
        let above = virt.get().checked_sub(mode.upper_half().get());
        let fits =
            above.and_then(|above| above.checked_add(*size)).is_some_and(|end| end <= mode.half_size());
        if !is_whole || !fits || phys.get().saturating_add(*size) > PHYSICAL_END {
            return Err(NoDecisions::Damaged("a mapping is not valid"));
        }
    }
    let overlap = |pair: &[Mapping]| pair[1].virt.get() - pair[0].virt.get() < pair[0].size;
    if mappings.windows(2).any(overlap) {
        return Err(NoDecisions::Damaged("two mappings overlap"));
    }
    Ok(())
}

/// Returns the addresses that the plan leaves to the kernel: the lower half, the near and the
/// dynamic region, and windows.
fn left(image: &Image, values: &Values, mode: Mode) -> Vec<Span<Virt>> {
    let windows =
        image.policy.windows(mode).map(|window| Span::new(Virt(window.start().get()), window.size()));
    let lower = Span::new(Virt(0), 1 << 63);
    let mut left: Vec<_> = [lower, values.near, values.dynamic].into_iter().chain(windows).collect();
    left.retain(|span| span.size != 0);
    left.sort_unstable();
    left
}

/// Returns the plan in the form of `plan --format json`.
fn json(image: &Image, values: &Values, mode: Mode, linear: &[Mapping], all: &[Mapping]) -> Value {
    let extent = |start: u64, size: u64| json!({ "virtual": format!("{start:#x}"), "size": size });
    let spanned = linear.first().zip(linear.last()).map_or(Value::Null, |(first, last)| {
        extent(first.virt.get(), last.virt.get().wrapping_sub(first.virt.get()) + last.size)
    });
    let range = |span: Span<Virt>| extent(span.start.0, span.size);
    let stacks = &values.stacks;
    let part = |hart| {
        let mut part = extent(stacks.bottom(hart).get(), stacks.size);
        part["what"] = format!("stack {hart}").into();
        part
    };
    let mapping = |run: landfall_predict::leaves::Run| {
        let mut mapping = extent(run.mapping.virt.get(), run.mapping.size);
        mapping["physical"] = format!("{:#x}", run.mapping.phys.get()).into();
        mapping["access"] = run.mapping.access.name().into();
        mapping["leaf"] = run.leaf.name().into();
        mapping
    };
    let leaves = all.iter().flat_map(|mapping| runs(mode, values.format, *mapping));
    json!({
        "outcome": "landed",
        "mode": mode.name(),
        "kernel": extent(values.image_virtual, size(image).unwrap_or(0)),
        "linear_map": spanned,
        "near": range(values.near),
        "dynamic": range(values.dynamic),
        "stacks": extent(stacks.virt.get(), stacks.range().size()),
        "regions": [{ "kind": "stacks", "parts": stacks.harts().map(part).collect::<Vec<_>>() }],
        "mappings": leaves.map(mapping).collect::<Vec<_>>(),
    })
}
