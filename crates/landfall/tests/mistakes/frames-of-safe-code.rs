//! error: the trait `Frames` requires an `unsafe impl` declaration
#![no_std]
#![no_main]
landfall::entry!(main);
struct Image;
impl landfall::paging::Frames for Image {
    fn take(&mut self) -> Option<landfall::address::PhysAddr> {
        Some(landfall::address::ImageAddr::from_ptr(&raw const TEXT).to_phys())
    }
    fn give_back(&mut self, _: landfall::address::PhysAddr) {}
}
static TEXT: u64 = 0;
fn main(landing: &'static landfall::Landing) -> ! {
    let Some(mut tables) = landing.take_tables() else { landfall::power_off() };
    let _ = tables.editor(Image);
    landfall::power_off()
}
