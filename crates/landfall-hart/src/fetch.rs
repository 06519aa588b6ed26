//! Fetches: the present instructions, and those that a hart may still fetch of earlier ones.
