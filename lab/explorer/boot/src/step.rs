//! The steps of `docs/landing.md`, by the functions that carry them out.

/// Returns the step that begins with a function, after the step `now`; `None` for a function that
/// several steps use.
pub(crate) fn of(function: &str, now: u8) -> Option<u8> {
    let step = match function {
        // The checks before the first store are parts of one routine, which has no other labels.
        "landfall_enter" => 1,
        "landfall_check_seal" | "landfall_check_relr" => 4,
        // It runs for the physical address, after a move, and for the virtual address.
        "landfall_rebase" if now < 6 => 6,
        "landfall_rebase" if now >= 12 => 13,
        "landfall_read_tree" => 7,
        "landfall_random" | "landfall_read_seed" => 8,
        "landfall_probe" => 9,
        "landfall_plan" => 10,
        "landfall_move" | "landfall_copier" => 11,
        "landfall_build_tables" | "landfall::machine::land::carry_out" => 12,
        "landfall_leap" => 13,
        "landfall_landed_boot_hart" => 14,
        "hello::main" => 15,
        _ => return None,
    };
    (step > now).then_some(step)
}
