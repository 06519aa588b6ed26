//! error: cannot construct `LinearTables<'_>` with struct literal syntax due to private fields
#![no_std]
#![no_main]
landfall::entry!(main);
fn main(_: &'static landfall::Landing) -> ! {
    let _ = landfall::paging::LinearTables {};
    landfall::power_off()
}
