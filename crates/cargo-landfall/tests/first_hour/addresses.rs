//! Addresses as users write them.

use std::process::Stdio;

use landfall_host::private;

use super::{landfall, texts_of};

#[test]
fn an_address_without_its_prefix_is_refused_with_the_right_one() {
    let folder = private::folder("landfall-").expect("a folder");
    for (arguments, right) in [
        (&["run", "k", "--at", "80200000"][..], "write 0x80200000"),
        (&["plan", "k", "--at", "80200000"], "write 0x80200000"),
        (&["plan", "k", "--dtb", "d", "--tree-at", "8a000000"], "write 0x8a000000"),
        (&["plan", "k", "--dtb", "d", "--initrd", "84000000:1M"], "write 0x84000000"),
        (&["plan", "k", "--dtb", "d", "--reserve", "80000000:512K"], "write 0x80000000"),
        (&["plan", "k", "--dtb", "d", "--no-map", "80000000:512K"], "write 0x80000000"),
        (&["plan", "k", "--dtb", "d", "--memory", "80000000:1G"], "write 0x80000000"),
        (&["run", "k", "--policy", "kernel=ffffffff80000000"], "write 0xffffffff80000000"),
        (&["run", "k", "--policy", "linear-map=offset:1000000000"], "write 0x1000000000"),
    ] {
        let output = landfall(folder.path(), arguments).stdin(Stdio::null()).output().expect("it runs");
        let (code, stdout, stderr) = texts_of(&output);
        assert_eq!((code, stdout.as_str()), (Some(2), ""), "{arguments:?}: {stderr}");
        assert!(stderr.contains(right), "{arguments:?}: {stderr}");
    }
}
