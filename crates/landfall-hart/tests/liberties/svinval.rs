//! Programs for the fences around `sinval.vma`: each part alone covers nothing.

use landfall_hart::liberty::Liberty;

use crate::assemble::Code;
use crate::encode::*;
use crate::program::{Care, Program};
use crate::tables::*;

pub(crate) const PROGRAMS: &[Program] =
    &[program(without_either), program(without_first), program(without_last), program(with_late_store)];

const fn program(write: fn(&mut Code, Care)) -> Program {
    Program {
        tables: plain,
        needs: &[Liberty::StaleLeaf],
        ..Program::new(Liberty::UnorderedSinval, 48, write)
    }
}

/// Changes a leaf, and invalidates it between fences.
fn invalidate(code: &mut Code, before: &[u32], after: &[u32]) {
    code.translate(0);
    code.expect_window(OLD_WORD);
    code.entry(LAST, leaf(NEW, LEAF));
    code.put(before);
    code.put(&[sinval_vma(S0, ZERO)]);
    code.put(after);
    code.expect_window(NEW_WORD);
}

const FIRST: &[u32] = &[SFENCE_W_INVAL];
const LAST_FENCE: &[u32] = &[SFENCE_INVAL_IR];

fn without_either(code: &mut Code, care: Care) {
    match care {
        Care::Missing => invalidate(code, &[], &[]),
        Care::Taken => invalidate(code, FIRST, LAST_FENCE),
    }
}

fn without_first(code: &mut Code, care: Care) {
    let first = if care == Care::Taken { FIRST } else { &[] };
    invalidate(code, first, LAST_FENCE);
}

fn without_last(code: &mut Code, care: Care) {
    let last = if care == Care::Taken { LAST_FENCE } else { &[] };
    invalidate(code, FIRST, last);
}

/// Changes the leaf again behind `sfence.w.inval`.
fn with_late_store(code: &mut Code, care: Care) {
    code.translate(0);
    code.expect_window(OLD_WORD);
    code.put(FIRST);
    code.entry(LAST, leaf(NEW, LEAF));
    if care == Care::Taken {
        code.put(FIRST);
    }
    code.put(&[sinval_vma(S0, ZERO)]);
    code.put(LAST_FENCE);
    code.expect_window(NEW_WORD);
}
