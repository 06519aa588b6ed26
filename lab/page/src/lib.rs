//! Tests of the explorer's page, `crates/landfall-explorer/page`: `cargo test -p landfall-page`.
//!
//! The crate has no code. Its test installs Node and Chromium if they are missing, and runs the
//! page's own tests, which are JavaScript. Those in the browser are ignored by default:
//! `cargo test -p landfall-page -- --include-ignored`.
