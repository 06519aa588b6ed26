//! The module's statements about itself.

use crate::finding::{Code, Finding};
use crate::inspection::Inspection;
use crate::module::about::{self, About, Fault, FaultKind};
use crate::subject::Subject;

pub(super) fn check(subject: &Subject<'_>, about: &About<'_>, faults: &[Fault], inspection: &mut Inspection) {
    for fault in faults {
        let code = match fault.kind {
            FaultKind::Invalid => Code::ModuleAbout,
            FaultKind::Twice => Code::ModuleDuplicate,
        };
        inspection.add_at(code, fault.at, || fault.found.clone());
    }
    if about.name.is_some() || faults.iter().any(|fault| fault.kind == FaultKind::Invalid) {
        return;
    }
    let finding = match subject.section(about::SECTION) {
        None => {
            let found = format!("it has no section {}", about::SECTION);
            Finding::new(Code::ModuleAbout, "the file", found)
        }
        Some(section) => Finding::new(Code::ModuleAbout, section.address, "it states no name"),
    };
    inspection.add(finding);
}
