//! Vector loads and stores. Segments have the names of single elements.
//!
//! Encodings from the specifications' own list (riscv-opcodes), sorted within a group.

use super::{Effect, Group, Rounding, group};

/// V.
#[rustfmt::skip]
pub(super) const VECTOR_MEMORY: &[Group] = &[
    group(0xfff0_707f, Effect::Memory, Rounding::None, &[
        (0x0280_0007, "vl1re8.v"), (0x0280_0027, "vs1r.v"), (0x0280_5007, "vl1re16.v"),
        (0x0280_6007, "vl1re32.v"), (0x0280_7007, "vl1re64.v"), (0x02b0_0007, "vlm.v"),
        (0x02b0_0027, "vsm.v"),
    ]),
    group(0x1df0_707f, Effect::Memory, Rounding::None, &[
        (0x0000_0007, "vle8.v"), (0x0000_0027, "vse8.v"), (0x0000_5007, "vle16.v"),
        (0x0000_5027, "vse16.v"), (0x0000_6007, "vle32.v"), (0x0000_6027, "vse32.v"),
        (0x0000_7007, "vle64.v"), (0x0000_7027, "vse64.v"), (0x0100_0007, "vle8ff.v"),
        (0x0100_5007, "vle16ff.v"), (0x0100_6007, "vle32ff.v"), (0x0100_7007, "vle64ff.v"),
    ]),
    group(0x1c00_707f, Effect::Memory, Rounding::None, &[
        (0x0400_0007, "vluxei8.v"), (0x0400_0027, "vsuxei8.v"), (0x0400_5007, "vluxei16.v"),
        (0x0400_5027, "vsuxei16.v"), (0x0400_6007, "vluxei32.v"), (0x0400_6027, "vsuxei32.v"),
        (0x0400_7007, "vluxei64.v"), (0x0400_7027, "vsuxei64.v"), (0x0800_0007, "vlse8.v"),
        (0x0800_0027, "vsse8.v"), (0x0800_5007, "vlse16.v"), (0x0800_5027, "vsse16.v"),
        (0x0800_6007, "vlse32.v"), (0x0800_6027, "vsse32.v"), (0x0800_7007, "vlse64.v"),
        (0x0800_7027, "vsse64.v"), (0x0c00_0007, "vloxei8.v"), (0x0c00_0027, "vsoxei8.v"),
        (0x0c00_5007, "vloxei16.v"), (0x0c00_5027, "vsoxei16.v"), (0x0c00_6007, "vloxei32.v"),
        (0x0c00_6027, "vsoxei32.v"), (0x0c00_7007, "vloxei64.v"), (0x0c00_7027, "vsoxei64.v"),
    ]),
    group(0xfff0_70ff, Effect::Memory, Rounding::None, &[
        (0x2280_0007, "vl2re8.v"), (0x2280_0027, "vs2r.v"), (0x2280_5007, "vl2re16.v"),
        (0x2280_6007, "vl2re32.v"), (0x2280_7007, "vl2re64.v"),
    ]),
    group(0xfff0_71ff, Effect::Memory, Rounding::None, &[
        (0x6280_0007, "vl4re8.v"), (0x6280_0027, "vs4r.v"), (0x6280_5007, "vl4re16.v"),
        (0x6280_6007, "vl4re32.v"), (0x6280_7007, "vl4re64.v"),
    ]),
    group(0xfff0_73ff, Effect::Memory, Rounding::None, &[
        (0xe280_0007, "vl8re8.v"), (0xe280_0027, "vs8r.v"), (0xe280_5007, "vl8re16.v"),
        (0xe280_6007, "vl8re32.v"), (0xe280_7007, "vl8re64.v"),
    ]),
];
