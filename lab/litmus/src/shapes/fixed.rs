//! Tests that no combination covers, in the litmus format.

use crate::parse::parse;
use crate::test::Test;

/// The tests.
const TESTS: &[&str] = &[
    // Rule 12: a load that a dependent store feeds follows the store's sources. A branch has no
    // such rule, so the first is forbidden and the second allowed.
    "RISCV feed+addr\n{0:x6=x; 0:x8=y; 0:x5=1; 1:x6=y; 1:x8=z; 1:x10=x; 1:x5=1;}
 P0 | P1 ;
 sw x5,0(x6) | lw x1,0(x6) ;
 fence w,w | xor x2,x1,x1 ;
 sw x5,0(x8) | add x8,x8,x2 ;
  | sw x5,0(x8) ;
  | lw x3,0(x8) ;
  | xor x4,x3,x3 ;
  | add x10,x10,x4 ;
  | lw x7,0(x10) ;
~exists (1:x1=1 /\\ 1:x3=1 /\\ 1:x7=0)",
    "RISCV feed+ctrl\n{0:x6=x; 0:x8=y; 0:x5=1; 1:x6=y; 1:x8=z; 1:x10=x; 1:x5=1;}
 P0 | P1 ;
 sw x5,0(x6) | lw x1,0(x6) ;
 fence w,w | bne x1,x0,L ;
 sw x5,0(x8) | L: ;
  | sw x5,0(x8) ;
  | lw x3,0(x8) ;
  | xor x4,x3,x3 ;
  | add x10,x10,x4 ;
  | lw x7,0(x10) ;
exists (1:x1=1 /\\ 1:x3=1 /\\ 1:x7=0)",
    // Rule 12 with data.
    "RISCV feed+data\n{0:x6=x; 0:x8=y; 0:x5=1; 1:x6=y; 1:x8=z; 1:x10=x;}
 P0 | P1 ;
 sw x5,0(x6) | lw x1,0(x6) ;
 fence w,w | sw x1,0(x8) ;
 sw x5,0(x8) | lw x3,0(x8) ;
  | xor x4,x3,x3 ;
  | add x10,x10,x4 ;
  | lw x7,0(x10) ;
~exists (1:x1=1 /\\ 1:x3=1 /\\ 1:x7=0)",
    // Rule 2: loads of the same store may swap, those of different stores may not.
    "RISCV same-store\n{0:x6=x; 0:x8=y; 0:x5=1; 1:x6=y; 1:x8=z; 1:x9=z; 1:x10=x;}
 P0 | P1 ;
 sw x5,0(x6) | lw x1,0(x6) ;
 fence w,w | xor x2,x1,x1 ;
 sw x5,0(x8) | add x8,x8,x2 ;
  | lw x3,0(x8) ;
  | lw x4,0(x9) ;
  | xor x4,x4,x4 ;
  | add x10,x10,x4 ;
  | lw x7,0(x10) ;
exists (1:x1=1 /\\ 1:x7=0)",
    "RISCV different-stores\n{0:x6=x; 0:x8=y; 0:x5=1; 1:x6=y; 1:x8=z; 1:x9=z; 1:x10=x; 2:x6=z; 2:x5=1;}
 P0 | P1 | P2 ;
 sw x5,0(x6) | lw x1,0(x6) | sw x5,0(x6) ;
 fence w,w | xor x2,x1,x1 | ;
 sw x5,0(x8) | add x8,x8,x2 | ;
  | lw x3,0(x8) | ;
  | lw x4,0(x9) | ;
  | xor x11,x4,x4 | ;
  | add x10,x10,x11 | ;
  | lw x7,0(x10) | ;
~exists (1:x1=1 /\\ 1:x3=0 /\\ 1:x4=1 /\\ 1:x7=0)",
    // Rule 13: a store waits for the addresses of earlier accesses.
    "RISCV address-then-store\n{0:x6=x; 0:x8=y; 0:x5=2; 0:x7=1; 1:x6=y; 1:x8=z; 1:x10=x; 1:x5=1;}
 P0 | P1 ;
 sw x5,0(x6) | lw x1,0(x6) ;
 fence w,w | xor x2,x1,x1 ;
 sw x7,0(x8) | add x8,x8,x2 ;
  | lw x3,0(x8) ;
  | sw x5,0(x10) ;
~exists (x=2 /\\ 1:x1=1)",
    // Rule 3: no hart reads its own AMO or SC early.
    "RISCV own-amo\n{0:x6=x; 0:x8=y; 0:x5=1; 1:x6=y; 1:x8=x; 1:x5=1;}
 P0 | P1 ;
 amoswap.w x1,x5,(x6) | amoswap.w x1,x5,(x6) ;
 lw x2,0(x6) | lw x2,0(x6) ;
 fence r,r | fence r,r ;
 lw x3,0(x8) | lw x3,0(x8) ;
~exists (0:x2=1 /\\ 0:x3=0 /\\ 1:x2=1 /\\ 1:x3=0)",
    // A hart reads its own store early.
    "RISCV own-store\n{0:x6=x; 0:x8=y; 0:x5=1; 1:x6=y; 1:x8=x; 1:x5=1;}
 P0 | P1 ;
 sw x5,0(x6) | sw x5,0(x6) ;
 lw x2,0(x6) | lw x2,0(x6) ;
 fence r,r | fence r,r ;
 lw x3,0(x8) | lw x3,0(x8) ;
exists (0:x2=1 /\\ 0:x3=0 /\\ 1:x2=1 /\\ 1:x3=0)",
    // The atomicity axiom.
    "RISCV two-increments\n{0:x6=x; 1:x6=x; 0:x5=1; 1:x5=1;}
 P0 | P1 ;
 amoadd.w x1,x5,(x6) | amoadd.w x1,x5,(x6) ;
~exists (not (x=2) \\/ 0:x1=0 /\\ 1:x1=0)",
    "RISCV two-pairs\n{0:x6=x; 1:x6=x;}
 P0 | P1 ;
 lr.w x1,0(x6) | lr.w x1,0(x6) ;
 addi x2,x1,1 | addi x2,x1,1 ;
 sc.w x3,x2,0(x6) | sc.w x3,x2,0(x6) ;
~exists (0:x3=0 /\\ 1:x3=0 /\\ not (x=2))",
    "RISCV pair-and-store\n{0:x6=x; 1:x6=x; 0:x2=2; 1:x5=1;}
 P0 | P1 ;
 lr.w x1,0(x6) | sw x5,0(x6) ;
 sc.w x3,x2,0(x6) | lw x7,0(x6) ;
~exists (0:x1=0 /\\ 0:x3=0 /\\ x=2 /\\ 1:x7=2)",
    // A pair with `aq` and `rl` orders what precedes its store and what follows its load, not both.
    "RISCV pair-is-no-fence\n{0:x6=x; 0:x8=y; 0:x9=z; 0:x5=1; 1:x6=y; 1:x8=x; 1:x9=w; 1:x5=1;}
 P0 | P1 ;
 sw x5,0(x6) | sw x5,0(x6) ;
 lr.w.aq x1,0(x9) | lr.w.aq x1,0(x9) ;
 sc.w.rl x3,x5,0(x9) | sc.w.rl x3,x5,0(x9) ;
 lw x7,0(x8) | lw x7,0(x8) ;
exists (0:x7=0 /\\ 1:x7=0)",
    // A store-conditional carries a dependency by its result.
    "RISCV success\n{0:x6=x; 0:x8=y; 0:x5=1; 0:x9=z; 1:x6=y; 1:x8=x; 1:x5=1; 1:x9=z;}
 P0 | P1 ;
 lr.w x1,0(x9) | lw x1,0(x6) ;
 sc.w x2,x5,0(x9) | fence rw,rw ;
 ori x3,x2,1 | lw x2,0(x9) ;
 sw x3,0(x8) | ;
~exists (0:x2=0 /\\ 1:x1=1 /\\ 1:x2=0)",
    // Order is by bytes: neighbors in one word have none, as if they lay apart.
    "RISCV neighbors\n{uint64_t x; 0:x6=x; 0:x5=1; 1:x6=x;}
 P0 | P1 ;
 sw x5,0(x6) | lw x1,4(x6) ;
 fence w,w | lw x2,0(x6) ;
 sw x5,4(x6) | ;
exists (1:x1=1 /\\ 1:x2=0)",
    "RISCV neighbors-stored\n{uint64_t x; 0:x6=x; 0:x5=1; 1:x6=x;}
 P0 | P1 ;
 sb x5,0(x6) | lb x1,1(x6) ;
 sb x5,1(x6) | fence r,r ;
  | lb x2,0(x6) ;
exists (1:x1=1 /\\ 1:x2=0)",
    "RISCV neighbors-in-order\n{uint64_t x; 0:x6=x; 0:x5=1; 1:x6=x;}
 P0 | P1 ;
 sh x5,0(x6) | lh x1,2(x6) ;
 fence w,w | fence r,r ;
 sh x5,2(x6) | lh x2,0(x6) ;
~exists (1:x1=1 /\\ 1:x2=0)",
    // Rule 2 by bytes: two loads of different stores keep their order if they share a byte.
    "RISCV part-and-whole\n{uint64_t x; 0:x6=x; 0:x5=1; 1:x6=x;}
 P0 | P1 ;
 sw x5,0(x6) | ld x1,0(x6) ;
  | lw x2,0(x6) ;
~exists (1:x1=1 /\\ 1:x2=0)",
    "RISCV whole-and-part\n{uint64_t x; 0:x6=x; 0:x5=1; 1:x6=x;}
 P0 | P1 ;
 sw x5,0(x6) | lw x1,0(x6) ;
  | ld x2,0(x6) ;
~exists (1:x1=1 /\\ 1:x2=0)",
    // A load takes a part from its hart's own store, which waits, and the rest from memory.
    "RISCV own-part\n{uint64_t x; 0:x6=x; 0:x8=y; 0:x5=1; 1:x6=y; 1:x8=x; 1:x5=1;}
 P0 | P1 ;
 sw x5,0(x6) | sw x5,0(x6) ;
 fence w,w | ld x1,0(x8) ;
 sw x5,0(x8) | ;
exists (1:x1=0)",
];

/// Returns the tests.
pub(super) fn all() -> Vec<Test> {
    TESTS.iter().map(|text| parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))).collect()
}

#[cfg(test)]
mod tests {
    use crate::model::{Strength, allowed};
    use crate::test::Quantifier;

    use super::*;

    #[test]
    fn the_model_answers_as_the_specification_says() {
        for test in all() {
            let outcomes =
                allowed(&test, Strength::Rvwmo).unwrap_or_else(|error| panic!("{}: {error}", test.name));
            let met = outcomes.iter().any(|outcome| test.meets(outcome));
            assert_eq!(met, test.quantifier == Quantifier::Exists, "{}", test.name);
        }
    }
}
