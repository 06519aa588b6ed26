//! Modules.

use crate::fixture::THIS_KERNEL;
use crate::object::{CONSTANTS, DATA, NOBITS, Object, UNDEFINED, export};

pub(crate) const RET: u32 = 0x0000_8067;
/// `auipc ra, 0`, `jalr ra, 0(ra)`
pub(crate) const CALL: [u32; 2] = [0x0000_0097, 0x0000_80e7];
/// `auipc a0, 0`, `addi a0, a0, 0`
pub(crate) const ADDRESS: [u32; 2] = [0x0000_0517, 0x0005_0513];

/// Numbers of relocation types.
pub(crate) const R_64: u32 = 2;
pub(crate) const CALL_PLT: u32 = 19;
pub(crate) const GOT_HI20: u32 = 20;
pub(crate) const PCREL_HI20: u32 = 23;
pub(crate) const PCREL_LO12_I: u32 = 24;

/// Returns a file with a name, for this kernel, and nothing else.
pub(crate) fn named(name: &str) -> Object {
    let mut object = Object::new();
    let text = format!("name={name}\0kernel={THIS_KERNEL}\0\0");
    object.section(".landfall.module", CONSTANTS, 1, text.as_bytes());
    object
}

/// Returns a module with all that a module may have. It exports `NAME_f`, a stable function.
pub(crate) fn whole(name: &str) -> Object {
    let mut object = named(name);
    let text = object.code(".text", &[ADDRESS[0], ADDRESS[1], CALL[0], CALL[1], RET, RET]);
    let constants = object.section(".rodata", CONSTANTS, 16, b"constant");
    let data = object.section(".data", DATA, 8, &[7; 24]);
    let bss = object.section(".bss", DATA, 64, &[]);
    object.at(bss).kind = NOBITS;
    object.at(bss).size = Some(5000);
    object.symbol("landfall_init", text, 0);
    object.symbol("landfall_exit", text, 20);
    let constant = object.symbol("constant", constants, 4);
    let near = object.symbol("near", UNDEFINED, 0);
    let label = object.symbol(".Lpcrel_hi0", text, 0);
    let variable = object.symbol("variable", bss, 8);
    object.relocate(text, 0, PCREL_HI20, constant, 0);
    object.relocate(text, 4, PCREL_LO12_I, label, 0);
    object.relocate(text, 8, CALL_PLT, near, 0);
    object.relocate(data, 0, R_64, variable, 3);
    let function = object.symbol(&format!("{name}_f"), text, 16);
    let exports =
        object.section(".landfall.exports", CONSTANTS, 8, &export(&format!("{name}_f=extern \"C\" fn()")));
    object.relocate(exports, 0, R_64, function, 0);
    object.section(".landfall.params", CONSTANTS, 1, b"count=u32\0\0");
    object.symbol("landfall_param_count", data, 8);
    object.symbols.last_mut().expect("it").size = 4;
    object
}
