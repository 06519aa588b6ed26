//! Boots of the recorded kernel.

use landfall_explorer_boot::{Boot, Request};
use serde_json::Value;

fn boot(request: &str) -> Boot {
    Boot::start(&serde_json::from_str::<Request>(request).expect("a request")).expect("a machine")
}

/// Returns where each step begins.
fn steps(summary: &Value) -> Vec<(u64, u64)> {
    let number = |value: &Value| value.as_u64().expect("a number");
    let steps = summary["steps"].as_array().expect("steps");
    steps.iter().map(|step| (number(&step["step"]), number(&step["at"]))).collect()
}

#[test]
fn the_steps_of_a_landing_follow_each_other_up_to_main() {
    for mode in ["sv39", "sv48", "sv57"] {
        let boot = boot(&format!(r#"{{"mode":"{mode}","harts":2}}"#));
        let summary = boot.summary();
        println!("{summary:#}");
        assert_eq!(summary["outcome"], "the kernel powers off");
        let steps = steps(&summary);
        let numbers: Vec<_> = steps.iter().map(|(step, _)| *step).collect();
        assert_eq!(numbers, [1, 4, 6, 7, 8, 9, 10, 12, 13, 14, 15], "{mode}");
        assert!(steps.is_sorted_by_key(|(_, at)| *at));
    }
}

#[test]
fn going_back_gives_the_same_state() {
    let mut boot = boot("{}");
    let summary = boot.summary();
    let steps = steps(&summary);
    let forward: Vec<_> = steps.iter().map(|(_, at)| boot.go(*at)).collect();
    for (index, (step, at)) in steps.iter().enumerate().rev() {
        let state = boot.go(*at);
        assert_eq!(state, forward[index]);
        assert_eq!((state["at"].as_u64(), state["step"].as_u64()), (Some(*at), Some(*step)));
        // The boot hart is about to execute the first instruction of the step's function.
        let hart =
            &state["harts"][usize::try_from(state["boot"].as_u64().expect("a number")).expect("small")];
        assert_eq!(hart["function"], summary["steps"][index]["function"]);
    }
}

#[test]
fn the_tables_grow_and_are_those_of_the_report() {
    let mut boot = boot("{}");
    let summary = boot.summary();
    let mapped = |boot: &mut Boot, at: u64| {
        boot.go(at);
        let tables: Value = serde_json::from_str(&boot.tables().expect("a root")).expect("JSON");
        tables["roots"][0]["mappings"].as_array().map_or(0, Vec::len)
    };
    let steps = steps(&summary);
    let at = |wanted: u64| steps.iter().find(|(step, _)| *step == wanted).map(|(_, at)| *at).expect("a step");
    assert_eq!(mapped(&mut boot, at(4)), 0);
    let built = mapped(&mut boot, at(13));
    assert!(built > 5);
    let half = mapped(&mut boot, u64::midpoint(at(12), at(13)));
    println!("{half} of {built}");
    let end = summary["total"].as_u64().expect("a number");
    let state = boot.go(end);
    let console = state["console"].as_str().expect("text");
    assert!(console.contains("landfall: report {"), "{console}");
    let tables: Value = serde_json::from_str(&boot.tables().expect("a root")).expect("JSON");
    let report = console.lines().find_map(|line| line.split_once("landfall: report ")).expect("a report").1;
    let report: Value = serde_json::from_str(report).expect("JSON");
    let regions = tables["roots"][0]["regions"].as_array().expect("regions");
    let kernel = regions.iter().find(|region| region["name"] == "kernel").expect("the kernel");
    assert_eq!(kernel["virtual"], report["kernel"]["virtual"]);
    assert_eq!(tables["findings"].as_array().map(Vec::len), Some(0), "{}", tables["findings"]);
}

#[test]
fn a_machine_that_cannot_be_is_refused() {
    for request in [r#"{"harts":0}"#, r#"{"harts":9}"#, r#"{"memory":1}"#, r#"{"mode":"sv99"}"#] {
        let request: Request = serde_json::from_str(request).expect("JSON");
        assert!(Boot::start(&request).is_err());
    }
}
