//! A request's answer: what `plan --format json` prints, and the words around it.

use landfall_plan::Rule;
use landfall_predict::board::MISSING_MEMORY;
use landfall_predict::case::{Outcome, Prediction, Refused};
use landfall_predict::policy::Change;
use landfall_predict::{json, view};
use serde_json::{Value, json};

use crate::command;
use crate::fault::Fault;
use crate::machine::Boot;
use crate::request::{Machine, Request};

/// Answers a request in JSON. No input makes it panic; what cannot be planned is an answer too.
///
/// ```
/// let answer = landfall_explorer::predict(r#"{ "machine": { "kind": "virt", "seed": "off" } }"#);
/// assert!(answer.starts_with(r#"{"plan":{"outcome":"landed""#));
/// ```
#[must_use]
pub fn predict(request: &str) -> String {
    let request = serde_json::from_str(request)
        .map_err(|error| Fault { field: None, message: format!("the request is invalid: {error}") });
    let answer = request.and_then(|request| answer(&request));
    answer.unwrap_or_else(|fault| failure(&fault)).to_string()
}

/// Returns the answer to `request`.
///
/// # Errors
/// [`Fault`] if the request cannot be planned.
pub fn answer(request: &Request) -> Result<Value, Fault> {
    let Boot { kernel, case, assumed } = request.machine.boot(request.kernel.as_ref())?;
    let outcome = match case {
        Err(refused) => Outcome::Refuses(refused),
        Ok(mut case) => {
            if let Ok(policy) = case.policy {
                let parsed: Result<Vec<Change>, _> = request.policy.iter().map(|text| text.parse()).collect();
                let policy = parsed.and_then(|changes| Change::all(&changes, policy));
                case.policy = Ok(policy.map_err(|error| Fault::of("policy", error.to_string()))?);
            }
            case.predict()
        }
    };
    let (plan, refusal) = match outcome {
        Outcome::Refuses(refused) => refusal(&refused, &request.machine),
        Outcome::Lands(prediction) => landing(&prediction),
    };
    Ok(json!({
        "plan": plan,
        "refusal": refusal,
        "command": command::line(request, kernel.as_deref()),
        "assumed": assumed,
        "error": null,
    }))
}

/// Returns the answer to a request that cannot be planned.
fn failure(fault: &Fault) -> Value {
    json!({
        "plan": null,
        "refusal": null,
        "command": null,
        "assumed": [],
        "error": { "message": fault.message, "field": fault.field },
    })
}

fn refusal(refused: &Refused, machine: &Machine) -> (Value, Value) {
    let rule = refused.rule.to_string();
    let mut words = in_words(&rule, &refused.message, Some(refused.rule));
    let states_none = matches!(machine, Machine::Board(board) if board.memory.is_empty());
    if refused.rule == Rule::NoMemory && states_none {
        words["remedy"] = MISSING_MEMORY.into();
    }
    (json::refused(&rule, &refused.message), words)
}

/// A landing's refusal is that of a wrapper's inner kernel.
fn landing(prediction: &Prediction) -> (Value, Value) {
    let plan = json::object(prediction, &view::address_space(prediction));
    let text = |key: &str| plan["refusal"][key].as_str().unwrap_or_default().to_owned();
    let words =
        if plan["refusal"].is_null() { Value::Null } else { in_words(&text("rule"), &text("message"), None) };
    (plan, words)
}

/// A message is FACT; CAUSE; HELP.
fn in_words(name: &str, message: &str, rule: Option<Rule>) -> Value {
    json!({
        "rule": name,
        "message": message,
        "remedy": message.rsplit_once("; ").map(|(_, remedy)| remedy),
        "broken_if": rule.map(Rule::broken_if),
    })
}
