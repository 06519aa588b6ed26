//! A choice among many, which compilers make a jump table of.
#![no_std]

unsafe extern "C" {
    fn elsewhere_called(number: u64) -> u64;
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn pattern(choice: u64, number: u64) -> u64 {
    unsafe {
        match choice {
            0 => elsewhere_called(number + 7),
            1 => elsewhere_called(number * 3),
            2 => elsewhere_called(number ^ 5),
            3 => elsewhere_called(number << 9),
            4 => elsewhere_called(number - 11),
            5 => elsewhere_called(number | 64),
            6 => elsewhere_called(number & 96),
            7 => elsewhere_called(number >> 3),
            _ => number,
        }
    }
}
