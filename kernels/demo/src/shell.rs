//! The console and its commands.

use core::fmt::Display;
use core::hint::black_box;
use core::ptr::with_exposed_provenance;
use core::str::SplitWhitespace;

use landfall::HartIndex;
use landfall::address::VirtAddr;
use landfall_kexec::Handover;

use crate::kernel::kernel;
use crate::uart::Uart;
use crate::{kexec, memory, modules, process, space, timer};

const HELP: &str = "\
map               lists what is mapped, and checks W^X
what ADDR         explains an address: a hexadecimal number, or text, guard or near
fault ADDR        loads from an address; `fault overflow` overflows the stack
harts             lists the harts and their timer interrupts
free              shows how much memory is free
vmalloc PAGES     maps memory at an address of its own; 0 unmaps it
user [hello|spin] runs a program in user mode; `user load ADDR` and `user store ADDR` may fault
modules           lists the modules of the initrd, and those that are loaded
load NAME [K=V].. loads a module, with parameters; `unload NAME` unloads it
kexec [LINE]      starts the next kernel of the initrd, with this command line
exit              ends the kernel";

/// Reads and executes commands.
pub(crate) fn run() -> ! {
    let mut uart = Uart::find().expect("the device tree has an ns16550");
    if kernel().landing.command_line().words().any(|word| word == Handover::WORD) {
        kexec::start("");
    }
    landfall::println!("A kernel in {}. Type `help`.", kernel().landing.mode());
    loop {
        landfall::print!("demo> ");
        let mut line = [0; 80];
        if execute(read_line(&mut uart, &mut line)).is_none() {
            landfall::println!("error: the command or an argument is unknown; type `help`");
        }
    }
}

/// Prints the reason if a command failed.
fn report<E: Display>(result: Result<(), E>) {
    if let Err(error) = result {
        landfall::println!("error: {error}");
    }
}

/// Reads keys and echoes them, up to Enter. The hart sleeps between them; its timer wakes it.
fn read_line<'a>(uart: &mut Uart, line: &'a mut [u8]) -> &'a str {
    let mut length = 0;
    loop {
        match uart.receive() {
            None => landfall::wait_for_interrupt(),
            Some(b'\r' | b'\n') => break,
            Some(0x08 | 0x7f) if length > 0 => {
                length -= 1;
                landfall::print!("\x08 \x08");
            }
            Some(key @ b' '..=b'~') if length < line.len() => {
                line[length] = key;
                length += 1;
                landfall::print!("{}", char::from(key));
            }
            Some(_) => {}
        }
    }
    landfall::println!();
    core::str::from_utf8(&line[..length]).unwrap_or_default()
}

/// Executes a line; `None` if the command or an argument is unknown.
fn execute(line: &str) -> Option<()> {
    let mut words = line.split_whitespace();
    match words.next().unwrap_or_default() {
        "" => {}
        "help" => landfall::println!("{HELP}"),
        "map" => space::show(),
        "what" => modules::what_is(address(&mut words)?, |what| landfall::println!("{what}")),
        "fault" if words.clone().next() == Some("overflow") => landfall::println!("{}", overflow(0)),
        "fault" => {
            let byte = with_exposed_provenance::<u8>(address(&mut words)?.get() as usize);
            // SAFETY: none. The fault is what the user asks for, and a load changes nothing in RAM.
            landfall::println!("no fault: the byte is {:#04x}", unsafe { byte.read_volatile() });
        }
        "harts" => timer::show(),
        "free" => landfall::println!("{} KiB are free", memory::free().size() >> 10),
        "vmalloc" => report(space::hold(words.next()?.parse().ok()?)),
        "modules" => report(modules::show()),
        "load" => {
            let name = words.next()?;
            report(modules::load(name, line.splitn(3, ' ').nth(2).unwrap_or_default())?);
        }
        "unload" => report(modules::unload(words.next()?)),
        "user" => {
            let name = words.next().unwrap_or("hello");
            let part = process::PARTS.iter().position(|part| *part == name)?;
            let argument = address(&mut words).map_or(0, VirtAddr::get);
            report(process::run([part as u64, argument]));
        }
        "kexec" => kexec::start(line.split_once(' ').map_or("", |(_, rest)| rest)),
        "exit" => landfall::exit(0),
        _ => return None,
    }
    Some(())
}

/// Reads an address. Names of places need no disclosed addresses.
fn address(words: &mut SplitWhitespace<'_>) -> Option<VirtAddr> {
    let (landing, plan) = (kernel().landing, kernel().landing.plan());
    Some(match words.next()? {
        "text" => plan.image.virt,
        "guard" => landing.stack(HartIndex::BOOT).start() - 8,
        "near" => plan.near.start(),
        number => VirtAddr::new(u64::from_str_radix(number.trim_start_matches("0x"), 16).ok()?),
    })
}

/// Calls itself until the stack is used up.
#[expect(unconditional_recursion, reason = "the overflow is what the user asks for")]
fn overflow(calls: u64) -> u64 {
    black_box(overflow(black_box(calls) + 1)) + 1
}
