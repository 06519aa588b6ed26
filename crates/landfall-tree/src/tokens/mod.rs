//! The tokens of flattened device trees (devicetree specification v0.4, 5.4): to read them, to copy
//! some, and to write a tree of one's own.
//!
//! [`Tokens`] walks a tree, in its order, from any node. [`TreeWriter`] writes one into memory of
//! any size. If the tree does not fit, the writer counts its bytes.
//!
//! The next tree here is a copy of the first one, without its seed and with another command line:
//!
//! ```
//! use landfall_plan::Refusal;
//! use landfall_tree::Tree;
//! use landfall_tree::tokens::{Token, Tokens, TreeWriter, WriteError};
//!
//! /// The names that are written: each ends with a zero.
//! const NAMES: &[u8] = b"bootargs\0rng-seed\0";
//!
//! // A tree with a seed.
//! let mut room = [0; 256];
//! let mut out = TreeWriter::new(&mut room, &[], NAMES, []);
//! out.begin("");
//! out.begin("chosen");
//! out.property("rng-seed", &[7; 32]);
//! out.end();
//! out.end();
//! let size = out.finish(0)?;
//! let tree = Tree::new(&room[..size])?;
//!
//! /// Copies a tree.
//! fn next(tree: Tree<'_>, line: &str, into: &mut [u8]) -> Result<usize, WriteError> {
//!     let tokens = Tokens::of(tree);
//!     let mut out = TreeWriter::new(into, tokens.strings(), NAMES, Tokens::reservations(tree));
//!     for token in tokens {
//!         match token {
//!             Token::Property { name: "rng-seed" | "bootargs", .. } => {}
//!             Token::Begin { name: "chosen" } => {
//!                 out.copy(token);
//!                 out.text("bootargs", line);
//!             }
//!             _ => out.copy(token),
//!         }
//!     }
//!     out.finish(0)
//! }
//!
//! // Any memory measures it.
//! let Err(WriteError::TooSmall { wanted }) = next(tree, "quiet", &mut []) else {
//!     panic!("a tree has bytes")
//! };
//! let mut room = vec![0; wanted];
//! next(tree, "quiet", &mut room)?;
//! let chosen = Tokens::root(Tree::new(&room)?).child("chosen");
//! let value = |name| chosen.as_ref().and_then(|chosen| chosen.property(name));
//! assert_eq!((value("bootargs"), value("rng-seed")), (Some(b"quiet\0".as_slice()), None));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod reader;
mod writer;

pub use reader::{Token, Tokens};
pub use writer::{TreeWriter, WriteError};
