//! Lines of `run`, and the boots that they request.

use clap::Parser;

use super::*;
use crate::cli::{Cli, Subcommands};
use landfall_host::run::RunError;
use landfall_predict::Randomness;

fn parse(line: &str) -> Result<BootRequest, i32> {
    match Cli::try_parse_from(format!("landfall run {line}").split_whitespace()) {
        Ok(Cli { command: Subcommands::Run(arguments) }) => {
            match arguments.command().map(|command| command.machine) {
                Ok(RunMachine::Qemu(request)) => Ok(*request),
                Ok(RunMachine::Simulator(request)) => Ok(request.boot),
                Err(error) => Err(crate::exit_status::of(&error).into()),
            }
        }
        Ok(_) => panic!("`run` is another command now"),
        Err(error) => Err(error.exit_code()),
    }
}

#[test]
fn the_kernel_of_the_directory_boots_by_default() {
    let options = parse("").expect("no arguments are right");
    assert!(options.kernel.is_default());
    assert_eq!((options.memory, options.harts.get()), (Size::gib(1), 1));
    assert_eq!((options.randomness, options.format), (Randomness::Fresh, RunFormat::Text));
}

#[test]
fn every_option_arrives() {
    let options = parse(
        "k --firmware u-boot --board spike --initrd i --mode sv48 --at 0x80201000 --memory 64M --harts 4 --no-kaslr --append -x --format json --timeout 5 -- -icount shift=0",
    );
    let options = options.expect("all of these are right");
    assert_eq!((options.mode, options.at), (Some(Mode::Sv48), Some(Address(0x8020_1000))));
    assert_eq!((options.randomness, options.append.as_deref()), (Randomness::Off, Some("-x")));
    assert_eq!((options.firmware, options.board), (Firmware::UBoot, Board::Spike));
    assert_eq!(options.initrd.as_deref(), Some(Path::new("i")));
    assert_eq!((options.timeout, options.qemu.len()), (Duration::from_secs(5), 2));
    assert_eq!(options.kernel, Selection::named("k"));
}

#[test]
fn an_audit_has_the_format_that_its_user_asks_for() {
    let audit = |line: &str| {
        let parsed = Cli::try_parse_from(format!("landfall run {line}").split_whitespace()).ok()?;
        let Subcommands::Run(arguments) = parsed.command else { panic!("`run` is another command now") };
        let RunCommand { machine, audit } = arguments.command().ok()?;
        let RunMachine::Qemu(request) = machine else { panic!("a machine of QEMU") };
        Some((request.control, audit, request.format))
    };
    let (text, json) = (AuditFormat::Text, AuditFormat::Json);
    assert_eq!(audit("--audit"), Some((Control::Audit, text, RunFormat::Text)));
    assert_eq!(audit("--audit k"), Some((Control::Audit, text, RunFormat::Text)), "k is the kernel");
    assert_eq!(audit("--audit=json"), Some((Control::Audit, json, RunFormat::Json)));
    assert_eq!(audit("--audit=svg"), Some((Control::Audit, AuditFormat::Svg, RunFormat::Json)));
    assert_eq!(audit("--audit --format json"), Some((Control::Audit, text, RunFormat::Json)));
    for wrong in ["--audit=json --format json", "--audit=svg --format json", "--audit --gdb", "--audit=pdf"] {
        assert_eq!(audit(wrong), None, "{wrong}");
    }
}

#[test]
fn a_second_kernel_is_a_file_or_a_package_of_the_same_workspace() {
    let then = |line| parse(line).expect("right").then.expect("a second kernel");
    let package =
        then("--manifest-path d/Cargo.toml --profile dev --then hello --then-initrd i --then-append -x");
    assert_eq!(package.kernel.name.as_deref(), Some("hello"));
    assert_eq!(package.kernel.manifest_path.as_deref(), Some(Path::new("d/Cargo.toml")));
    assert_eq!(package.kernel.options.profile.as_deref(), Some("dev"));
    assert_eq!((package.initrd.as_deref(), package.append.as_deref()), (Some(Path::new("i")), Some("-x")));
    let file = then("--manifest-path d/Cargo.toml --then ./hello.bin");
    assert_eq!(file.kernel, Selection::named("./hello.bin"));
    assert_eq!(parse("").expect("right").then, None);
}

