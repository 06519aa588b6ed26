//! Trees that QEMU makes. They need QEMU, so a plain `cargo test` passes them over, like those in
//! `tests/qemu.rs`.

use std::fs;
use std::process::Command;

use landfall_host::qemu::PROGRAM;
use landfall_paging::Mode;
use landfall_plan::Policy;
use landfall_predict::board::{self, Loading};

use crate::trees::predict;

fn tree(machine: &str, arguments: &[&str]) -> Vec<u8> {
    let directory = landfall_host::private::folder("landfall-").expect("a directory");
    let file = directory.path().join("tree.dtb");
    let mut command = Command::new(PROGRAM);
    command.args(["-machine", &format!("{machine},dumpdtb={}", file.display()), "-display", "none"]);
    command.args(["-bios", "none"]).args(arguments);
    let output = command.output().expect("QEMU runs");
    assert!(file.exists(), "{machine}: {}", String::from_utf8_lossy(&output.stderr));
    assert!(!fs::read(&file).expect("a file").is_empty());
    board::read_tree(&file).expect("a tree")
}

#[test]
#[ignore = "needs QEMU"]
fn machines_of_qemu_would_land() {
    for (machine, arguments, mode, boot_hart, stacks) in [
        ("virt", &["-smp", "4", "-m", "2G"][..], Mode::Sv57, 0, 4),
        ("virt", &["-cpu", "rv64,sv48=off,sv57=off", "-m", "16G"], Mode::Sv39, 0, 1),
        ("spike", &[], Mode::Sv48, 0, 1),
        // Its first hart has no MMU.
        ("sifive_u", &["-smp", "5", "-m", "1G"], Mode::Sv48, 1, 4),
    ] {
        let prediction = predict(&tree(machine, arguments), &Loading::default(), &Policy::new());
        let prediction = prediction.expect("a sound tree").expect("it lands");
        let found = (prediction.plan.mode, prediction.facts.boot_hart, prediction.plan.stacks.count);
        assert_eq!(found, (mode, boot_hart, stacks), "{machine}");
        assert!(prediction.notes.iter().any(|note| note.code() == "firmware-unreserved"), "{machine}");
    }
}

#[test]
#[ignore = "needs QEMU"]
fn numa_nodes_are_one_map() {
    let nodes = [
        "-smp",
        "2",
        "-m",
        "2G",
        "-object",
        "memory-backend-ram,id=a,size=1G",
        "-object",
        "memory-backend-ram,id=b,size=1G",
        "-numa",
        "node,memdev=a",
        "-numa",
        "node,memdev=b",
    ];
    let prediction = predict(&tree("virt", &nodes), &Loading::default(), &Policy::new());
    let prediction = prediction.expect("a sound tree").expect("it lands");
    assert_eq!(prediction.plan.linear.size, 2 << 30);
}
