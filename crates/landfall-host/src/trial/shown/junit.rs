//! The result of a test as XML for CI services (`JUnit`).

use landfall_predict::units::Seed;
use quick_junit::{NonSuccessKind, Property, Report, SerializeError, TestCase, TestCaseStatus, TestSuite};

use super::Record;
use crate::trial::{Done, Outcome};

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
            status.set_message(xml(first));
            let reasons = failure.reasons.join("\n");
            let text = format!("{reasons}\nagain: {}\nboot: {}", failure.again, failure.run);
            status.set_description(xml(&text));
            status
        }
        Outcome::NotApplicable(reason) => {
            let mut status = TestCaseStatus::skipped();
            status.set_message(xml(reason));
            status
        }
    };
    let name = match done.round {
        1 => done.trial.name(),
        round => format!("{} (round {round})", done.trial.name()),
    };
    let mut case = TestCase::new(xml(&name), status);
    case.set_classname(xml(&record.kernel));
    case.set_time(done.took);
    if let Some(rights) = &done.observed.rights {
        case.set_system_out(xml(&rights.to_string()));
    }
    case
}

/// Replaces the characters that XML excludes and the writer keeps: noncharacters (XML 1.0, 2.2).
fn xml(text: &str) -> String {
    text.replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::trial::{Axes, Failure, Observed};

    #[test]
    fn text_of_a_console_stays_text() {
        let hostile = "a\u{1b}[31m]]></failure>\u{0}&\u{fffe}\nsecond line";
        let trial = Axes::default().trials().swap_remove(0);
        let failure =
            Failure { reasons: vec![hostile.to_owned()], again: "again".to_owned(), run: "<run>".to_owned() };
        let (outcome, observed) = (Outcome::Failed(failure), Observed::default());
        let done = Done { trial, round: 2, seed: 1, outcome, observed, took: Duration::from_secs(1) };
        let kernel = "\"><evil/>".to_owned();
        let record = Record { kernel: kernel.clone(), seed: 1, boots: vec![done] };
        let text = report(&record).expect("a document");
        let document = roxmltree::Document::parse(&text).expect("well-formed XML");
        let case = document.descendants().find(|node| node.has_tag_name("testcase")).expect("a case");
        assert_eq!(case.attribute("classname"), Some(kernel.as_str()));
        assert_eq!(case.attribute("name"), Some("mode/sv39 (round 2)"));
        let failure = case.children().find(|node| node.has_tag_name("failure")).expect("a failure");
        assert!(failure.text().is_some_and(|text| text.contains("]]></failure>") && text.contains("<run>")));
        assert!(!text.contains(['\u{1b}', '\u{0}', '\u{fffe}']), "{text:?}");
    }
}
