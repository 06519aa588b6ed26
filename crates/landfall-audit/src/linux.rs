//! The virtual memory layout of Linux on RISC-V, as its documentation states it
//! (`Documentation/arch/riscv/vm-layout.rst`, Linux 6.12 and later).
//!
//! With KASLR the kernel's image is elsewhere in its 2 GiB, and the region is the same. Kernels
//! before 6.12 map less of sv39's linear map; no other region is there.

use crate::address::{Span, Virt};
use crate::kind::Kind;
use crate::known::{Layout, Named};
use crate::root::Mode;

/// First and last address, kind and name.
type Row = (u64, u64, Kind, &'static str);

const SV39: [Row; 6] = [
    (0xffff_ffc4_fea0_0000, 0xffff_ffc4_feff_ffff, Kind::Fixmap, "fixmap"),
    (0xffff_ffc4_ff00_0000, 0xffff_ffc4_ffff_ffff, Kind::Devices, "PCI io"),
    (0xffff_ffc5_0000_0000, 0xffff_ffc5_ffff_ffff, Kind::Dynamic, "vmemmap"),
    (0xffff_ffc6_0000_0000, 0xffff_ffd5_ffff_ffff, Kind::Dynamic, "vmalloc/ioremap"),
    (0xffff_ffd6_0000_0000, 0xffff_fff5_ffff_ffff, Kind::LinearMap, "direct mapping"),
    (0xffff_fff7_0000_0000, 0xffff_fffe_ffff_ffff, Kind::Other, "kasan"),
];

const SV48: [Row; 6] = [
    (0xffff_8d7f_fea0_0000, 0xffff_8d7f_feff_ffff, Kind::Fixmap, "fixmap"),
    (0xffff_8d7f_ff00_0000, 0xffff_8d7f_ffff_ffff, Kind::Devices, "PCI io"),
    (0xffff_8d80_0000_0000, 0xffff_8f7f_ffff_ffff, Kind::Dynamic, "vmemmap"),
    (0xffff_8f80_0000_0000, 0xffff_af7f_ffff_ffff, Kind::Dynamic, "vmalloc/ioremap"),
    (0xffff_af80_0000_0000, 0xffff_ef7f_ffff_ffff, Kind::LinearMap, "direct mapping"),
    (0xffff_ef80_0000_0000, 0xffff_fffe_ffff_ffff, Kind::Other, "kasan"),
];

const SV57: [Row; 6] = [
    (0xff1b_ffff_fea0_0000, 0xff1b_ffff_feff_ffff, Kind::Fixmap, "fixmap"),
    (0xff1b_ffff_ff00_0000, 0xff1b_ffff_ffff_ffff, Kind::Devices, "PCI io"),
    (0xff1c_0000_0000_0000, 0xff1f_ffff_ffff_ffff, Kind::Dynamic, "vmemmap"),
    (0xff20_0000_0000_0000, 0xff5f_ffff_ffff_ffff, Kind::Dynamic, "vmalloc/ioremap"),
    (0xff60_0000_0000_0000, 0xffde_ffff_ffff_ffff, Kind::LinearMap, "direct mapping"),
    (0xffdf_0000_0000_0000, 0xffff_fffe_ffff_ffff, Kind::Other, "kasan"),
];

/// The same in all modes.
const TOP: [Row; 2] = [
    (0xffff_ffff_0000_0000, 0xffff_ffff_7fff_ffff, Kind::Modules, "modules, BPF"),
    (0xffff_ffff_8000_0000, 0xffff_ffff_ffff_ffff, Kind::Image, "kernel"),
];

/// Returns the documented layout of a mode.
#[must_use]
pub fn layout(mode: Mode) -> Layout {
    let rows = match mode {
        Mode::Sv39 => SV39,
        Mode::Sv48 => SV48,
        Mode::Sv57 => SV57,
    };
    Layout::new(rows.into_iter().chain(TOP).map(|(first, last, kind, name)| Named {
        span: Span::new(Virt(first), last - first + 1),
        kind,
        name: name.to_owned(),
    }))
}

/// The symbols that begin parts of Linux's image (`arch/riscv/kernel/vmlinux.lds.S`), and the names
/// of the parts.
pub const SYMBOLS: [(&str, &str); 6] = [
    ("_start", "head and text"),
    ("__init_text_begin", "init text"),
    ("__init_data_begin", "init data"),
    ("__start_rodata", "constants"),
    ("_data", "data"),
    ("__bss_start", "bss"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rows_are_in_order_and_in_the_upper_half_of_their_mode() {
        for mode in Mode::ALL {
            let layout = layout(mode);
            assert_eq!(layout.regions.len(), 8, "{mode}");
            for named in &layout.regions {
                let start = named.span.start.0;
                assert_eq!(mode.canonical(start), start, "{mode}: {}", named.name);
            }
            let ends =
                layout.regions.windows(2).all(|pair| pair[0].span.end() <= u128::from(pair[1].span.start.0));
            assert!(ends, "{mode}");
        }
    }
}
