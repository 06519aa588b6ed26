//! Reports of every earlier kernel are read by the command of today.

use std::fs;
use std::path::Path;

use landfall_host::report::Report;

#[test]
fn the_report_of_every_earlier_kernel_is_read() {
    let records = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../crates/landfall-predict/tests/records");
    let mut read = 0;
    for entry in fs::read_dir(&records).expect("the fixtures") {
        let path = entry.expect("an entry").path();
        if path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("report-")) {
            let line = fs::read_to_string(&path).expect("text");
            let report = Report::parse(&line).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            assert!(report.kernel_virtual().is_some() && report.kernel_loaded().is_some());
            assert_eq!(report.get("/harts/online").and_then(serde_json::Value::as_u64), Some(1));
            read += 1;
        }
    }
    assert_eq!(read, 3);
}
