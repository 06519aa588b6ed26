//! error: cannot move out of `tables` because it is borrowed
#![no_std]
#![no_main]
landfall::entry!(main);
struct Empty;
// SAFETY: it has no frame.
unsafe impl landfall::paging::Frames for Empty {
    fn take(&mut self) -> Option<landfall::address::PhysAddr> {
        None
    }
    fn give_back(&mut self, _: landfall::address::PhysAddr) {}
}
fn main(landing: &'static landfall::Landing) -> ! {
    let Some(mut tables) = landing.take_tables() else { landfall::power_off() };
    let editor = tables.editor(Empty);
    // SAFETY: none: it is the mistake that counts.
    let _ = unsafe { tables.give_up() };
    let _ = editor.walk(landing.plan().dynamic.start());
    landfall::power_off()
}