#[test]
fn a_user_has_the_keyboard_unless_a_script_asks() {
    let keyboard = |line| parse(line).map(|options| options.keyboard);
    for line in ["", "k", "--gdb", "--gdb --timeout 5", "target/release/k", "target/release/examples/k"] {
        assert_eq!(keyboard(line), Ok(Keys::User), "{line}");
    }
    for line in ["--timeout 5", "--until x", "--format json", "target/debug/deps/boot-0123456789abcdef"] {
        assert_eq!(keyboard(line), Ok(Keys::Nobody), "{line}");
    }
    let options = parse("--until x").expect("right");
    assert_eq!((options.until.as_deref(), options.timeout), (Some("x"), Duration::from_secs(30)));
}

#[test]
fn a_debugger_has_the_machine_only_where_it_is_asked_for() {
    let control = |line| parse(line).map(|options| options.control);
    assert_eq!(control(""), Ok(Control::Nobody));
    assert_eq!(control("--gdb --harts 2"), Ok(Control::Debugger));
}

#[test]
fn what_does_not_go_together_is_said_before_qemu_starts() {
    let check =
        |line| landfall_host::run::check(&parse(line).expect("options")).map_err(|error| error.to_string());
    for line in ["--board icicle --harts 5", "--board icicle --memory 1537M", "--board icicle -- -dtb f"] {
        let error = check(line).expect_err(line);
        assert!(error.contains("--memory 1537M") && error.contains("-dtb FILE"), "{error}");
    }
    check("--board icicle --memory 1537M -- -dtb f").expect("all of it");
    assert!(check("--at 0x80201000 --firmware uefi").is_err());
}

#[test]
fn a_file_that_cannot_be_is_noticed_before_anything_is_built() {
    let request = parse("no-such-kernel --dump-facts /nonexistent/x").expect("a path");
    let mistake = crate::run::run(&RunCommand {
        machine: RunMachine::Qemu(Box::new(request)),
        audit: AuditFormat::Text,
    });
    let mistake = mistake.expect_err("no such folder");
    assert!(matches!(mistake, Failure::Run(RunError::FactsNotWritten(_))), "{mistake}");
}

#[test]
fn a_number_that_cannot_be_is_told_in_our_words() {
    for (line, words) in [
        ("--memory 0", "a machine needs memory; write a size such as 1G"),
        ("--harts 0", "from 1 to 4294967295"),
        ("--harts x", "from 1 to 4294967295"),
        ("--harts 4294967296", "from 1 to 4294967295"),
        ("--timeout 0", "whole seconds"),
    ] {
        for command in ["run", "plan"] {
            let line = format!("landfall {command} {line}");
            let error = Cli::try_parse_from(line.split_whitespace()).expect_err("a mistake");
            assert!(error.to_string().contains(words), "{line}: {error}");
        }
    }
}

#[test]
fn mistakes_are_usage_errors() {
    for line in [
        "--mode sv32",
        "--at here",
        "--memory 0",
        "--memory 4097",
        "--harts 0",
        "--harts -1",
        "--harts 99999999999",
        "--seed 1",
        "--seed 0123456789abcdef --no-kaslr",
        "--timeout 0",
        "--until",
        "--until= ",
        "--until x --gdb",
        "--format xml",
        "--firmware",
        "--board sun",
        "--gdb --dump-facts f",
        "--dump-facts",
        "--then",
        "--then-initrd f",
        "--then-append x",
        "--policy x",
        "--policy stack=5K",
        "a b",
    ] {
        assert_eq!(parse(line).err(), Some(2), "{line}");
    }
}
