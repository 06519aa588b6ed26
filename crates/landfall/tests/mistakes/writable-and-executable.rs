//! error: named `ReadWriteExecute` found for enum `Access`
#![no_std]
#![no_main]
use landfall::paging::Access;
landfall::entry!(main);
fn main(_landing: &'static landfall::Landing) -> ! {
    let _ = Access::ReadWriteExecute;
    landfall::power_off()
}
