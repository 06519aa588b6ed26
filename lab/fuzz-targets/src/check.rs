//! Untrusted files for `check`: ELFs, flat images and modules.

use landfall_inspect::inspection::KEPT;
use landfall_inspect::module::Interface;
use landfall_inspect::{Code, Hints, Profile, Subject, inspect};

/// Checks the input as a kernel's file or a module, and as the interface of one.
///
/// # Panics
/// If landfall fails on it.
pub fn run(file: &[u8]) {
    let Ok(subject) = Subject::read(file) else { return };
    let kernel = Interface::of_kernel(file).or_else(|_| Interface::of_module(file)).ok();
    for profile in [Profile::None, Profile::Linux] {
        let hints = Hints { profile, kernel: kernel.clone(), ..Hints::default() };
        let inspection = inspect(&subject, &hints);
        assert!(inspection.findings().len() <= KEPT * Code::ALL.len());
        // Names every place, which reads debug information.
        let judgement = inspection.judge(&subject, &profile.accepted());
        assert_eq!(
            judgement.open + judgement.accepted,
            Code::ALL.map(|code| inspection.count(code)).iter().sum::<usize>()
        );
    }
}
