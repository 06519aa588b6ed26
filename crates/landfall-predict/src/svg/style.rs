//! The picture's colors and type. A color's hue shows a permission. Its lightness, in violet, shows
//! the size of leaves. People with color blindness can distinguish both, and every color is also
//! named.

use std::fmt::Write;

use landfall_paging::{Access, LeafSize};

use crate::space::Kind;

/// The style of both light and dark paper.
const FIXED: &str = "\
.landfall{background:#fcfbf8;display:block;width:100%;height:auto;max-width:760px;margin:0 auto}
.landfall text{font:15px system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif}
.landfall .h1{font-size:26px;font-weight:700}
.landfall .h2{font-size:20px;font-weight:700}
.landfall .name{font-size:16px;font-weight:600}
.landfall .note{font-size:14px}
.landfall .mono,.landfall .mono-end,.landfall .tag{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace}
.landfall .tag{font-weight:700}
.landfall .digit{font-size:13px;font-weight:700}
.landfall .end,.landfall .mono-end{text-anchor:end}
.landfall .mid,.landfall .tag,.landfall .digit{text-anchor:middle}
.landfall .rule,.landfall .lines,.landfall .tick,.landfall .edge,.landfall .tear,.landfall .split,.landfall .rim{fill:none}
.landfall .unmapped{fill:url(#landfall-hatch)}
.landfall .edge{stroke-width:1.5}
.landfall .split{stroke-width:2.5}
.landfall .leaf{stroke-width:1.5}
.landfall .rim{stroke-width:7}
.landfall .tear{stroke-width:5}
.landfall .lines{stroke-width:1}
";

/// Selector, declarations on light paper, and on dark paper.
const COLOURS: [(&str, &str, &str); 19] = [
    (".paper", "fill:#fcfbf8", "fill:#15171c"),
    ("text", "fill:#1b1f27", "fill:#eceef2"),
    (".note,.muted", "fill:#555d6b", "fill:#a5adbb"),
    (".badge", "fill:#1b1f27", "fill:#eceef2"),
    (".on-badge", "fill:#fcfbf8", "fill:#15171c"),
    (".rule", "stroke:#d8d5cc", "stroke:#343842"),
    (".edge", "stroke:#3c434f", "stroke:#b4bbc8"),
    (".tick,.rim", "stroke:#9aa1ad", "stroke:#6a7280"),
    (".tear,.lines,.leaf", "stroke:#fcfbf8", "stroke:#15171c"),
    (".split", "stroke:#1b1f27", "stroke:#ffffff"),
    (".funnel", "fill:#ece9e1", "fill:#22262e"),
    (".RX", "fill:#d55e00", "fill:#e8741a"),
    (".R", "fill:#f2c230", "fill:#f2c94c"),
    (".RW", "fill:#0072b2", "fill:#3d9bd6"),
    (".mixed", "fill:#5f6878", "fill:#7d8798"),
    (".kept", "fill:#cfe6dc", "fill:#27483d"),
    (".unused", "fill:#eeebe4", "fill:#1e2129"),
    (".bare", "fill:#e3e0d8", "fill:#2b2f38"),
    (".hatch", "stroke:#a29d90", "stroke:#5b6372"),
];

/// Violet for the smallest leaf and for the largest, on light and on dark paper.
const VIOLET: [[[u32; 3]; 2]; 2] =
    [[[0xe7, 0xd8, 0xf3], [0x45, 0x17, 0x6e]], [[0x4a, 0x35, 0x63], [0xe0, 0xc9, 0xff]]];

/// Returns the style sheet, and the hatching of what is not mapped.
pub(super) fn sheet() -> String {
    let (mut light, mut dark) = (String::new(), String::new());
    for (selectors, on_light, on_dark) in COLOURS {
        for selector in selectors.split(',') {
            let _ = writeln!(light, ".landfall {selector}{{{on_light}}}");
            let _ = writeln!(dark, ".landfall {selector}{{{on_dark}}}");
        }
    }
    for size in LeafSize::ALL {
        let class = leaf(size);
        for (sheet, ends) in [(&mut light, VIOLET[0]), (&mut dark, VIOLET[1])] {
            let [red, green, blue] = violet(size, ends);
            let ink = if red + green + blue > 384 { "#1b1f27" } else { "#ffffff" };
            let _ = writeln!(sheet, ".landfall .{class}{{fill:#{red:02x}{green:02x}{blue:02x}}}");
            let _ = writeln!(sheet, ".landfall .on-{class}{{fill:{ink}}}");
        }
    }
    // The text on these colors.
    let inks = ".landfall .on-RX,.landfall .on-RW{fill:#ffffff}\n.landfall .on-R{fill:#1b1f27}\n";
    format!(
        "<style>\n{FIXED}{light}{inks}@media (prefers-color-scheme:dark){{\n.landfall{{background:#15171c}}\n{dark}.landfall .on-R,.landfall .on-RX,.landfall .on-RW{{fill:#15171c}}\n}}\n</style>\n\
         <defs><pattern id='landfall-hatch' width='9' height='9' patternUnits='userSpaceOnUse'>\
         <rect class='bare' width='9' height='9'/><path class='hatch' d='M0 9L9 0M-1 1L1 -1M8 10L10 8'/></pattern></defs>"
    )
}

/// Returns the style of what only an audit may find: pages that are writable and executable.
pub(super) fn of_audit() -> &'static str {
    "\n<style>\n.landfall .RWX{fill:#8c1c5c}\n.landfall .on-RWX{fill:#ffffff}\n@media (prefers-color-scheme:dark){\n\
     .landfall .RWX{fill:#e06fae}\n.landfall .on-RWX{fill:#15171c}\n}\n</style>"
}

/// Returns the class of a leaf's size.
pub(super) fn leaf(size: LeafSize) -> String {
    format!("leaf-{size}")
}

/// Returns the class of a permission.
pub(super) fn access(access: Access) -> &'static str {
    match access {
        Access::ReadOnly => "R",
        Access::ReadWrite => "RW",
        Access::ReadExecute => "RX",
    }
}

/// The class of what is not mapped.
pub(super) const UNMAPPED: &str = "unmapped";

/// Returns the class of a region in which nothing is mapped.
pub(super) fn empty(kind: Kind) -> &'static str {
    match kind {
        Kind::Near | Kind::Dynamic | Kind::Window => "kept",
        Kind::Unused => "unused",
        Kind::LinearMap | Kind::Kernel | Kind::Stacks | Kind::Guard => UNMAPPED,
    }
}

/// Returns a region's name.
pub(super) fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::LinearMap => "linear map",
        Kind::Near => "near region",
        Kind::Kernel => "kernel",
        Kind::Stacks => "stacks",
        Kind::Dynamic => "dynamic region",
        Kind::Window => "window left free",
        Kind::Guard => "guard",
        Kind::Unused => "unused",
    }
}

/// Returns a leaf's shade between the `ends`.
fn violet(size: LeafSize, ends: [[u32; 3]; 2]) -> [u32; 3] {
    let steps = LeafSize::ALL.len() - 1;
    let index = LeafSize::ALL.iter().position(|other| *other == size).unwrap_or(steps);
    let (index, steps) = (u32::try_from(index).unwrap_or(0), u32::try_from(steps).unwrap_or(1));
    std::array::from_fn(|channel| (ends[0][channel] * (steps - index) + ends[1][channel] * index) / steps)
}
