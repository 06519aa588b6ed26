//! Programs for the liberties of memory order and of fetches.

use landfall_hart::liberty::Liberty;

use crate::assemble::Code;
use crate::encode::*;
use crate::program::{Care, Program};
use crate::tables::{self, WINDOW, plain};

pub(crate) const PROGRAMS: &[Program] = &[
    Program { harts: 2, ..Program::new(Liberty::OldLoad, 60, old_load) },
    Program { harts: 2, ..Program::new(Liberty::OldLoad, 60, old_load_of_neighbor) },
    Program { harts: 2, ..Program::new(Liberty::LateStore, 60, late_store) },
    Program { harts: 2, ..Program::new(Liberty::LateStore, 60, late_store_of_neighbor) },
    Program {
        harts: 2,
        needs: &[Liberty::OldLoad, Liberty::LateStore],
        ..Program::new(Liberty::UnorderedCall, 48, unordered_call)
    },
    Program::new(Liberty::SpuriousSc, 60, spurious_sc),
    Program::new(Liberty::StaleFetch, 48, stale_fetch),
    Program { tables: plain, ..Program::new(Liberty::StaleFetch, 48, stale_fetch_of_alias) },
    Program::new(Liberty::StaleFetch, 48, stale_fetch_behind_many_stores),
];

/// The HSM extension: start and stop.
pub(crate) const HSM: u64 = 0x0048_534d;
/// Words that the harts share: what is published, and the flags that publish it.
const WORDS: u64 = 0x8050_0000;
const FLAGS: u64 = 0x8060_0000;
/// Flags in the same words.
const NEIGHBORS: u64 = WORDS + 1;
/// The rounds of message passing: each has a byte and a flag of its own.
const ROUNDS: u64 = 4000;

/// Starts hart 1 at a label.
pub(crate) fn start_other(code: &mut Code, label: &'static str) {
    code.la(A1, label);
    code.li(A0, 1);
    code.li(A6, 0);
    code.li(A7, HSM);
    code.put(&[ECALL]);
}

/// Hart 0 publishes bytes; hart 1 reads each after its flag.
fn message_passing(code: &mut Code, flags: u64, writer: &[u32], reader: &[u32]) {
    for (label, own, other) in [("writer", WORDS, flags), ("reader", flags, WORDS)] {
        if label == "writer" {
            start_other(code, "reader");
        } else {
            code.label("reader");
        }
        code.li(S0, own);
        code.li(S1, other);
        code.li(S2, ROUNDS);
        code.li(S3, 1);
        code.label(if label == "writer" { "write" } else { "poll" });
        if label == "writer" {
            code.label("store");
            code.put(&[sb(S3, S0, 0)]);
            code.put(writer);
            // The reader is faster, so it waits for the newest flag each time.
            code.put(&[sb(S3, S1, 0)]);
            code.put(&[addi(ZERO, ZERO, 0); 8]);
            code.put(&[addi(S0, S0, 8), addi(S1, S1, 8), addi(S2, S2, -1)]);
            code.branch(BNE, S2, ZERO, "write");
            code.sbi(HSM, 1, &[]);
        } else {
            code.put(&[lbu(A0, S0, 0)]);
            code.branch(BEQ, A0, ZERO, "poll");
            code.put(reader);
            code.label("use");
            code.put(&[lbu(A1, S1, 0)]);
            code.branch(BEQ, A1, ZERO, "fail");
            code.put(&[addi(S0, S0, 8), addi(S1, S1, 8), addi(S2, S2, -1)]);
            code.branch(BNE, S2, ZERO, "poll");
        }
    }
}

/// The reader has no fence.
fn old_load(code: &mut Code, care: Care) {
    let fence: &[u32] = if care == Care::Taken { &[FENCE_R_R] } else { &[] };
    message_passing(code, FLAGS, &[FENCE_W_W], fence);
}

/// The same in one word: accesses that share no byte have no order.
fn old_load_of_neighbor(code: &mut Code, care: Care) {
    let fence: &[u32] = if care == Care::Taken { &[FENCE_R_R] } else { &[] };
    message_passing(code, NEIGHBORS, &[FENCE_W_W], fence);
}

