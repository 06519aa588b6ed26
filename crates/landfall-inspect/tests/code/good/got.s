# Code that does not run early loads from the GOT: a relocated entry, and 0 for a weak symbol that
# nothing defines.
.text
early:
    ret
.weak nobody
.global later
later:
.option pic
    la      a0, thing
    la      a1, nobody
.option nopic
    ret
.data
.global thing
thing: .quad 0
