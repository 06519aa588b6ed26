//! Patched constants.

use landfall_modules::{LoadError, Name, Part};
use landfall_paging::Mode;

use crate::fixture::Fixture;
use crate::immediates::{AUIPC, I_TYPE, value};
use crate::machine::Setup;
use crate::object::{CONSTANTS, Object};
use crate::samples::named;

const PCREL_32: u32 = 57;

/// `lui a0; slli a0, a0, 18`, with a two-byte instruction in front
const SHORT: [u32; 2] = [0x0000_0537, 0x0125_1513];
/// `lui a1; addi a1, a1; slli a1, a1, 12; addi a1, a1; slli a1, a1, 21`
const LONG: [u32; 5] = [0x0000_05b7, 0x0005_8593, 0x00c5_9593, 0x0005_8593, 0x0155_9593];

/// A module with a site at offset 2 of its text, and one record of it.
fn module(constant: &str, words: &[u32]) -> Object {
    let mut object = named("unit");
    let text = object.code(".text", &[]);
    object.at(text).bytes = vec![0x01, 0x00];
    object.at(text).bytes.extend(words.iter().flat_map(|word| word.to_le_bytes()));
    object.symbol("site", text, 2);
    let records = object.section(&format!(".landfall.sites.{constant}"), CONSTANTS, 4, &[0; 4]);
    object.relocate(records, 0, PCREL_32, 1, 0);
    object
}

/// Executes `lui`, `addi` and `slli` of one register.
fn executed(words: &[u32]) -> u64 {
    let mut register = 0_i64;
    for word in words {
        register = match (word & 0x7f, word >> 12 & 7) {
            (0x37, _) => value(AUIPC, *word) << 12,
            (0x13, 0) => register.wrapping_add(value(I_TYPE, *word)),
            (0x13, 1) => register << (word >> 20 & 0x3f),
            _ => panic!("{word:#x} is no instruction of a site"),
        };
    }
    register.cast_unsigned()
}

#[test]
fn each_constant_is_patched_as_the_landing_has_it() {
    for mode in Mode::BEST_FIRST {
        for (constant, words) in [("linear", &SHORT[..]), ("border", &SHORT), ("image", &LONG)] {
            let mut fixture = Fixture::of(&Setup::of(mode));
            fixture.load(&module(constant, words).write()).expect("a module");
            let patched: Vec<u32> = (0..words.len() as u64)
                .map(|index| fixture.word("unit", Part::Text, 2 + 4 * index))
                .collect();
            let plan = fixture.landed.plan;
            let expected = match constant {
                "linear" => plan.linear.offset,
                "border" => plan.border.get(),
                _ => plan.image.virt.get().wrapping_sub(plan.image.phys.base.get()),
            };
            assert_eq!(executed(&patched), expected, "{constant} in {mode}");
            assert_eq!(fixture.bytes("unit", Part::Text, 0, 2), [1, 0]);
        }
    }
}

#[test]
fn a_record_that_names_no_site_is_refused() {
    let mut fixture = Fixture::new();
    let good = module("linear", &SHORT);
    let refused =
        |object: &Object, fixture: &mut Fixture| fixture.load(&object.write()).expect_err("no site");
    let expected = LoadError::BadSite(Name::new(b".landfall.sites.linear"));
    for (offset, byte) in [(0, 0x13), (4, 0x05), (7, 0x02)] {
        let mut other = good.clone();
        other.named(".text").bytes[2 + offset] ^= byte;
        assert_eq!(refused(&other, &mut fixture), expected, "byte {offset}");
    }
    for addend in [2, 4, -2, 1 << 20, -(1 << 20)].map(i64::cast_unsigned) {
        let mut other = good.clone();
        other.named(".landfall.sites.linear").relocations[0].addend = addend;
        assert_eq!(refused(&other, &mut fixture), expected, "{addend:#x}");
    }
    // Of another constant, cut short, and patched twice.
    let other = module("image", &SHORT);
    assert_eq!(refused(&other, &mut fixture), LoadError::BadSite(Name::new(b".landfall.sites.image")));
    let mut short = good.clone();
    short.named(".text").bytes.truncate(9);
    assert_eq!(refused(&short, &mut fixture), expected);
    let mut twice = good;
    twice.named(".landfall.sites.linear").bytes = vec![0; 8];
    let relocation = twice.named(".landfall.sites.linear").relocations[0].clone();
    twice
        .named(".landfall.sites.linear")
        .relocations
        .push(crate::object::Relocation { offset: 4, ..relocation });
    assert_eq!(refused(&twice, &mut fixture), expected);
}
