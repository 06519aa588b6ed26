//! The result of a test as XML for CI services (`JUnit`).

use landfall_host::trial::{Done, Outcome};
use landfall_predict::units::Seed;
use quick_junit::{NonSuccessKind, Property, Report, SerializeError, TestCase, TestCaseStatus, TestSuite};

use super::Record;

/// Returns the document: a suite for each axis, in which each boot is a case.
///
/// # Errors
/// Returns the writer's reason.
pub(super) fn report(record: &Record) -> Result<String, SerializeError> {
    let mut report = Report::new("cargo landfall test");
    let mut suites: Vec<TestSuite> = Vec::new();
    for done in &record.boots {
        let axis = done.trial.axis.name();
        let index = suites.iter().position(|suite| suite.name.as_str() == axis);
        let index = index.unwrap_or_else(|| {
            let mut suite = TestSuite::new(axis);
            suite.add_property(Property::new("seed", Seed(record.seed).to_string()));
            suites.push(suite);
            suites.len() - 1
        });
        if let Some(suite) = suites.get_mut(index) {
            suite.add_test_case(case(record, done));
        }
    }
    report.add_test_suites(suites);
    report.to_string()
}

fn case(record: &Record, done: &Done) -> TestCase {
    let status = match &done.outcome {
        Outcome::Passed => TestCaseStatus::success(),
        Outcome::Failed(failure) => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            let first =
                failure.reasons.first().map_or("", |reason| reason.lines().next().unwrap_or_default());
            status.set_message(first);
            let reasons = failure.reasons.join("\n");
            status.set_description(format!("{reasons}\nagain: {}\nboot: {}", failure.again, failure.run));
            status
        }
        Outcome::NotApplicable(reason) => {
            let mut status = TestCaseStatus::skipped();
            status.set_message(reason.as_str());
            status
        }
    };
    let name = match done.round {
        1 => done.trial.name(),
        round => format!("{} (round {round})", done.trial.name()),
    };
    let mut case = TestCase::new(name, status);
    case.set_classname(record.kernel.as_str());
    case.set_time(done.took);
    if let Some(rights) = &done.observed.rights {
        case.set_system_out(rights.to_string());
    }
    case
}
