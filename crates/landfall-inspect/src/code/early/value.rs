//! The value of a register, as far as the code itself determines it.

/// More than a program adds to an object's address to stay in it, less than the distance between
/// link and load addresses.
const FAR: u64 = 16 << 20;

/// The value of a register. Addresses are as linked: they mean the same place in the image at any
/// load address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Value {
    /// Whatever: an argument, a number from memory.
    #[default]
    Unknown,
    /// A number that is the same wherever the image lies.
    Number(u64),
    /// The result of `auipc`, half of an address.
    Upper(u64),
    /// That plus something unknown.
    UpperPlus(u64),
    /// An address, computed from that of an object.
    Place {
        /// The address.
        at: u64,
        /// The address that it was computed from.
        object: u64,
    },
    /// Some address in the object at this address, if the code computes rightly.
    Within(u64),
    /// Some address of the image: only its distance from the link address is known.
    Somewhere,
    /// A value loaded from the object at this address.
    Loaded(u64),
    /// The return address of the function.
    Return,
}

impl Value {
    /// An address that the code has just made.
    pub(super) const fn made(at: u64) -> Self {
        Self::Place { at, object: at }
    }

    /// Returns the common knowledge about a register with either value. Code that made the address
    /// of an object has been checked for that. So two objects without slots merge to no knowledge.
    pub(super) fn join(self, other: Self, is_clean: impl Fn(u64) -> bool) -> Self {
        match (self, other) {
            _ if self == other => self,
            (
                Self::Place { object: a, .. } | Self::Within(a),
                Self::Place { object: b, .. } | Self::Within(b),
            ) if a == b => Self::Within(a),
            (a, b)
                if [a, b].into_iter().all(|value| value.object().map_or(!value.is_of_image(), &is_clean)) =>
            {
                Self::Unknown
            }
            _ => Self::Somewhere,
        }
    }

    /// Returns true if an immediate completes it to an address.
    pub(super) const fn is_half(self) -> bool {
        matches!(self, Self::Upper(_) | Self::UpperPlus(_))
    }

    /// The object that it is an address of.
    const fn object(self) -> Option<u64> {
        match self {
            Self::Place { object, .. } | Self::Within(object) | Self::Upper(object) => Some(object),
            _ => None,
        }
    }

    /// Returns true if it contains the image's address, of an unknown object.
    const fn is_of_image(self) -> bool {
        matches!(
            self,
            Self::Place { .. } | Self::Within(_) | Self::Upper(_) | Self::UpperPlus(_) | Self::Somewhere
        )
    }

    /// An address that has gone far from the object that it was computed from is one of its own, or
    /// a distance between addresses. One before it belongs to what lies there: stacks are named by
    /// their end.
    const fn moved(at: u64, object: u64) -> Self {
        if at.wrapping_sub(object) < FAR { Self::Place { at, object } } else { Self::made(at) }
    }

    pub(super) fn add(self, other: Self) -> Self {
        match (self, other) {
            (Self::Number(a), Self::Number(b)) => Self::Number(a.wrapping_add(b)),
            (value, Self::Number(0)) | (Self::Number(0), value) => value,
            (Self::Loaded(object), Self::Number(_)) => Self::Loaded(object),
            (Self::Place { at, object }, Self::Number(number))
            | (Self::Number(number), Self::Place { at, object }) => {
                Self::moved(at.wrapping_add(number), object)
            }
            (Self::Upper(upper), Self::Number(number)) | (Self::Number(number), Self::Upper(upper)) => {
                Self::made(upper.wrapping_add(number))
            }
            (Self::UpperPlus(upper), Self::Number(number))
            | (Self::Number(number), Self::UpperPlus(upper)) => Self::Within(upper.wrapping_add(number)),
            (Self::Upper(upper), _) | (_, Self::Upper(upper)) => Self::UpperPlus(upper),
            (Self::Place { object, .. } | Self::Within(object), _)
            | (_, Self::Place { object, .. } | Self::Within(object)) => Self::Within(object),
            (a, b) if a.is_of_image() || b.is_of_image() => Self::Somewhere,
            _ => Self::Unknown,
        }
    }

    pub(super) fn subtract(self, other: Self) -> Self {
        match (self, other) {
            (Self::Place { at: a, .. }, Self::Place { at: b, .. }) => Self::Number(a.wrapping_sub(b)),
            (_, Self::Number(number)) => self.add(Self::Number(number.wrapping_neg())),
            // The distance of two places is a number, which one is not known.
            (a, b) if b.is_of_image() && a.is_of_image() => Self::Unknown,
            (a, Self::Unknown | Self::Loaded(_)) => a.add(Self::Unknown),
            _ => Self::Unknown,
        }
    }

    /// Images lie at multiples of 4 KiB, so the low twelve bits of an address are those of the
    /// linked one.
    pub(super) const fn and(self, mask: u64) -> Self {
        match self {
            Self::Number(number) => Self::Number(number & mask),
            Self::Place { at, object } if mask >= !0xfff => Self::Place { at: at & mask, object },
            Self::Place { at, .. } if mask <= 0xfff => Self::Number(at & mask),
            _ => Self::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_less_the_link_address_leads_from_numbers_to_places() {
        let distance = Value::made(0xffff_ffff_8000_0000).subtract(Value::Number(0xffff_ffff_8000_0000));
        assert_eq!(distance.add(Value::Number(0xffff_ffff_8000_1238)), Value::made(0xffff_ffff_8000_1238));
        assert_eq!(distance.add(Value::Unknown), Value::Within(0));
        assert_eq!(Value::made(8).subtract(Value::made(2)), Value::Number(6));
    }

    #[test]
    fn two_ways_may_disagree_on_objects_without_slots_alone() {
        let clean = |object| object != 8;
        assert_eq!(Value::made(16).join(Value::made(24), clean), Value::Unknown);
        assert_eq!(Value::made(16).join(Value::Unknown, clean), Value::Unknown);
        assert_eq!(Value::made(8).join(Value::made(16), clean), Value::Somewhere);
        assert_eq!(Value::made(8).join(Value::Unknown, clean), Value::Somewhere);
        assert_eq!(Value::made(8).join(Value::made(8).add(Value::Number(8)), clean), Value::Within(8));
        assert_eq!(Value::Number(1).join(Value::Number(2), clean), Value::Unknown);
    }
}
