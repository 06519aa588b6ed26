//! Audits of machines whose tables are written by hand or drawn.

mod aliases;
mod comparing;
mod findings;
mod hostile;
mod machine;
mod model;
mod output;
mod regions;
mod searching;
mod shared;
mod sources;
