//! The device tree of a machine.
//!
//! Sources: the Devicetree Specification 0.4; Linux's bindings `riscv/cpus.yaml`,
//! `riscv/extensions.yaml`, `interrupt-controller/sifive,plic-1.0.0.yaml`,
//! `interrupt-controller/riscv,aplic.yaml` and `serial/8250.yaml`; dt-schema's `chosen.yaml`.

mod soc;

use vm_fdt::{FdtWriter, FdtWriterResult};

use super::{BLOCK, Config, Region, RegionKind, Span};

/// The phandle of the interrupt controller; those of the harts follow.
const CONTROLLER: u32 = 1;

/// The seeds in `/chosen`; an empty one is left out.
#[derive(Clone, Debug, Default)]
pub(super) struct Seeds {
    /// `rng-seed`.
    pub(super) rng: Vec<u8>,
    /// `kaslr-seed`.
    pub(super) kaslr: Vec<u8>,
}

/// Returns a bound on the bytes of a tree that depends on what the user gives alone.
pub(super) fn largest(harts: usize, command_line: &str) -> u64 {
    (0x2000 + 0x400 * harts as u64 + command_line.len() as u64).next_multiple_of(0x1000)
}

/// Returns the device tree of a machine.
pub(super) fn write(config: &Config, seeds: &Seeds) -> FdtWriterResult<Vec<u8>> {
    let mut fdt = FdtWriter::new()?;
    let root = fdt.begin_node("")?;
    fdt.property_u32("#address-cells", 2)?;
    fdt.property_u32("#size-cells", 2)?;
    fdt.property_string("compatible", "riscv-virtio")?;
    fdt.property_string("model", "landfall-hart")?;
    write_chosen(&mut fdt, config, seeds)?;
    write_cpus(&mut fdt, config)?;
    write_memory(&mut fdt, &config.regions)?;
    write_reserved(&mut fdt, &config.regions)?;
    soc::write_soc(&mut fdt, config)?;
    fdt.end_node(root)?;
    fdt.finish()
}

fn write_chosen(fdt: &mut FdtWriter, config: &Config, seeds: &Seeds) -> FdtWriterResult<()> {
    let chosen = fdt.begin_node("chosen")?;
    fdt.property_string("stdout-path", &format!("/soc/serial@{:x}", config.devices.uart))?;
    if !config.command_line.is_empty() {
        fdt.property_string("bootargs", &config.command_line)?;
    }
    if let Some(initrd) = config.initrd {
        fdt.property_u64("linux,initrd-start", initrd.start)?;
        fdt.property_u64("linux,initrd-end", initrd.end())?;
    }
    for (name, seed) in [("rng-seed", &seeds.rng), ("kaslr-seed", &seeds.kaslr)] {
        if !seed.is_empty() {
            fdt.property(name, seed)?;
        }
    }
    fdt.end_node(chosen)
}

fn write_cpus(fdt: &mut FdtWriter, config: &Config) -> FdtWriterResult<()> {
    let wide = config.harts.iter().chain(&config.disabled).any(|&id| id > u32::MAX.into());
    let cpus = fdt.begin_node("cpus")?;
    fdt.property_u32("#address-cells", if wide { 2 } else { 1 })?;
    fdt.property_u32("#size-cells", 0)?;
    #[expect(clippy::cast_possible_truncation, reason = "the binding has 32 bits for it")]
    fdt.property_u32("timebase-frequency", config.timebase as u32)?;
    let running = config.harts.iter().map(|id| (id, "okay"));
    let listed = running.chain(config.disabled.iter().map(|id| (id, "disabled")));
    for ((&id, status), phandle) in listed.zip(CONTROLLER + 1..) {
        let cpu = fdt.begin_node(&format!("cpu@{id:x}"))?;
        fdt.property_string("device_type", "cpu")?;
        match u32::try_from(id) {
            Ok(id) if !wide => fdt.property_u32("reg", id)?,
            _ => fdt.property_u64("reg", id)?,
        }
        fdt.property_string("status", status)?;
        write_hart(fdt, config)?;
        let controller = fdt.begin_node("interrupt-controller")?;
        fdt.property_u32("#interrupt-cells", 1)?;
        fdt.property_null("interrupt-controller")?;
        fdt.property_string("compatible", "riscv,cpu-intc")?;
        fdt.property_phandle(phandle)?;
        fdt.end_node(controller)?;
        fdt.end_node(cpu)?;
    }
    fdt.end_node(cpus)
}

/// Writes the properties that all harts share.
fn write_hart(fdt: &mut FdtWriter, config: &Config) -> FdtWriterResult<()> {
    let block = u32::try_from(BLOCK).unwrap_or_default();
    let extensions = &config.extensions;
    fdt.property_string("compatible", "riscv")?;
    fdt.property_string("mmu-type", &format!("riscv,{}", config.widest.name()))?;
    fdt.property_string("riscv,isa-base", "rv64i")?;
    let names = ["i", "m", "a", "f", "d", "c"].into_iter().chain(extensions.names());
    fdt.property_string_list("riscv,isa-extensions", names.map(String::from).collect())?;
    let string = extensions.names().fold(String::from("rv64imafdc"), |string, name| string + "_" + name);
    fdt.property_string("riscv,isa", &string)?;
    if extensions.zicbom {
        fdt.property_u32("riscv,cbom-block-size", block)?;
    }
    if extensions.zicboz {
        fdt.property_u32("riscv,cboz-block-size", block)?;
    }
    Ok(())
}

/// Writes a node for each run of adjacent RAM. The firmware's is RAM too, and reserved.
fn write_memory(fdt: &mut FdtWriter, regions: &[Region]) -> FdtWriterResult<()> {
    let ram = regions.iter().filter(|region| matches!(region.kind, RegionKind::Ram | RegionKind::Firmware));
    let mut runs: Vec<Span> = Vec::new();
    for region in ram {
        match runs.last_mut() {
            Some(run) if run.end() == region.start => run.len += region.len,
            _ => runs.push(region.span()),
        }
    }
    for run in runs {
        let node = fdt.begin_node(&format!("memory@{:x}", run.start))?;
        fdt.property_string("device_type", "memory")?;
        fdt.property_array_u64("reg", &[run.start, run.len])?;
        fdt.end_node(node)?;
    }
    Ok(())
}

fn write_reserved(fdt: &mut FdtWriter, regions: &[Region]) -> FdtWriterResult<()> {
    let node = fdt.begin_node("reserved-memory")?;
    fdt.property_u32("#address-cells", 2)?;
    fdt.property_u32("#size-cells", 2)?;
    fdt.property_null("ranges")?;
    for region in regions.iter().filter(|region| region.kind == RegionKind::Firmware) {
        let reserved = fdt.begin_node(&format!("firmware@{:x}", region.start))?;
        fdt.property_array_u64("reg", &[region.start, region.len])?;
        fdt.property_null("no-map")?;
        fdt.end_node(reserved)?;
    }
    fdt.end_node(node)
}

#[cfg(test)]
mod tests;
