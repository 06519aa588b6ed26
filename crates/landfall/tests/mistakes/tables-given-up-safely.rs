//! error: call to unsafe function `LandedTables::give_up`
#![no_std]
#![no_main]
landfall::entry!(main);
fn main(landing: &'static landfall::Landing) -> ! {
    if let Some(tables) = landing.take_tables() {
        let _ = tables.give_up();
    }
    landfall::power_off()
}
