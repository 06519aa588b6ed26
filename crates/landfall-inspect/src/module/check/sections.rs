//! Sections: permissions, thread-local data, alignment, constructors.

use object::elf::{SHF_TLS, SHT_FINI_ARRAY, SHT_INIT_ARRAY, SHT_PREINIT_ARRAY};

use crate::finding::Code;
use crate::inspection::Inspection;
use crate::subject::{Section, Subject};

/// The size of a page, at which each part of a module begins.
const PAGE: u64 = 4096;

pub(super) fn check(subject: &Subject<'_>, inspection: &mut Inspection) {
    for section in subject.sections() {
        let align = section.align;
        if section.is_code() && section.is_writable() {
            inspection.add_at(Code::ModuleWx, section.address, || "the section's flags are WAX".to_owned());
        }
        if section.flags & SHF_TLS.0 != 0 {
            inspection
                .add_at(Code::ModuleTls, section.address, || "a section of thread-local data".to_owned());
        }
        if align > PAGE || !align.is_power_of_two() && align != 0 {
            let found = || format!("the section's alignment is {align:#x}");
            inspection.add_at(Code::ModuleAlign, section.address, found);
        }
        if is_list_of_functions(section) && section.size != 0 {
            let found = || format!("{} bytes of pointers to functions", section.size);
            inspection.add_at(Code::ModuleConstructor, section.address, found);
        }
    }
}

fn is_list_of_functions(section: &Section<'_>) -> bool {
    let by_kind =
        [SHT_INIT_ARRAY, SHT_FINI_ARRAY, SHT_PREINIT_ARRAY].iter().any(|kind| kind.0 == section.kind);
    let named = |list: &str| {
        section.name.strip_prefix(list).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    by_kind || [".ctors", ".dtors", ".init_array", ".fini_array"].into_iter().any(named)
}
