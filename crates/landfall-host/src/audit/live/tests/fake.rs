//! A QMP that misbehaves: a thread that answers as a script says.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::thread::JoinHandle;

use serde_json::{Value, json};

use super::*;

/// The text of `info registers -a`: one hart with sv39 and the root at the beginning of RAM.
const HART: &str = "\nCPU#0\n mhartid  0000000000000000\n satp     8000000000080000\n";

/// An answer of the script, or an empty one for the usual answer.
type Script = fn(command: &str, line: &str) -> Option<Value>;

/// Starts the thread, which returns the commands that it got.
fn serve(listener: UnixListener, script: Script) -> JoinHandle<Vec<String>> {
    std::thread::spawn(move || {
        let (stream, _) = listener.accept().expect("a client");
        answer(stream, script)
    })
}

fn answer(mut stream: UnixStream, script: Script) -> Vec<String> {
    let lines = BufReader::new(stream.try_clone().expect("a stream")).lines();
    writeln!(stream, "{{\"QMP\": {{}}}}").expect("written");
    let mut commands = Vec::new();
    for line in lines.map_while(Result::ok) {
        let request: Value = serde_json::from_str(&line).expect("a request");
        let command = request["execute"].as_str().expect("a command").to_owned();
        let monitor = request["arguments"]["command-line"].as_str().unwrap_or_default();
        if let Some(file) = request["arguments"]["filename"].as_str() {
            fs::write(file, [0; 4096]).expect("a file");
        }
        let usual = match (command.as_str(), monitor) {
            ("query-status", _) => json!({ "return": { "running": true, "status": "running" } }),
            (_, "info mtree -f") => json!({ "return": flat_view::tests::TEXT }),
            (_, "info registers -a") => json!({ "return": HART }),
            ("human-monitor-command", _) => json!({ "return": "Error: not found" }),
            _ => json!({ "return": {} }),
        };
        let answer = script(&command, monitor).unwrap_or(usual);
        for line in answer.as_array().map_or(std::slice::from_ref(&answer), Vec::as_slice) {
            if writeln!(stream, "{line}").is_err() {
                break;
            }
        }
        commands.push(if monitor.is_empty() { command } else { monitor.to_owned() });
    }
    commands
}

/// Captures the machine of a script. Returns the error, and the commands.
fn fails(script: Script) -> (String, Vec<String>) {
    let scratch = Scratch::create().expect("a folder");
    let socket = scratch.path().join("qmp");
    let server = serve(UnixListener::bind(&socket).expect("a socket"), script);
    let error = Qmp::connect(&Endpoint::Socket(socket))
        .and_then(|mut machine| capture(&mut machine, &Wanted::OfHarts, Also::Nothing))
        .expect_err("no capture");
    (error.to_string(), server.join().expect("the server's end"))
}

#[test]
fn events_do_not_extend_the_time_limit() {
    let scratch = Scratch::create().expect("a folder");
    let socket = scratch.path().join("qmp");
    let listener = UnixListener::bind(&socket).expect("a socket");
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a client");
        let _ = writeln!(stream, "{{\"QMP\": {{}}}}\n{{\"return\": {{}}}}");
        while writeln!(stream, "{{\"event\": \"RESUME\"}}").is_ok() {}
    });
    let client = crate::qmp::Client::connect(&Endpoint::Socket(socket), Duration::from_secs(9));
    let mut client = client.expect("QMP").with_patience(Duration::from_millis(30));
    let error = client.execute("query-status", &json!({})).expect_err("no answer").to_string();
    assert!(error.starts_with("QEMU does not answer the command query-status within 0 s"), "{error}");
    drop(client);
    server.join().expect("the server's end");
}

fn stopped() -> Value {
    json!({ "return": { "running": false, "status": "paused" } })
}

#[test]
fn a_machine_that_another_client_resumed_gives_no_audit() {
    let (error, commands) = fails(|command, _| match command {
        "pmemsave" => Some(json!([{ "event": "RESUME" }, { "return": {} }])),
        _ => None,
    });
    assert!(error.starts_with("the machine ran while it was read"), "{error}");
    assert!(!commands.contains(&"cont".to_owned()), "{commands:?}");
}

#[test]
fn a_machine_without_harts_goes_on() {
    static STOPPED: std::sync::atomic::AtomicBool = std::sync::atomic::AtomicBool::new(false);
    let (error, commands) = fails(|command, monitor| match (command, monitor) {
        ("stop", _) => {
            STOPPED.store(true, std::sync::atomic::Ordering::Relaxed);
            None
        }
        ("query-status", _) if STOPPED.load(std::sync::atomic::Ordering::Relaxed) => Some(stopped()),
        (_, "info registers -a") => Some(json!({ "return": "" })),
        _ => None,
    });
    assert!(error.contains("names no RISC-V hart"), "{error}");
    assert_eq!(commands.last().map(String::as_str), Some("cont"));
}

#[test]
fn wrong_answers_are_named() {
    let scripts: [(Script, &str); 5] = [
        (|_, monitor| (monitor == "info mtree -f").then(|| json!({ "return": "" })), "names no RAM"),
        (
            |_, monitor| (monitor == "info mtree -f").then(|| json!({ "error": { "desc": "a\nb" } })),
            "refuses the command human-monitor-command: a\\nb",
        ),
        (|_, monitor| (monitor == "info mtree -f").then(|| json!({ "return": 7 })), "QEMU answers \"7\""),
        (|command, _| (command == "query-status").then(|| json!("x")), "QEMU answers \"\\\"x\\\"\""),
        (
            |command, _| (command == "pmemsave").then(|| json!({ "error": { "desc": "No such file" } })),
            "No such file; it may be on another machine",
        ),
    ];
    for (script, words) in scripts {
        let (error, _) = fails(script);
        assert!(error.contains(words), "no \"{words}\" in {error}");
    }
}
