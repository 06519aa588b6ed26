//! Kernels as compilers and linkers make them: gcc with GNU ld, gcc with LLD, rustc.
//!
//! The compilers are programs of this machine: `cargo test -p landfall-wrap --test linked --
//! --include-ignored`.

#[path = "../host/loaded/check.rs"]
mod check;
#[path = "../host/oracle.rs"]
mod oracle;
mod sources;
mod tools;

use landfall_wrap::{Inner, Kind, Rule};
use tools::{Tools, built};

const PIE: [&str; 3] = ["-fPIE", "-static-pie", "-Wl,--no-dynamic-linker"];
const FIXED: [&str; 5] =
    ["-fno-pie", "-no-pie", "-static", "-mcmodel=medany", "-Wl,-Ttext-segment=0xffffffff80000000"];

/// Checks the kernel that `tools` make with these arguments at several places.
fn loads(tools: Tools, kind: Kind, arguments: &[&str]) {
    let file = built(tools, sources::KERNEL, arguments);
    let read = Inner::read(&file);
    let inner =
        read.unwrap_or_else(|refusal| panic!("{tools:?} {arguments:?}: {}, {refusal}", refusal.rule()));
    assert_eq!(inner.kind(), kind);
    assert!(inner.segments().count() >= 2, "{arguments:?}");
    for draw in [0, u64::MAX / 3, u64::MAX] {
        check::check(&file, draw);
    }
}

/// Checks that the kernel breaks a rule.
fn is_refused(rule: Rule, source: &str, arguments: &[&str]) {
    let file = built(Tools::Gnu, source, arguments);
    let refusal = Inner::read(&file).map(|_| "it was read").expect_err(&format!("{arguments:?}"));
    assert_eq!(refusal.rule(), rule, "{arguments:?}: {refusal}");
}

#[test]
#[ignore = "needs GNU's compiler: cargo test -- --include-ignored"]
fn kernels_of_gnu_ld_load() {
    let variants: [&[&str]; 9] = [
        &[],
        &["-O0"],
        &["-Wl,-z,separate-code"],
        &["-Wl,-z,noseparate-code"],
        &["-Wl,-z,norelro"],
        &["-Wl,-z,relro", "-Wl,-z,now"],
        &["-Wl,-z,max-page-size=65536"],
        &["-Wl,-z,max-page-size=0x200000"],
        &["-Wl,--strip-all"],
    ];
    for variant in variants {
        loads(Tools::Gnu, Kind::Movable, &[&PIE, variant].concat());
        loads(Tools::Gnu, Kind::Fixed, &[&FIXED, variant].concat());
    }
}

#[test]
#[ignore = "needs GNU's compiler: cargo test -- --include-ignored"]
fn kernels_of_lld_load() {
    let variants: [&[&str]; 6] = [
        &[],
        &["-Wl,-z,pack-relative-relocs"],
        &["-Wl,-z,separate-code"],
        &["-Wl,-z,norelro"],
        &["-Wl,--no-rosegment"],
        &["-Wl,-z,max-page-size=65536", "-Wl,-z,pack-relative-relocs"],
    ];
    for variant in variants {
        loads(Tools::Lld, Kind::Movable, &[&PIE, variant].concat());
    }
    loads(
        Tools::Lld,
        Kind::Fixed,
        &["-fno-pie", "-no-pie", "-static", "-mcmodel=medany", "-Wl,--image-base=0xffffffff80000000"],
    );
}

#[test]
#[ignore = "needs the kernels' Rust target: cargo test -- --include-ignored"]
fn kernels_of_rustc_load() {
    // The target's own library core is no PIC: it has pointers in constants.
    let pie = [
        "-Crelocation-model=pic",
        "-Clink-arg=-pie",
        "-Clink-arg=--no-dynamic-linker",
        "-Clink-arg=-znotext",
    ];
    for variant in [&[][..], &["-Clink-arg=-zpack-relative-relocs"], &["-Clink-arg=-znorelro"]] {
        let file = built(Tools::Rust, sources::RUST_KERNEL, &[&pie, variant].concat());
        assert_eq!(Inner::read(&file).map(|inner| inner.kind()), Ok(Kind::Movable), "{variant:?}");
        check::check(&file, u64::MAX / 3);
    }
    let fixed = ["-Crelocation-model=static", "-Clink-arg=--image-base=0xffffffff80000000"];
    check::check(&built(Tools::Rust, sources::RUST_KERNEL, &fixed), 0);
}

#[test]
#[ignore = "needs GNU's compiler: cargo test -- --include-ignored"]
fn faults_of_a_build_are_refused_by_their_rule() {
    let pie = |more: &[&'static str]| [&PIE, more].concat();
    is_refused(Rule::Dynamic, sources::KERNEL, &["-fPIE", "-static-pie"]);
    is_refused(Rule::Stack, sources::KERNEL, &pie(&["-Wl,-z,execstack"]));
    is_refused(Rule::Permission, sources::KERNEL, &pie(&["-Wl,--omagic"]));
    is_refused(Rule::RelocationKind, sources::IFUNC, &pie(&[]));
    is_refused(Rule::RelocationKind, sources::UNDEFINED, &pie(&["-Wl,--unresolved-symbols=ignore-all"]));
    is_refused(Rule::FixedPlace, sources::KERNEL, &["-fno-pie", "-no-pie", "-static"]);
    is_refused(Rule::CodeSlot, sources::TEXTREL, &pie(&["-Wl,-z,notext"]));
    is_refused(Rule::SharedPage, sources::KERNEL, &pie(&["-Wl,-T,shared.ld"]));
    is_refused(Rule::Type, sources::KERNEL, &["-fPIE", "-c"]);
}
