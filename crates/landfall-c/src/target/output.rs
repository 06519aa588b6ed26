//! Arrays of the caller that a function fills.

/// Writes as many `items` to `array` as fit, and returns how many there are.
///
/// # Safety
/// `array` is null or has room for `capacity` items.
pub(super) unsafe fn fill<T>(array: *mut T, capacity: usize, items: impl Iterator<Item = T>) -> usize {
    let mut count = 0;
    for item in items {
        if count < capacity && !array.is_null() {
            // SAFETY: the place lies within the array.
            unsafe { array.add(count).write(item) };
        }
        count += 1;
    }
    count
}
