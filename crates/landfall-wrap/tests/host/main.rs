//! The rules for inner kernels, their places and their loading, against models that share no code.

mod draws;
mod hostile;
mod kernel;
mod loaded;
mod oracle;
mod places;
mod rules;
