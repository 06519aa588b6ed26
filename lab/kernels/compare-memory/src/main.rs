//! Works on all free memory, for `cargo compare split`. It has a hash table whose buckets lie in
//! all of it, copies pages through the linear map, and edits the live tables. Only its addresses
//! count.
//!
//! ```text
//! grounds  all free memory as pages, half of them for the table and half for copies
//! table    the hash table
//! copies   copies of pages
//! edits    mappings in the dynamic region
//! random   the order of the work
//! ```
//!
//! The command line has `rounds=N` and `order=N`.

#![no_std]
#![no_main]
#![expect(clippy::cast_possible_truncation, reason = "a machine word has 64 bits")]

mod copies;
mod edits;
mod free;
mod grounds;
mod random;
mod table;

use landfall::Landing;

use grounds::Grounds;
use random::Random;
use table::Table;

landfall::entry!(main);

/// Puts and gets of a round: a get of what was put, and one of what may never have been.
const PUTS: u64 = 4;
/// A copy of a page in each of so many rounds.
const COPIES: u64 = 4;
/// A mapping, and its end, in each of so many rounds.
const EDITS: u64 = 64;

fn main(landing: &'static Landing) -> ! {
    let rounds = number(landing, "rounds=").unwrap_or(1024);
    let order = number(landing, "order=").unwrap_or(1);
    // SAFETY: nothing else in this kernel uses free memory.
    let (grounds, mut edits) = unsafe { grounds::of(landing) };
    let mut table = Table::new(&grounds, order);
    let mut random = Random::new(order);
    let mut right = true;
    for round in 0..rounds {
        right &= work(&mut table, &grounds, &mut random);
        if round % COPIES == 0 {
            right &= copies::copy(&grounds, &mut random);
        }
        if round % EDITS == 0 {
            right &= edits.map_and_unmap();
        }
    }
    let result = if right { "right" } else { "wrong" };
    let pages = grounds.pages();
    landfall::println!(
        "compare: workload=memory rounds={rounds} order={order} pages={pages} result={result}"
    );
    landfall::println!("landfall: report {}", landing.report().json());
    landfall::exit(0)
}

/// Works on the table. Returns false if it does not hold what was put.
fn work(table: &mut Table<'_>, grounds: &Grounds, random: &mut Random) -> bool {
    let mut right = true;
    for _ in 0..PUTS {
        let key = table.put(random.next());
        let old = random.below(key + 1);
        right &= table.get(old).is_some();
        // Half of all pages are the table's, so a key may be of any of them.
        right &= table.get(random.below(grounds.pages()) | 1 << 63).is_none();
    }
    right
}

/// Returns the number behind a word's beginning on the command line.
fn number(landing: &'static Landing, key: &str) -> Option<u64> {
    let mut words = landing.command_line().as_str()?.split(' ');
    words.find_map(|word| word.strip_prefix(key))?.parse().ok()
}
