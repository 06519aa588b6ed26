//! Names and numbers of a hart's registers.
//!
//! QEMU describes them in XML: a file that includes others, each with
//! `<reg name="satp" bitsize="64" regnum="..."/>`. A register without a number has the one after
//! the register before it. CSRs are among them, each that the hart has.

use std::collections::HashMap;

use super::error::wrong;
use super::{Client, GdbError};

/// Bytes of a file asked for at once.
const CHUNK: usize = 2000;

/// Returns the number of each register of the target.
pub(super) fn registers(client: &mut Client) -> Result<HashMap<String, usize>, GdbError> {
    let target = read(client, "target.xml")?;
    let mut numbers = Numbers::default();
    for file in elements(&target, "xi:include").filter_map(|include| attribute(include, "href")) {
        numbers.add(&read(client, file)?);
    }
    // A target need not include others, and may describe everything in the one file.
    numbers.add(&target);
    Ok(numbers.known)
}

/// Returns a file of the target's description, which comes in parts.
fn read(client: &mut Client, file: &str) -> Result<String, GdbError> {
    let mut text = String::new();
    loop {
        let request = format!("qXfer:features:read:{file}:{:x},{CHUNK:x}", text.len());
        let answer = client.ask(&request)?;
        match answer.split_at_checked(1) {
            Some(("m", part)) if !part.is_empty() => text.push_str(part),
            Some(("l", part)) => {
                text.push_str(part);
                return Ok(text);
            }
            _ => return Err(wrong(&request, &answer)),
        }
    }
}

#[derive(Default)]
struct Numbers {
    known: HashMap<String, usize>,
    next: usize,
}

impl Numbers {
    fn add(&mut self, xml: &str) {
        for register in elements(xml, "reg") {
            let given = attribute(register, "regnum").and_then(|number| number.parse().ok());
            let number = given.unwrap_or(self.next);
            self.next = number.saturating_add(1);
            if let Some(name) = attribute(register, "name") {
                self.known.insert(name.to_owned(), number);
            }
        }
    }
}

/// Returns the text between `<name ` and `>`, for each element of that name.
fn elements<'a>(xml: &'a str, name: &'a str) -> impl Iterator<Item = &'a str> {
    xml.split('<').filter_map(move |piece| {
        let inside = piece.strip_prefix(name)?.strip_prefix(char::is_whitespace)?;
        inside.split('>').next()
    })
}

/// Returns the value of an attribute in an element.
fn attribute<'a>(element: &'a str, name: &str) -> Option<&'a str> {
    let mut rest = element;
    loop {
        let (before, after) = rest.split_once('=')?;
        let quote = after.trim_start().chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
        let (value, behind) = after.trim_start()[1..].split_once(quote)?;
        if before.trim() == name {
            return Some(value);
        }
        rest = behind;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registers_count_on_from_the_last_number() {
        let mut numbers = Numbers::default();
        numbers.add(r#"<feature><reg name="zero" bitsize="64"/><reg name="ra" type="x"/></feature>"#);
        numbers.add("<reg name='satp' bitsize='64' regnum='455'/>\n<reg bitsize=\"64\" name=\"next\"/>");
        let known = |name: &str| numbers.known.get(name).copied();
        assert_eq!(
            [known("zero"), known("ra"), known("satp"), known("next")],
            [Some(0), Some(1), Some(455), Some(456)]
        );
    }

    #[test]
    fn hostile_descriptions_do_not_panic() {
        for xml in [
            "",
            "<",
            "<reg",
            "<reg ",
            "<reg name",
            "<reg name=",
            "<reg name=\"",
            "<reg name=x>",
            "<reg ä=\"\">",
        ] {
            let mut numbers = Numbers::default();
            numbers.add(xml);
            assert!(numbers.known.is_empty(), "{xml}");
        }
        let mut numbers = Numbers::default();
        numbers.add("<reg name=\"a\" regnum=\"18446744073709551615\"/><reg name=\"b\"/>");
    }
}
