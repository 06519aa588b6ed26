//! error: cannot borrow `tables` as mutable more than once at a time
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
    let one = tables.editor(Empty);
    let two = tables.editor(Empty);
    let _ = one.walk(landing.plan().dynamic.start());
    let _ = two.walk(landing.plan().dynamic.start());
    landfall::power_off()
}
