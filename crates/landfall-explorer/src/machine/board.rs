//! A board by its device tree.

use landfall_plan::facts::MemoryTypes;
use landfall_predict::Randomness;
use landfall_predict::blueprint::Blueprint;
use landfall_predict::board::{self, Loading};
use landfall_predict::case::{Case, Refused};
use landfall_predict::units::{Address, Extent};

use super::{Seed, command_line, mode, seed};
use crate::fault::{Fault, parse};
use crate::recorded;
use crate::request::Board;

/// Returns the case, and the assumptions beside its notes.
pub(super) fn case(board: &Board, kernel: &Blueprint) -> Result<(Result<Case, Refused>, Vec<String>), Fault> {
    let (tree, assumed) = tree(board)?;
    let case = board::case(&tree, &loading(board)?, kernel)
        .map_err(|error| Fault::of("machine", error.to_string()))?;
    Ok((case, assumed))
}

fn tree(board: &Board) -> Result<(Vec<u8>, Vec<String>), Fault> {
    match (&board.name, &board.tree) {
        (Some(name), None) => {
            let known = recorded::board(name);
            let known =
                known.ok_or_else(|| Fault::of("machine.name", format!("no board {name:?} is recorded")))?;
            let assumed = format!(
                "the facts of {} are those of its device tree in {}; firmware adds to it at boot",
                known.title,
                recorded::SOURCE
            );
            Ok((known.tree(), vec![assumed]))
        }
        (None, Some(tree)) => {
            let tree = board::trim_tree("the device tree".as_ref(), tree.0.clone());
            Ok((tree.map_err(|error| Fault::of("machine.tree", error.to_string()))?, Vec::new()))
        }
        _ => Err(Fault::of("machine", "a board has either a name or a device tree")),
    }
}

fn loading(board: &Board) -> Result<Loading, Fault> {
    let address = |field, text: &Option<String>| -> Result<Option<Address>, Fault> {
        text.as_deref().map(|text| parse(field, text)).transpose()
    };
    let extents = |field, texts: &[String]| -> Result<Vec<Extent>, Fault> {
        texts.iter().map(|text| parse(field, text)).collect()
    };
    Ok(Loading {
        memory: extents("machine.memory", &board.memory)?,
        reserve: extents("machine.reserve", &board.reserve)?,
        no_map: extents("machine.no_map", &board.no_map)?,
        at: address("machine.at", &board.at)?,
        tree_at: address("machine.tree_at", &board.tree_at)?,
        boot_hart: board.boot_hart,
        initrd: board.initrd.as_deref().map(|text| parse("machine.initrd", text)).transpose()?,
        append: command_line(board.append.as_deref())?.map(str::to_owned),
        mode: mode(board.mode.as_deref())?,
        memory_types: board.memory_types.as_deref().map(memory_types).transpose()?,
        randomness: randomness(board.seed.as_deref())?,
    })
}

/// A board's own seeds are those of its tree.
fn randomness(text: Option<&str>) -> Result<Randomness, Fault> {
    match seed(text)? {
        Seed::Stated(randomness) => Ok(randomness),
        Seed::OfBoot(_) => Err(Fault::of("machine.seed", "a board takes 16 hex digits, or off")),
    }
}

fn memory_types(name: &str) -> Result<MemoryTypes, Fault> {
    let wrong = || Fault::of("machine.memory_types", format!("{name:?} is neither standard nor thead"));
    let known = [MemoryTypes::Standard, MemoryTypes::Thead];
    known.into_iter().find(|types| types.to_string() == name).ok_or_else(wrong)
}
