//! error: ::protect_anywhere` is unsafe
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
    let mut editor = tables.editor(Empty);
    let virt = landing.plan().image.virt;
    let _ = editor.protect_anywhere(virt, 4096, landfall::paging::Access::ReadOnly);
    landfall::power_off()
}
