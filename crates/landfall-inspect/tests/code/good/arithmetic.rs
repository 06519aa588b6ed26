// Ordinary arithmetic, with data that holds no pointers.
static PRIMES: [u64; 5] = [2, 3, 5, 7, 11];

#[inline(never)]
fn sum(numbers: &[u64], factor: u64) -> u64 {
    numbers.iter().fold(0, |sum: u64, number| sum.wrapping_mul(factor) ^ number.wrapping_add(sum >> 3))
}

#[unsafe(no_mangle)]
extern "C" fn early(tree: *const u8, at: *mut u64) {
    let mut digits = [0_u64; 16];
    for (index, digit) in digits.iter_mut().enumerate() {
        *digit = unsafe { u64::from(tree.add(index).read()) };
    }
    unsafe { at.write_volatile(sum(&digits, 31) + sum(&PRIMES, 7)) }
}
