//! Untrusted files for `check`: ELFs and flat images.

use landfall_inspect::inspection::KEPT;
use landfall_inspect::{Code, Hints, Profile, Subject, inspect};

/// Checks the input as a kernel's file.
///
/// # Panics
/// If landfall fails on it.
pub fn run(file: &[u8]) {
    let Ok(subject) = Subject::read(file) else { return };
    for profile in [Profile::None, Profile::Linux] {
        let hints = Hints { profile, ..Hints::default() };
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
