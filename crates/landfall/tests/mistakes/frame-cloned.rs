//! error: no method named `clone` found for mutable reference `&mut TrapFrame`
#![no_std]
#![no_main]
landfall::entry!(main);
fn handle(frame: &mut landfall::trap::TrapFrame) {
    let older = frame.clone();
    *frame = older;
}
fn main(landing: &'static landfall::Landing) -> ! {
    let _ = landfall::trap::install(landing, handle);
    landfall::exit(0)
}
