//! The files by which others report, contribute and check.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use landfall_project::root;
use yaml_rust2::{Yaml, YamlLoader};

/// Returns the files in `folder` whose name ends with `.yml`, with what they say.
fn yaml_files(folder: &str) -> Vec<(PathBuf, Yaml)> {
    let entries =
        fs::read_dir(root().join(folder)).expect("a folder").map(|entry| entry.expect("an entry").path());
    let files = entries.filter(|path| path.extension().is_some_and(|extension| extension == "yml"));
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).expect("a file");
        let mut documents =
            YamlLoader::load_from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert_eq!(documents.len(), 1, "{}", path.display());
        (path, documents.remove(0))
    };
    files.map(read).collect()
}

/// Returns the steps of all jobs of all workflows.
fn steps() -> Vec<Yaml> {
    let workflows = yaml_files(".github/workflows");
    assert!(!workflows.is_empty());
    let jobs = workflows.iter().flat_map(|(_, workflow)| workflow["jobs"].as_hash().expect("jobs").values());
    jobs.flat_map(|job| job["steps"].as_vec().expect("steps").clone()).collect()
}

#[test]
fn the_workflow_runs_what_contributors_run() {
    assert!(steps().iter().any(|step| step["run"].as_str() == Some(".ci/run")));
}

#[test]
fn workflows_use_no_action_but_the_checkout() {
    for step in steps() {
        let uses = step["uses"].as_str().unwrap_or("actions/checkout@");
        assert!(uses.starts_with("actions/checkout@"), "{uses}");
    }
}

#[test]
fn workflows_may_only_read() {
    for (path, workflow) in yaml_files(".github/workflows") {
        let permissions = workflow["permissions"].as_hash().unwrap_or_else(|| panic!("{}", path.display()));
        assert!(permissions.values().all(|value| value.as_str() == Some("read")), "{}", path.display());
    }
}

/// The rules that a form must keep, or its host shows none of it.
#[test]
fn each_issue_form_is_one_that_its_host_accepts() {
    let kinds = ["markdown", "input", "textarea", "dropdown", "checkboxes"];
    let mut names = BTreeSet::new();
    for (path, form) in yaml_files(".github/ISSUE_TEMPLATE") {
        let path = path.display();
        if path.to_string().ends_with("config.yml") {
            continue;
        }
        let name = form["name"].as_str().unwrap_or_else(|| panic!("{path}: no name"));
        assert!(names.insert(name.to_owned()), "{path}: {name} twice");
        assert!(form["description"].as_str().is_some_and(|text| !text.is_empty()), "{path}");
        let mut ids = BTreeSet::new();
        for field in form["body"].as_vec().expect("a body") {
            let kind = field["type"].as_str().unwrap_or_default();
            assert!(kinds.contains(&kind), "{path}: {kind}");
            let text = if kind == "markdown" { "value" } else { "label" };
            assert!(field["attributes"][text].as_str().is_some(), "{path}: {kind} without {text}");
            let id = field["id"].as_str().map(str::to_owned);
            assert!(id.is_none_or(|id| ids.insert(id)), "{path}: an id twice");
        }
        assert!(ids.len() > 1, "{path}: no fields");
    }
    assert!(names.len() >= 3, "{names:?}");
}

#[test]
fn a_bug_report_asks_for_the_facts_of_the_boot_and_warns_of_its_seeds() {
    let bug = fs::read_to_string(root().join(".github/ISSUE_TEMPLATE/bug.yml")).expect("a form");
    assert!(bug.contains("run ... --dump-facts") && bug.contains("seeds"));
}

#[test]
fn the_security_policy_states_versions_scope_and_an_address() {
    let policy = fs::read_to_string(root().join("SECURITY.md")).expect("a policy");
    for words in ["## Supported versions", "## Vulnerabilities", "## Out of scope", "W^X", "`security@"] {
        assert!(policy.contains(words), "{words}");
    }
    let links = policy.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let broken: Vec<_> = links.filter(|link| !root().join(link).exists()).collect();
    assert!(broken.is_empty(), "{broken:?}");
}
