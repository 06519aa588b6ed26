//! The check that a page can show a document: `page/src/model/documents.js` in Rust.
//!
//! A command that wrote any other file into a page would leave its fault to the browser. A test
//! gives damaged documents to both.

use serde_json::Value;

use super::NoDocument;
use super::value::{access, address, bits, leaf, list, number, objects, size, text};

/// Addresses with a name, for errors.
#[derive(Clone, Copy)]
struct Place<'a> {
    name: &'a str,
    start: u64,
    size: u64,
}

impl Place<'_> {
    fn end(&self) -> u128 {
        u128::from(self.start) + u128::from(self.size)
    }

    fn overlaps(&self, other: &Self) -> bool {
        u128::from(self.start) < other.end() && u128::from(other.start) < self.end()
    }
}

/// Checks a plan, or a refusal, which has no layout.
pub(super) fn plan(json: &Value) -> Result<(), NoDocument> {
    if !json["regions"].is_array() {
        let refusal = &json["refusal"];
        let is_refused = refusal["rule"].is_string() && refusal["message"].is_string();
        return if is_refused { Ok(()) } else { Err(NoDocument::NoLayout) };
    }
    let bits = bits(json)?;
    let mappings = mappings(json)?;
    let mut regions = Vec::new();
    for region in objects(json, "regions")? {
        let region_place = place(region, text(region, "kind")?)?;
        let mut parts = Vec::new();
        for part in objects(region, "parts")? {
            let part = plan_part(part)?;
            inside(&part, &mappings)?;
            parts.push(part);
        }
        side_by_side(&region_place, &parts)?;
        regions.push(region_place);
    }
    halves(bits, regions)?;
    splits(json, "splits")?;
    for range in [&json["memory"]["all"], &json["memory"]["tables"], &json["crash_memory"]] {
        if !range.is_null() {
            address(range, "physical")?;
            size(range, "size")?;
        }
    }
    Ok(())
}

fn plan_part(part: &Value) -> Result<Place<'_>, NoDocument> {
    if let Some(reason) = part["unmapped"].as_str() {
        return place(part, reason);
    }
    access(part, "access")?;
    address(part, "physical")?;
    place(part, text(part, "what")?)
}

/// Checks an audit.
pub(super) fn audit(json: &Value) -> Result<(), NoDocument> {
    let roots = objects(json, "roots")?;
    for (index, root) in roots.iter().enumerate() {
        let bits = bits(root)?;
        let mappings = mappings(root)?;
        inherited(root, index, &mappings)?;
        let mut regions = Vec::new();
        for region in objects(root, "regions")? {
            text(region, "kind")?;
            let region_place = place(region, text(region, "name")?)?;
            inside(&region_place, &mappings)?;
            for part in objects(region, "parts")? {
                address(part, "virtual")?;
                address(part, "physical")?;
                size(part, "size")?;
            }
            splits(&region["splits"], "listed")?;
            regions.push(region_place);
        }
        halves(bits, regions)?;
        for finding in objects(json, "findings")? {
            let of = finding.get("root").filter(|of| !of.is_null());
            if of.map_or(Some(0), Value::as_u64) == Some(index as u64) {
                check_finding(finding)?;
            }
        }
    }
    // A page of nothing has no drawing.
    if roots.is_empty() { Err(NoDocument::NoLayout) } else { Ok(()) }
}

/// Checks the addresses that a root has of earlier ones, `index` of them.
fn inherited(root: &Value, index: usize, mappings: &[Place<'_>]) -> Result<(), NoDocument> {
    if root.get("inherited").is_none_or(Value::is_null) {
        return Ok(());
    }
    let mut spans = Vec::new();
    for span in objects(root, "inherited")? {
        if number(span, "root")? >= index as u64 {
            return Err(NoDocument::Later { root: index });
        }
        spans.push(place(span, "shared addresses")?);
    }
    spans.sort_by_key(|span| span.start);
    for (at, span) in spans.iter().enumerate() {
        let twice = |other: &&Place<'_>| other.overlaps(span);
        if let Some(other) = mappings.iter().chain(spans.get(at + 1)).find(twice) {
            return Err(outside(span, other));
        }
    }
    Ok(())
}

fn check_finding(finding: &Value) -> Result<(), NoDocument> {
    text(finding, "code")?;
    address(finding, "virtual")?;
    size(finding, "size")?;
    if finding.get("physical").is_none_or(|physical| !physical.is_null()) {
        address(finding, "physical")?;
    }
    Ok(())
}

fn splits(of: &Value, key: &str) -> Result<(), NoDocument> {
    for split in objects(of, key)? {
        address(split, "virtual")?;
        leaf(split, "leaf")?;
        list(split, "causes")?;
    }
    Ok(())
}

fn place<'a>(of: &Value, name: &'a str) -> Result<Place<'a>, NoDocument> {
    Ok(Place { name, start: address(of, "virtual")?, size: size(of, "size")? })
}

/// Returns the mappings in ascending order, if each has addresses of its own.
fn mappings(of: &Value) -> Result<Vec<Place<'_>>, NoDocument> {
    let mut all = Vec::new();
    for mapping in objects(of, "mappings")? {
        address(mapping, "physical")?;
        access(mapping, "access")?;
        leaf(mapping, "leaf")?;
        all.push(place(mapping, "a mapping")?);
    }
    all.sort_by_key(|mapping| mapping.start);
    let whole = Place { name: "the address space", start: 0, size: 0 };
    let mut before = 0;
    for mapping in &all {
        if mapping.size == 0 || u128::from(mapping.start) < before || mapping.end() > 1 << 64 {
            return Err(outside(mapping, &whole));
        }
        before = mapping.end();
    }
    Ok(all)
}

/// Checks that mappings which share a byte with `outer` are in it as a whole.
fn inside(outer: &Place<'_>, mappings: &[Place<'_>]) -> Result<(), NoDocument> {
    let first = mappings.partition_point(|mapping| mapping.end() <= u128::from(outer.start));
    let own: Vec<_> = mappings[first..].iter().take_while(|mapping| mapping.overlaps(outer)).collect();
    let out = |mapping: &&&Place<'_>| mapping.start < outer.start || mapping.end() > outer.end();
    match own.first().filter(out).or_else(|| own.last().filter(out)) {
        Some(mapping) => Err(outside(mapping, outer)),
        None => Ok(()),
    }
}

/// Checks that places follow each other within `outer`.
fn side_by_side(outer: &Place<'_>, places: &[Place<'_>]) -> Result<(), NoDocument> {
    let mut before = u128::from(outer.start);
    for place in places {
        if u128::from(place.start) < before || place.end() > outer.end() {
            return Err(outside(place, outer));
        }
        before = place.end();
    }
    Ok(())
}

/// Checks the regions of both halves. Addresses between them are canonical in no mode.
fn halves(bits: u32, mut regions: Vec<Place<'_>>) -> Result<(), NoDocument> {
    regions.sort_by_key(|region| region.start);
    let size = 1 << (bits - 1);
    for (name, start) in [("lower half", 0), ("upper half", 0_u64.wrapping_sub(size))] {
        let half = Place { name, start, size };
        let first = regions.partition_point(|region| region.start < start);
        let own = regions[first..].iter().take_while(|region| u128::from(region.start) < half.end());
        let own: Vec<_> = own.copied().collect();
        side_by_side(&half, &own)?;
    }
    Ok(())
}

fn outside(place: &Place<'_>, outer: &Place<'_>) -> NoDocument {
    NoDocument::Place { name: place.name.to_owned(), at: place.start, outer: outer.name.to_owned() }
}
