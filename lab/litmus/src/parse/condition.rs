//! The final condition, and the sections before it.

use crate::condition::Condition;
use crate::inst::Reg;
use crate::test::{Place, Quantifier, Test};

use super::{Locations, ParseError, hart_prefix, is_name, number};

/// All that follows the code.
#[derive(Debug)]
pub(super) struct Last {
    /// More places to observe.
    pub(super) locations: Vec<Place>,
    /// The filter.
    pub(super) filter: Option<Condition>,
    /// The quantifier.
    pub(super) quantifier: Quantifier,
    /// The condition.
    pub(super) condition: Condition,
}

/// Parses all that follows the code.
pub(super) fn parse(text: &str, locations: &mut Locations) -> Result<Last, ParseError> {
    let mut parser = Parser { tokens: tokens(text), at: 0, locations };
    let mut last = Last {
        locations: Vec::new(),
        filter: None,
        quantifier: Quantifier::Exists,
        condition: Condition::True,
    };
    loop {
        match parser.next().as_str() {
            "locations" => last.locations = parser.list()?,
            "filter" => last.filter = Some(parser.any()?),
            "exists" => break,
            // A file without a question asks for the final states alone.
            "" => {
                last.quantifier = Quantifier::Forall;
                return Ok(last);
            }
            "forall" => {
                last.quantifier = Quantifier::Forall;
                break;
            }
            "~" | "not" if parser.accept("exists") => {
                last.quantifier = Quantifier::NotExists;
                break;
            }
            other => return Err(ParseError::Condition(other.to_owned())),
        }
    }
    last.condition = parser.any()?;
    let rest = parser.next();
    if rest.is_empty() { Ok(last) } else { Err(ParseError::Condition(rest)) }
}

/// Splits the text into words and symbols.
fn tokens(text: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let word = |each: char| each.is_ascii_alphanumeric() || matches!(each, '_' | ':' | '-');
        let length = if rest.starts_with("/\\") || rest.starts_with("\\/") {
            2
        } else if word(first) {
            rest.find(|each| !word(each)).unwrap_or(rest.len())
        } else {
            first.len_utf8()
        };
        tokens.push(rest[..length].to_owned());
        rest = rest[length..].trim_start();
    }
    tokens
}

/// A parser of conditions.
#[derive(Debug)]
struct Parser<'a> {
    tokens: Vec<String>,
    at: usize,
    locations: &'a mut Locations,
}

impl Parser<'_> {
    /// Returns the next token and moves behind it; empty at the end.
    fn next(&mut self) -> String {
        let token = self.tokens.get(self.at).cloned().unwrap_or_default();
        self.at += 1;
        token
    }

    /// Moves behind the token if it is next.
    fn accept(&mut self, token: &str) -> bool {
        let found = self.tokens.get(self.at).is_some_and(|next| next == token);
        self.at += usize::from(found);
        found
    }

    /// Parses `[place; place;]`.
    fn list(&mut self) -> Result<Vec<Place>, ParseError> {
        let mut places = Vec::new();
        self.accept("[");
        while !self.accept("]") {
            let token = self.next();
            places.push(self.place(&token)?);
            self.accept(";");
        }
        Ok(places)
    }

    /// Parses alternatives.
    fn any(&mut self) -> Result<Condition, ParseError> {
        let mut parts = vec![self.all()?];
        while self.accept("\\/") {
            parts.push(self.all()?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Condition::Any(parts) })
    }

    /// Parses a conjunction.
    fn all(&mut self) -> Result<Condition, ParseError> {
        let mut parts = vec![self.atom()?];
        while self.accept("/\\") {
            parts.push(self.atom()?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Condition::All(parts) })
    }

    /// Parses one part of a conjunction.
    fn atom(&mut self) -> Result<Condition, ParseError> {
        match self.next().as_str() {
            "(" => {
                let inner = self.any()?;
                if self.accept(")") { Ok(inner) } else { Err(ParseError::Condition(self.next())) }
            }
            "not" | "~" => Ok(Condition::Not(Box::new(self.atom()?))),
            "true" => Ok(Condition::True),
            token => {
                let place = self.place(token)?;
                if !self.accept("=") {
                    return Err(ParseError::Condition(self.next()));
                }
                let token = self.next();
                let value = number(&token)
                    .or_else(|| is_name(&token).then(|| Test::address(self.locations.index(&token))))
                    .ok_or(ParseError::Condition(token))?;
                Ok(Condition::Equal(place, self.truncate(place, value)))
            }
        }
    }

    /// Returns the value as the place holds it.
    fn truncate(&self, place: Place, value: u64) -> u64 {
        match place {
            Place::Register(..) => value,
            Place::Memory(location) => self.locations.0[location].width.truncate(value),
        }
    }

    /// Parses a place.
    fn place(&mut self, token: &str) -> Result<Place, ParseError> {
        if let Some((hart, register)) = hart_prefix(token) {
            let register = Reg::named(register).ok_or_else(|| ParseError::Condition(token.to_owned()))?;
            return Ok(Place::Register(hart, register));
        }
        if is_name(token) {
            return Ok(Place::Memory(self.locations.index(token)));
        }
        Err(ParseError::Condition(token.to_owned()))
    }
}
