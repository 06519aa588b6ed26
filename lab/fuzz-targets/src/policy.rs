//! Policy records: refused, or a policy that writes itself the same.

use landfall_plan::Policy;

/// Reads the input as a policy record.
///
/// # Panics
/// If landfall fails on it.
pub fn run(bytes: &[u8]) {
    let Some(record) = bytes.first_chunk::<{ Policy::RECORD_SIZE }>() else { return };
    match Policy::from_record(record) {
        Ok(policy) => assert_eq!(Policy::from_record(&policy.record()), Ok(policy)),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}
