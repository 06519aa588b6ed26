//! The splits of the linear map: a card for each leaf that does not fit, with the obstacles and the
//! smaller leaves.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

use landfall_paging::LeafSize;

use super::canvas::{Area, Canvas, LEFT, RIGHT};
use super::cover::{Extent, Piece, Run, pieces, within};
use super::{grid, rows, style, text};
use crate::space::{Region, Split};

/// Cards of one size of leaf at most, causes on a card, and lines of what stands in a leaf's place.
const MOST_CARDS: usize = 3;
const MOST_CAUSES: usize = 3;
const MOST_LINES: usize = 5;

pub(super) fn draw(canvas: &mut Canvas, region: &Region) {
    if region.splits.is_empty() {
        canvas.heading("Nothing splits the linear map", "The largest leaves that fit cover all of it.");
        return;
    }
    let of = |size: LeafSize| region.splits.iter().filter(move |split| split.leaf == size);
    let sizes = || LeafSize::ALL.into_iter().rev().filter(|size| of(*size).next().is_some());
    let counts: Vec<String> = sizes().map(|size| format!("{} × {size}", of(size).count())).collect();
    canvas.heading(
        "What splits the linear map",
        &format!(
            "Leaves that could not be: {}. In each the lowest address is at the top left. Framed cells are split \
             further; in grey ones permissions differ, or there are holes.",
            counts.join(", ")
        ),
    );
    let pieces = pieces(region);
    let runs: Vec<Run> = pieces.iter().flat_map(Piece::runs).collect();
    let shown = |size: LeafSize| {
        let mut splits: Vec<&Split> = of(size).collect();
        // The leaf with the most permissions shows most.
        splits.sort_by_cached_key(|split| (Reverse(permissions(split, &runs)), split.start));
        splits.truncate(MOST_CARDS);
        splits
    };
    let cards: Vec<&Split> = sizes().flat_map(shown).collect();
    for (card, number) in cards.iter().zip(1..) {
        draw_card(canvas, number, card, &runs, &cards);
        contents(canvas, card, &pieces);
        let hidden = of(card.leaf).count().saturating_sub(MOST_CARDS);
        let last = cards.get(number).is_none_or(|next| next.leaf != card.leaf);
        if last && hidden > 0 {
            canvas.y += 6;
            canvas.paragraph(&format!(
                "… and {hidden} more like these of {}",
                text::size(card.leaf.bytes().into())
            ));
        }
        canvas.y += 12;
    }
}

/// Returns the number of permissions in a leaf.
fn permissions(split: &Split, runs: &[Run]) -> usize {
    let extent = Extent::new(split.start, split.leaf.bytes());
    within(runs, extent).map(|run| run.access).collect::<HashSet<_>>().len()
}

/// A card's number, its place, what is in its way, and its cells.
fn draw_card(canvas: &mut Canvas, number: usize, split: &Split, runs: &[Run], cards: &[&Split]) {
    let extent = Extent::new(split.start, split.leaf.bytes());
    canvas.y += 14;
    canvas.rect("badge", Area { x: LEFT, y: canvas.y, width: 28, height: 20 });
    canvas.text("tag on-badge", LEFT + 14, canvas.y + 15, &number.to_string());
    let width = rows::chip(canvas, LEFT + 34, canvas.y, split.leaf, split.leaf.name());
    let place = format!("{} → {}", text::address(extent.start), text::address(split.physical.into()));
    canvas.text("mono", LEFT + 44 + width, canvas.y + 15, &place);
    canvas.y += 24;
    // One more is listed instead of counted: the line with the count takes as much room.
    let listed = if split.causes.len() == MOST_CAUSES + 1 { MOST_CAUSES + 1 } else { MOST_CAUSES };
    for cause in split.causes.iter().take(listed) {
        for (line, bullet) in text::wrap(cause, 58, 2).iter().zip(["•", ""]) {
            canvas.y += 20;
            canvas.text("", LEFT + 2, canvas.y, bullet);
            canvas.text("", LEFT + 18, canvas.y, line);
        }
    }
    if split.causes.len() > listed {
        canvas.paragraph(&format!("… and {} more causes", split.causes.len() - listed));
    }
    canvas.y += 12;
    grid::draw(canvas, split, runs, cards);
    canvas.text(
        "note",
        LEFT,
        canvas.y + 21,
        &format!("A cell is {}.", text::size(grid::cell_size(split).into())),
    );
    canvas.y = rows::chips(canvas, canvas.y + 6, |size| {
        let shared =
            within(runs, extent).filter(|run| run.leaf == size).filter_map(|run| run.extent.clip(extent));
        let bytes: u128 = shared.map(Extent::size).sum();
        u64::try_from(bytes / u128::from(size.bytes())).unwrap_or(u64::MAX)
    });
    canvas.y += 22;
}

/// Draws the smaller leaves, in order of addresses, and their sizes.
fn contents(canvas: &mut Canvas, split: &Split, pieces: &[Piece<'_>]) {
    let extent = Extent::new(split.start, split.leaf.bytes());
    let mut contents: Vec<(&str, &str, u128)> = Vec::new();
    let mut places = HashMap::new();
    for piece in pieces {
        let Some(shared) = piece.extent.clip(extent) else { continue };
        let class = piece.mapped().map_or(style::UNMAPPED, |mapped| style::access(mapped.access));
        let place = *places.entry((class, piece.name())).or_insert(contents.len());
        match contents.get_mut(place) {
            Some((_, _, bytes)) => *bytes += shared.size(),
            None => contents.push((class, piece.name(), shared.size())),
        }
    }
    let outside = extent.size().saturating_sub(contents.iter().map(|(_, _, bytes)| bytes).sum());
    if outside > 0 {
        contents.push((style::UNMAPPED, "outside of the linear map", outside));
    }
    for (class, name, bytes) in contents.iter().take(MOST_LINES) {
        canvas.rect(class, Area { x: LEFT, y: canvas.y + 6, width: 20, height: 16 });
        canvas.text("note", LEFT + 30, canvas.y + 19, &text::shorten(name, 48));
        canvas.text("end note", RIGHT, canvas.y + 19, &text::size(*bytes));
        canvas.y += 22;
    }
    if contents.len() > MOST_LINES {
        canvas.paragraph(&format!("… and {} more", contents.len() - MOST_LINES));
    }
}
