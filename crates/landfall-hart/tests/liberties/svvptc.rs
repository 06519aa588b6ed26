//! Programs for Svvptc: an invalid entry is used for a bounded time only.

use landfall_hart::liberty::Liberty;

use crate::assemble::Code;
use crate::encode::*;
use crate::program::{Care, Program};
use crate::tables::*;

pub(crate) const PROGRAMS: &[Program] = &[Program {
    tables: without_leaf,
    needs: &[Liberty::AbsentExtension],
    ..Program::new(Liberty::StaleInvalid, 16, waits)
}];

/// Maps a page, and uses it after a time in which it stores nothing. That is enough on a machine
/// with Svvptc alone.
fn waits(code: &mut Code, care: Care) {
    code.translate(0);
    code.entry(LAST, leaf(NEW, LEAF));
    if care == Care::Taken {
        code.put(&[sfence_vma(S0, ZERO)]);
    }
    code.li(T0, 5000);
    code.label("wait");
    code.put(&[addi(T0, T0, -1)]);
    code.branch(BNE, T0, ZERO, "wait");
    code.expect_window(NEW_WORD);
}

/// A kernel that never fences an entry which becomes valid passes wherever the extension is.
#[test]
fn an_invalid_entry_is_not_used_for_long_on_a_machine_with_svvptc() {
    let program = &PROGRAMS[0];
    let (mut with, mut without) = (0, 0);
    for seed in 0..64 {
        let has = program.machine(seed, program.liberties(), Care::Missing).extensions.svvptc;
        let (_, failed) = program.run(seed, program.liberties(), Care::Missing);
        assert!(!(has && failed), "seed {seed}: an invalid entry is used after thousands of instructions");
        with += u32::from(has);
        without += u32::from(failed);
    }
    assert!(with >= 16 && without >= 16, "{with} machines have Svvptc, {without} without it fail");
}
