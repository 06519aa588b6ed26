# expect: early-outside
.text
early:
    call    elsewhere
    ret
.data
.balign 4
elsewhere: ret
