//! Modules by compilers and linkers of Debian. Each byte of a loaded one is that which a linker
//! writes for the same addresses.

mod build;
mod linked;
mod loaded;
#[expect(dead_code, reason = "the fuzz target uses the rest")]
#[path = "../../../fuzz-targets/src/module/machine.rs"]
mod machine;
#[expect(dead_code, reason = "the fuzz target uses the rest")]
#[path = "../../../fuzz-targets/src/module/memory.rs"]
mod memory;

use build::{Build, Linker};
use landfall_host::setup;
use landfall_modules::LoadError;
use loaded::Loaded;

#[test]
#[ignore = "needs compilers of Debian's archive"]
fn the_loader_writes_what_a_linker_writes() {
    setup::compilers().expect("gcc and clang for RISC-V");
    let folder = landfall_host::private::folder("landfall-").expect("a folder");
    for build in Build::all() {
        for linker in [Linker::Gnu, Linker::Lld] {
            let object = build.object(folder.path(), linker);
            let described = format!("{build:?}, {linker:?}");
            let loaded = Loaded::new(&object).unwrap_or_else(|error| panic!("{described}: {error}"));
            linked::compare(folder.path(), &object, &loaded, &described);
        }
    }
}

#[test]
#[ignore = "needs compilers of Debian's archive"]
fn code_whose_alignment_a_linker_would_make_is_refused_and_the_same_without_relaxation_is_not() {
    setup::compilers().expect("gcc and clang for RISC-V");
    let folder = landfall_host::private::folder("landfall-").expect("a folder");
    let mut refused = 0;
    for build in Build::all().map(|build| build.aligned(64)) {
        let object = build.object(folder.path(), Linker::Gnu);
        match Loaded::new(&object) {
            Ok(loaded) => linked::compare(folder.path(), &object, &loaded, &format!("{build:?}")),
            Err(LoadError::Relaxed { .. }) if build.relaxes => refused += 1,
            Err(error) => panic!("{build:?}: {error}"),
        }
    }
    assert!(refused > 0, "no compiler has left an alignment to the linker");
}
