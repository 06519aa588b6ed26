//! The choices that a form offers: boards, keys of the policy, limits.

use landfall_paging::Mode;
use landfall_plan::harts::MAX_HARTS;
use landfall_plan::{Plan, Policy};
use landfall_predict::board::facts_of;
use landfall_predict::policy::{Change, KEYS, Key};
use landfall_predict::units::Size;
use serde_json::{Value, json};

use crate::machine::{self, FIRMWARE, MAX_MEMORY, MIN_MEMORY};
use crate::recorded::{self, Recorded};
use crate::request::{self, Kernel, Machine, Request};

/// Returns the choices for the kernel of a request in JSON; for the recorded kernel if the request
/// is invalid.
///
/// ```
/// let catalog = landfall_explorer::catalog("{}");
/// assert!(catalog.contains("visionfive-2"));
/// ```
#[must_use]
pub fn catalog(request: &str) -> String {
    let request: Request = serde_json::from_str(request).unwrap_or_default();
    let facts = match &request.machine {
        Machine::Facts(_) if request.kernel.is_none() => request.machine.boot(None).ok(),
        _ => None,
    };
    let kernel = Kernel::of_request(request.kernel.as_ref()).ok().filter(|_| facts.is_none());
    let policy = match (&facts, &kernel) {
        (Some(boot), _) => boot.case.as_ref().ok().and_then(|case| case.policy.ok()),
        (None, kernel) => kernel.as_ref().and_then(|kernel| kernel.blueprint.policy.ok()),
    };
    let modes = [Mode::Sv39, Mode::Sv48, Mode::Sv57].map(Mode::name);
    json!({
        "plan_version": Plan::VERSION,
        "version": env!("CARGO_PKG_VERSION"),
        "kernel": kernel.map(|kernel| json!({
            "name": kernel.name,
            "size": kernel.blueprint.at(landfall_paging::PhysAddr::new(0)).size(),
            "slots": kernel.blueprint.slots,
        })),
        "boards": recorded::boards().iter().map(board).collect::<Vec<_>>(),
        "policy": KEYS.iter().map(|key| entry(key, policy.as_ref())).collect::<Vec<_>>(),
        "modes": modes,
        "virt": {
            "max_harts": machine::MAX_HARTS,
            "min_memory": MIN_MEMORY,
            "max_memory": MAX_MEMORY,
            "firmware": FIRMWARE,
        },
    })
    .to_string()
}

fn board(board: &Recorded) -> Value {
    let facts = facts_of(&board.tree(), landfall_paging::PhysAddr::new(0), 0).map(|(facts, _)| facts);
    let harts = facts.as_ref().map_or(0, |facts| facts.harts.len());
    json!({
        "name": board.name,
        "title": board.title,
        "harts": harts,
        "memory": facts.map_or(0, |facts| facts.ram.size()),
        "suggested_memory": board.suggested_memory,
    })
}

fn entry(key: &Key, policy: Option<&Policy>) -> Value {
    let choices = choices(key.takes);
    let value = policy.and_then(|policy| value(key.name, choices.as_deref(), policy));
    json!({ "name": key.name, "takes": key.takes, "choices": choices, "value": value })
}

/// Returns the words that a key takes, if its help text begins with nothing else.
fn choices(takes: &str) -> Option<Vec<&str>> {
    let words = takes.split(':').next()?;
    let words: Vec<_> = words.split(", ").flat_map(|words| words.split(" or ")).collect();
    let is_word = |word: &&str| word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
    (words.len() > 1 && words.iter().all(is_word)).then_some(words)
}

/// Returns the value of a key, as a change would state it.
fn value(key: &str, choices: Option<&[&str]>, policy: &Policy) -> Option<String> {
    let unchanged = |word: &&&str| {
        let change: Option<Change> = format!("{key}={word}").parse().ok();
        change.is_some_and(|change| Change::all(&[change], *policy) == Ok(*policy))
    };
    let size = |bytes: u64| Some(request::size(Size(bytes)));
    match key {
        "modes" => {
            let modes = policy.modes();
            Some(format!("{}..{}", modes.start().name(), modes.end().name()))
        }
        "stack" => size(policy.stack_size()),
        "near" => size(policy.near_size()),
        "dynamic" => size(policy.dynamic_size()),
        "ram" => policy.ram_limit().and_then(size),
        "crash" => size(policy.crash_memory()),
        // A policy without a limit has no such value.
        "harts" => Some(policy.max_harts()).filter(|harts| *harts <= MAX_HARTS as u64).map(|n| n.to_string()),
        _ => choices?.iter().find(unchanged).map(|word| (*word).to_owned()),
    }
}
