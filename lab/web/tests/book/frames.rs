//! The explorer in the book: each state in a link can be planned.

use landfall_explorer::request::{Board, Machine, Request, Virt};

/// The explorer's page. The chapter about it is `explorer.html`, and one path holds one file.
pub(crate) const EXPLORER: &str = "playground.html";

/// Returns the fault of a state in a link; a link without one is the page alone.
pub(crate) fn fault(state: &str) -> Option<&'static str> {
    let pairs: Vec<_> = state.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, ""))).collect();
    let second = pairs.iter().filter_map(|(key, value)| Some((key.strip_prefix("b-")?, *value)));
    let first = pairs.iter().filter(|(key, _)| !key.starts_with("b-")).copied();
    let plans = |request: Result<Option<Request>, &'static str>| match request {
        Err(fault) => Some(fault),
        Ok(request) => {
            request.and_then(|request| landfall_explorer::answer(&request).err()).map(|_| "cannot be planned")
        }
    };
    plans(request(first)).or_else(|| plans(request(second)))
}

/// Reads the request of a state, as `page/src/state/link.js` does.
fn request<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> Result<Option<Request>, &'static str> {
    let (mut name, mut memory, mut harts, mut mode, mut seed) = (None, None, None, None, None);
    let mut policy = Vec::new();
    for (key, value) in pairs {
        let text = Some(value.to_owned());
        match key {
            "" | "embed" | "select" => {}
            "machine" => name = text,
            "memory" => memory = text,
            "harts" => harts = Some(value.parse().map_err(|_| "has no number of harts")?),
            "mode" => mode = text,
            "seed" => seed = text,
            "policy" => policy.push(value.to_owned()),
            _ => return Err("has an unknown key in its state"),
        }
    }
    let machine = match name {
        None => return Ok(None),
        Some(name) if name == "virt" => Machine::Virt(Virt { memory, harts, mode, seed, ..Virt::default() }),
        name => Machine::Board(Box::new(Board { name, mode, seed, ..Board::default() })),
    };
    Ok(Some(Request { kernel: None, machine, policy }))
}

#[test]
fn a_state_that_cannot_be_planned_is_a_fault() {
    assert_eq!(fault(""), None);
    assert_eq!(fault("embed&machine=virt&seed=off&b-machine=virt&b-seed=off&b-policy=near=0"), None);
    assert_eq!(fault("machine=virt"), Some("cannot be planned"));
    assert_eq!(
        fault("machine=virt&seed=off&b-machine=virt&b-seed=off&b-policy=nea=0"),
        Some("cannot be planned")
    );
    assert_eq!(fault("machine=virt&seat=off"), Some("has an unknown key in its state"));
}
