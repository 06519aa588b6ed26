// expect: early-slot-read
static NAMES: [&str; 3] = ["bare", "sv39", "sv48"];

#[unsafe(no_mangle)]
extern "C" fn early(mode: usize, at: *mut u8) {
    if let Some(name) = NAMES.get(mode) {
        unsafe { at.write_volatile(name.as_bytes()[0]) }
    }
}
