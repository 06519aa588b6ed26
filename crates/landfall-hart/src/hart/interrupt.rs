//! Interrupts of a hart: which are pending, and which one is taken.
