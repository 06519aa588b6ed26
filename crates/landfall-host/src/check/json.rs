//! Findings for programs.

use landfall_image::feature::Feature;
use landfall_inspect::{Place, PlacedFinding};
use serde_json::{Map, Value, json};

use super::Checked;

/// Returns the result as one object.
#[must_use]
pub fn of(checked: &Checked) -> Value {
    let judgement = &checked.judgement;
    let (accepted, open): (Vec<_>, Vec<_>) =
        judgement.findings.iter().partition(|placed| placed.accepted.is_some());
    let list = |findings: Vec<&PlacedFinding>| findings.into_iter().map(finding).collect::<Vec<_>>();
    let unchecked = checked
        .unchecked
        .iter()
        .map(|unchecked| json!({ "what": unchecked.what, "because": unchecked.because }));
    let unused = judgement.unused.iter().map(
        |unused| json!({ "code": unused.code.name(), "symbol": unused.symbol, "reason": unused.reason }),
    );
    json!({
        "file": checked.path.display().to_string(),
        "kind": checked.kind.text(),
        "compiled_out": checked.missing.iter().map(Feature::name).collect::<Vec<_>>(),
        "findings": judgement.open,
        "accepted": judgement.accepted,
        "list": list(open),
        "accepted_list": list(accepted),
        "accepted_and_not_found": unused.collect::<Vec<_>>(),
        "not_checked": unchecked.collect::<Vec<_>>(),
    })
}

fn finding(placed: &PlacedFinding) -> Value {
    let story = placed.finding.code.explanation();
    let mut object = json!({
        "code": placed.finding.code.name(),
        "title": story.title,
        "place": place(&placed.place),
        "found": placed.finding.found,
        "why": story.why,
        "hint": placed.finding.hint,
        "fixes": story.fixes,
        "chain": placed.chain.iter().map(place).collect::<Vec<_>>(),
    });
    if let (Some(reason), Some(object)) = (&placed.accepted, object.as_object_mut()) {
        object.insert("accepted".to_owned(), json!(reason));
    }
    object
}

/// Returns the known fields of a place.
fn place(place: &Place) -> Value {
    let address = place.address.map(|address| address.to_string());
    let fields = [
        ("part", &place.part),
        ("address", &address),
        ("section", &place.section),
        ("symbol", &place.symbol),
        ("source", &place.source),
    ];
    let known =
        fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), json!(value.as_ref()?))));
    Value::Object(known.collect::<Map<_, _>>())
}
