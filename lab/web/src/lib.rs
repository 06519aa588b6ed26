//! Builds the book in `docs` and checks the links of its pages: `cargo test -p landfall-web`.
//!
//! The crate has no code. Its test links mdBook, which takes a minute to compile, so it is no
//! default member of the workspace.
