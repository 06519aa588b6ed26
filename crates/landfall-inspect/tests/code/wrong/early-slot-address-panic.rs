// expect: early-slot-address
#[unsafe(no_mangle)]
extern "C" fn early(numbers: &[u64; 4], index: usize, at: *mut u64) {
    // The location that the panic prints holds a pointer to the file's name.
    unsafe { at.write_volatile(numbers[index]) }
}
