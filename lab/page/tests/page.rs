//! The page's tests: types, the model beside the JSON of documents, and the page in a browser.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, OnceLock};

use landfall_host::setup::{self, Program};

const NODE: Program<'_> = Program { name: "node", package: "nodejs" };
const NPM: Program<'_> = Program { name: "npm", package: "npm" };
const CHROMIUM: Program<'_> = Program { name: "chromium-headless-shell", package: "chromium-headless-shell" };

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../crates/landfall-explorer/page")
}

/// Installs the packages of the lock file, once, unless those that are there are of this lock file.
fn modules() {
    static DONE: OnceLock<()> = OnceLock::new();
    DONE.get_or_init(|| {
        setup::programs(&[NODE, NPM], "tests of the explorer's page").expect("Node");
        let lock = fs::read(folder().join("package-lock.json")).expect("the lock file");
        let stamp = folder().join("node_modules/.landfall-lock");
        if fs::read(&stamp).is_ok_and(|installed| installed == lock) {
            return;
        }
        run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
        fs::write(stamp, lock).expect("the stamp");
    });
}

/// Runs a program in the page's folder. It must succeed.
fn run<A: AsRef<OsStr>>(program: &str, arguments: impl IntoIterator<Item = A>) {
    let mut command = Command::new(program);
    let output = command.args(arguments).current_dir(folder()).stdin(Stdio::null()).output();
    let output = output.unwrap_or_else(|error| panic!("{program}: {error}"));
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{command:?} failed\n{text}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    // A file without a test would succeed too.
    if program == NODE.name {
        println!("{text}");
        assert!(text.contains("# pass ") && !text.contains("# pass 0"), "no test ran\n{text}");
    }
}

fn tests(kind: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder().join("tests").join(kind)).expect("the tests");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let mut files: Vec<_> = paths.filter(|path| path.to_string_lossy().ends_with(".test.js")).collect();
    files.sort();
    assert!(!files.is_empty(), "{kind} has tests");
    files
}

#[test]
fn the_types_of_the_page_are_right() {
    modules();
    run("node_modules/.bin/tsc", [""; 0]);
}

#[test]
fn the_model_is_right_beside_the_json() {
    setup::programs(&[NODE], "tests of the explorer's page").expect("Node");
    let files = tests("model");
    run(NODE.name, [OsStr::new("--test")].into_iter().chain(files.iter().map(|path| path.as_os_str())));
}

/// Runs one file in a browser. A browser wants a processor for itself, so one runs at a time.
fn browse(name: &str) {
    static TURN: Mutex<()> = Mutex::new(());
    let _turn = TURN.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    setup::programs(&[CHROMIUM], "tests of the explorer's page").expect("Chromium");
    modules();
    run(NODE.name, [folder().join("tests/browser").join(format!("{name}.test.js"))]);
}

macro_rules! browser_tests {
    ($($name:ident)+) => {
        $(
            #[test]
            #[ignore = "starts Chromium"]
            fn $name() {
                browse(stringify!($name));
            }
        )+

        #[test]
        fn each_file_of_the_browser_has_a_test() {
            let files: Vec<_> = tests("browser").iter().map(|path| path.file_name().map(OsStr::to_owned)).collect();
            let names: Vec<_> = [$(stringify!($name)),+].map(|name| Some(format!("{name}.test.js").into())).into();
            assert_eq!(files, names);
        }
    };
}

browser_tests!(boot compare hostile keys look play speed state widths);
