//! Sites of patched constants: executed, each makes the plan's number in its own register.

use landfall_paging::Mode::{Sv39, Sv48, Sv57};
use landfall_plan::sites::{Constant, SITE_SIZE, Site};

use crate::machine::Machine;

const RD: u32 = 10;

/// Instructions before they are patched, by the manual's encodings of `lui`, `addi` and `slli`.
fn code(constant: Constant) -> Vec<u8> {
    let (lui, addi) = (0x37 | RD << 7, 0x13 | RD << 7 | RD << 15);
    let slli = |by: u32| 0x1013 | RD << 7 | RD << 15 | by << 20;
    let words = match constant {
        Constant::ImageOffset => vec![lui, addi, slli(12), addi, slli(21)],
        Constant::LinearOffset | Constant::Border => vec![lui, slli(18)],
    };
    words.into_iter().flat_map(u32::to_le_bytes).collect()
}

/// Executes the instructions, and returns the value of their register.
fn execute(code: &[u8]) -> u64 {
    code.chunks(4).fold(0xdead_beef, |value: u64, bytes| {
        let word = u32::from_le_bytes(bytes.try_into().expect("whole instructions"));
        assert_eq!(word >> 7 & 31, RD, "the register stays");
        let signed = |bits: u32| i64::from(bits.cast_signed()).cast_unsigned();
        match word & 0x707f {
            0x13 => value.wrapping_add(signed((word.cast_signed() >> 20).cast_unsigned())),
            0x1013 => value << (word >> 20 & 63),
            _ if word & 0x7f == 0x37 => signed(word & 0xffff_f000),
            _ => panic!("the word {word:#x} has another value than these three"),
        }
    })
}

#[test]
fn a_patched_site_makes_the_number_of_the_plan() {
    for mode in [Sv39, Sv48, Sv57] {
        let plan = Machine::plain(mode).plan().expect("it lands");
        for (constant, number) in [
            (Constant::LinearOffset, plan.linear.offset),
            (Constant::ImageOffset, plan.image_offset()),
            (Constant::Border, plan.border.get()),
        ] {
            let mut code = code(constant);
            Site::new(&mut code).patch(constant, &plan);
            assert_eq!(execute(&code), number, "{constant:?} in {mode:?}");
        }
    }
}

#[test]
fn a_site_has_the_size_and_the_instructions_of_its_constant() {
    for constant in Constant::ALL {
        let unpatched = code(constant);
        assert_eq!(constant.size(), unpatched.len());
        assert!(constant.size() <= SITE_SIZE && Site::new(&mut unpatched.clone()).is(constant));
        for bit in 0..unpatched.len() * 8 {
            let mut other = unpatched.clone();
            other[bit / 8] ^= 1 << (bit % 8);
            assert!(!Site::new(&mut other).is(constant), "{constant:?}, bit {bit}");
        }
        let mut short = unpatched[..unpatched.len() - 1].to_vec();
        assert!(!Site::new(&mut short).is(constant), "{constant:?} cut");
    }
}

#[test]
fn a_site_of_register_zero_is_none() {
    for constant in Constant::ALL {
        let mut code = code(constant);
        for bytes in code.chunks_mut(4) {
            let word = u32::from_le_bytes((&*bytes).try_into().expect("whole instructions"));
            let source = if word & 0x7f == 0x37 { 0 } else { 31 << 15 };
            bytes.copy_from_slice(&(word & !(31 << 7 | source)).to_le_bytes());
        }
        assert!(!Site::new(&mut code).is(constant), "{constant:?}");
    }
}
