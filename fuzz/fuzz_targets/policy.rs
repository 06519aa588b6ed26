//! Policy records: refused, or a policy that writes itself the same.

#![no_main]

use landfall_plan::Policy;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|record: [u8; Policy::RECORD_SIZE]| {
    match Policy::from_record(&record) {
        Ok(policy) => assert_eq!(Policy::from_record(&policy.record()), Ok(policy)),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});
