//! error: borrow of moved value: `tables`
#![no_std]
#![no_main]
landfall::entry!(main);
fn main(landing: &'static landfall::Landing) -> ! {
    if let Some(tables) = landing.take_tables() {
        // SAFETY: none: it is the mistake that counts.
        let _ = unsafe { tables.give_up() };
        let _ = tables.root();
    }
    landfall::power_off()
}