/// The writer has no fence.
fn late_store(code: &mut Code, care: Care) {
    let fence: &[u32] = if care == Care::Taken { &[FENCE_W_W] } else { &[] };
    message_passing(code, FLAGS, fence, &[FENCE_R_R]);
}

/// The same in one word.
fn late_store_of_neighbor(code: &mut Code, care: Care) {
    let fence: &[u32] = if care == Care::Taken { &[FENCE_W_W] } else { &[] };
    message_passing(code, NEIGHBORS, fence, &[FENCE_R_R]);
}

/// Leaves a record for the hart that it starts.
fn unordered_call(code: &mut Code, care: Care) {
    code.li(S0, WORDS);
    code.li(S1, 7);
    for word in 0..8 {
        code.put(&[sd(S1, S0, 8 * word)]);
    }
    if care == Care::Taken {
        code.put(&[FENCE_RW_OW]);
    }
    start_other(code, "other");
    code.sbi(HSM, 1, &[]);
    code.label("other");
    code.li(S0, WORDS);
    for word in 0..8 {
        code.put(&[ld(A0, S0, 8 * word)]);
        code.expect(A0, 7);
    }
}

/// Takes the failure of a store-conditional for a conflict.
fn spurious_sc(code: &mut Code, care: Care) {
    code.li(S0, WORDS);
    code.li(S1, 40);
    code.label("again");
    code.put(&[lr_d(A0, S0), addi(A0, A0, 1), sc_d(A1, A0, S0)]);
    code.branch(BNE, A1, ZERO, if care == Care::Taken { "again" } else { "fail" });
    code.put(&[addi(S1, S1, -1)]);
    code.branch(BNE, S1, ZERO, "again");
    code.put(&[ld(A0, S0, 0)]);
    code.expect(A0, 40);
}

/// Calls a function, patches it through `S4` from its own address, and calls it again.
fn patch(code: &mut Code, care: Care) {
    code.call("function");
    code.expect(A0, 1);
    code.li(T0, u64::from(addi(A0, ZERO, 2)));
    code.la(T1, "function");
    code.put(&[add(T1, T1, S4)]);
    code.label("store");
    code.put(&[sw(T0, T1, 0)]);
    if care == Care::Taken {
        code.put(&[FENCE_I]);
    }
    code.call("function");
    code.expect(A0, 2);
    code.jump("pass");
    code.label("function");
    code.put(&[addi(A0, ZERO, 1), RET]);
}

/// Patches a function, and then stores a page of bytes beside it.
fn stale_fetch_behind_many_stores(code: &mut Code, care: Care) {
    code.call("function");
    code.expect(A0, 1);
    code.li(T0, u64::from(addi(A0, ZERO, 2)));
    code.la(T1, "function");
    code.put(&[sw(T0, T1, 0)]);
    code.li(S2, 4096);
    code.label("more");
    code.put(&[sw(S2, T1, 8), addi(S2, S2, -1)]);
    code.branch(BNE, S2, ZERO, "more");
    if care == Care::Taken {
        code.put(&[FENCE_I]);
    }
    code.call("function");
    code.expect(A0, 2);
    code.jump("pass");
    code.label("function");
    code.put(&[addi(A0, ZERO, 1), RET, 0, 0]);
}

/// Patches a function at its own address.
fn stale_fetch(code: &mut Code, care: Care) {
    code.li(S4, 0);
    patch(code, care);
}

/// Patches a function through another mapping: a leaf of 2 MiB in the window.
fn stale_fetch_of_alias(code: &mut Code, care: Care) {
    const KERNEL: u64 = 0x8020_0000;
    code.translate(0);
    code.entry(tables::MIDDLE, tables::leaf(KERNEL, tables::LEAF));
    code.put(&[sfence_vma(ZERO, ZERO)]);
    code.li(S4, WINDOW.wrapping_sub(KERNEL));
    patch(code, care);
}
