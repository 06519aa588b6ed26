//! Tests of the ns16550.

use super::Uart;

#[test]
fn the_divisor_hides_data_and_interrupts() {
    let mut uart = Uart::default();
    uart.store(3, 0x83);
    uart.store(0, 0x0c);
    uart.store(1, 0x01);
    assert_eq!([uart.load(0), uart.load(1), uart.load(3)], [0x0c, 0x01, 0x83]);
    uart.store(3, 0x03);
    assert_eq!([uart.load(0), uart.load(1)], [0, 0]);
    assert_eq!(uart.store(0, b'a'), Some(b'a'));
}

#[test]
fn a_received_byte_shows_in_the_line_status_until_it_is_read() {
    let mut uart = Uart::default();
    assert_eq!(uart.load(5), 0x60);
    uart.receive(b"xy");
    assert_eq!(uart.load(5), 0x61);
    assert_eq!([uart.load(0), uart.load(0)], *b"xy");
    assert_eq!(uart.load(5), 0x60);
}

#[test]
fn received_data_interrupts_before_the_empty_transmitter() {
    let mut uart = Uart::default();
    assert!(!uart.interrupts());
    uart.receive(b"x");
    uart.store(1, 3);
    assert_eq!(uart.load(2), 0x04);
    assert_eq!(uart.load(2), 0x04);
    uart.load(0);
    assert_eq!(uart.load(2), 0x02);
    assert_eq!(uart.load(2), 0x01);
    assert!(!uart.interrupts());
}

#[test]
fn the_empty_transmitter_interrupts_after_each_byte() {
    let mut uart = Uart::default();
    uart.store(1, 2);
    assert_eq!([uart.load(2), uart.load(2)], [0x02, 0x01]);
    uart.store(0, b'a');
    assert!(uart.interrupts());
    uart.store(1, 0);
    assert!(!uart.interrupts());
}

#[test]
fn fewer_bytes_than_the_trigger_level_interrupt_as_a_timeout() {
    let mut uart = Uart::default();
    uart.store(2, 0x81);
    uart.store(1, 1);
    uart.receive(&[0; 7]);
    assert_eq!(uart.load(2), 0xcc);
    uart.receive(&[0]);
    assert_eq!(uart.load(2), 0xc4);
}

#[test]
fn a_reset_of_the_fifo_drops_what_it_holds() {
    let mut uart = Uart::default();
    uart.receive(&[1; 20]);
    uart.store(2, 0x07);
    assert_eq!(uart.received.len(), 4);
}

#[test]
fn loopback_receives_what_is_sent_and_the_outputs_of_the_modem() {
    let mut uart = Uart::default();
    assert_eq!(uart.load(6), 0xb0);
    uart.store(4, 0xfa);
    assert_eq!(uart.load(4), 0x1a);
    assert_eq!(uart.load(6), 0x90);
    assert_eq!(uart.store(0, b'q'), None);
    assert_eq!(uart.load(0), b'q');
}

#[test]
fn the_scratch_register_holds_a_byte_and_the_status_registers_do_not() {
    let mut uart = Uart::default();
    for register in 5..8 {
        uart.store(register, 0xa5);
    }
    assert_eq!([uart.load(5), uart.load(6), uart.load(7)], [0x60, 0xb0, 0xa5]);
}
