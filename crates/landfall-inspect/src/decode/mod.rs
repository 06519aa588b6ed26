//! Instructions of RV64GC.
