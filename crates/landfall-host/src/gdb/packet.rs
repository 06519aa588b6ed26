//! The frames of the GDB remote protocol: `$data#checksum`, each answered with `+` but for parts of
//! a command's output. `-` requests a damaged frame again.
//!
//! Source: "Debugging with GDB", appendix "GDB Remote Serial Protocol", section "Overview".

use std::io::{self, Read, Write};
use std::time::{Duration, Instant};

use super::endpoint::Stream;
use super::error::is_gone;

/// Frames with a wrong checksum that end a request.
const ATTEMPTS: usize = 4;

/// A stream of frames.
#[derive(Debug)]
pub struct Connection {
    stream: Stream,
    /// Bytes that have come and belong to no frame yet.
    pending: Vec<u8>,
}

impl Connection {
    /// Frames over `stream`.
    #[must_use]
    pub fn new(stream: impl Into<Stream>) -> Self {
        Self { stream: stream.into(), pending: Vec::new() }
    }

    /// Sends a frame. Requests need no escapes: they consist of letters, digits and punctuation.
    ///
    /// # Errors
    /// Those of the stream.
    pub fn send(&mut self, data: &str) -> io::Result<()> {
        let frame = format!("${data}#{:02x}", checksum(data.as_bytes()));
        self.stream.write_all(frame.as_bytes())
    }

    /// Returns true if the greeting of QMP has come, which is no frame.
    pub(super) fn is_qmp(&self) -> bool {
        self.pending.starts_with(b"{\"QMP\"")
    }

    /// Stops a machine that runs: the byte that Ctrl-C sends.
    ///
    /// # Errors
    /// Those of the stream.
    pub fn interrupt(&mut self) -> io::Result<()> {
        self.stream.write_all(&[3])
    }

    /// Returns the data of the next frame, or `None` if it does not come by `until`.
    ///
    /// # Errors
    /// Those of the stream; [`io::ErrorKind::UnexpectedEof`] where the other side has gone.
    pub fn receive(&mut self, until: Instant) -> io::Result<Option<String>> {
        let mut damaged = 0;
        loop {
            if let Some((data, used)) = take_frame(&self.pending) {
                self.pending.drain(..used);
                let Some(data) = data else {
                    damaged += 1;
                    if damaged == ATTEMPTS {
                        let text = format!("each of {ATTEMPTS} packets has a wrong checksum");
                        return Err(io::Error::new(io::ErrorKind::InvalidData, text));
                    }
                    self.stream.write_all(b"-")?;
                    continue;
                };
                if is_output(&data) {
                    return Ok(Some(data));
                }
                // A QEMU that ends at once does not read the `+`. Its answer has come.
                return match self.stream.write_all(b"+") {
                    Err(error) if !is_gone(&error) => Err(error),
                    _ => Ok(Some(data)),
                };
            }
            let Some(left) = until.checked_duration_since(Instant::now()).filter(|left| !left.is_zero())
            else {
                return Ok(None);
            };
            // The system's clock is coarser than ours, and 0 would mean for ever.
            self.stream.set_read_timeout(left.max(Duration::from_millis(1)))?;
            let mut bytes = [0; 16 << 10];
            match self.stream.read(&mut bytes) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(count) => self.pending.extend(&bytes[..count]),
                Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}

/// Returns true for a part of a command's output. QEMU writes all of it before it reads again. A
/// `+` for each part would fill the socket, and each side would wait for the other.
fn is_output(data: &str) -> bool {
    data.starts_with('O') && data != "OK"
}

/// Returns the data of the first whole frame in `bytes`, and the offset of its end. Bytes before
/// it, such as `+`, are skipped. A frame with a wrong checksum has no data.
fn take_frame(bytes: &[u8]) -> Option<(Option<String>, usize)> {
    let start = bytes.iter().position(|&byte| byte == b'$')? + 1;
    let end = start + bytes[start..].iter().position(|&byte| byte == b'#')?;
    let digits = bytes.get(end + 1..end + 3)?;
    let data = &bytes[start..end];
    let stated = std::str::from_utf8(digits).ok().and_then(|digits| u8::from_str_radix(digits, 16).ok());
    let is_sound = stated == Some(checksum(data));
    Some((is_sound.then(|| unescape(data)), end + 3))
}

/// `}` stands before a byte that would end the frame, with bit 5 turned over; `*` repeats the byte
/// before it.
fn unescape(data: &[u8]) -> String {
    let mut plain = Vec::with_capacity(data.len());
    let mut bytes = data.iter();
    while let Some(&byte) = bytes.next() {
        match byte {
            b'}' => plain.extend(bytes.next().map(|escaped| escaped ^ 0x20)),
            b'*' => {
                let count = bytes.next().map_or(0, |count| usize::from(count.saturating_sub(29)));
                let last = plain.last().copied();
                plain.extend(last.into_iter().cycle().take(count));
            }
            byte => plain.push(byte),
        }
    }
    String::from_utf8_lossy(&plain).into_owned()
}

fn checksum(data: &[u8]) -> u8 {
    data.iter().fold(0, |sum, &byte| sum.wrapping_add(byte))
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixStream;

    use super::*;

    #[test]
    fn frames_are_taken_one_by_one() {
        assert_eq!(take_frame(b"+$OK#9a$l#6c"), Some((Some("OK".into()), 7)));
        for half in [&b""[..], b"+", b"$OK", b"$OK#", b"$OK#9"] {
            assert_eq!(take_frame(half), None);
        }
    }

    #[test]
    fn data_is_unescaped() {
        assert_eq!(unescape(b"a}\x03b"), "a#b");
        assert_eq!(unescape(b"0* 1"), "00001");
        for hostile in [&b"}"[..], b"*", b"* ", b"a*\x01", b"\xff"] {
            unescape(hostile);
        }
    }

    #[test]
    fn the_last_answer_of_a_machine_that_ends_arrives() {
        let (ours, theirs) = UnixStream::pair().expect("a pair of sockets");
        let (mut ours, mut theirs) = (Connection::new(ours), Connection::new(theirs));
        theirs.send("OK").expect("sent");
        drop(theirs);
        let until = Instant::now() + Duration::from_secs(9);
        assert_eq!(ours.receive(until).expect("received").as_deref(), Some("OK"));
        assert!(ours.receive(until).is_err_and(|error| is_gone(&error)));
    }

    #[test]
    fn a_long_output_is_read_by_a_client_that_writes_nothing() {
        let (ours, mut theirs) = UnixStream::pair().expect("a pair of sockets");
        let mut ours = Connection::new(ours);
        let frames = ["O61", "O62", "OK"].map(|data| format!("${data}#{:02x}", checksum(data.as_bytes())));
        theirs.write_all(frames.concat().as_bytes()).expect("sent");
        let until = Instant::now() + Duration::from_secs(9);
        for data in ["O61", "O62", "OK"] {
            assert_eq!(ours.receive(until).expect("received").as_deref(), Some(data));
        }
        drop(ours);
        let mut answers = String::new();
        theirs.read_to_string(&mut answers).expect("answers");
        assert_eq!(answers, "+", "the command's end is answered alone");
    }

    #[test]
    fn a_damaged_frame_is_requested_again() {
        let (ours, mut theirs) = UnixStream::pair().expect("a pair of sockets");
        let mut ours = Connection::new(ours);
        let until = Instant::now() + Duration::from_secs(9);
        for damaged in ["$OL#9a", "$OK#9b", "$OK#zz"] {
            theirs.write_all(format!("{damaged}$OK#9a").as_bytes()).expect("sent");
            assert_eq!(ours.receive(until).expect("received").as_deref(), Some("OK"));
            let mut answers = [0; 2];
            theirs.read_exact(&mut answers).expect("answers");
            assert_eq!(&answers, b"-+");
        }
        theirs.write_all(b"$OK#00".repeat(ATTEMPTS).as_slice()).expect("sent");
        let error = ours.receive(until).expect_err("no sound frame");
        assert_eq!(error.to_string(), "each of 4 packets has a wrong checksum");
    }

    #[test]
    fn the_checksum_is_the_sum_of_the_bytes() {
        assert_eq!(checksum(b"OK"), 0x9a);
        let (ours, theirs) = UnixStream::pair().expect("a pair of sockets");
        let (mut ours, mut theirs) = (Connection::new(ours), Connection::new(theirs));
        ours.send("g").expect("sent");
        assert_eq!(
            theirs.receive(Instant::now() + Duration::from_secs(9)).expect("received").as_deref(),
            Some("g")
        );
        assert_eq!(ours.receive(Instant::now()).expect("nothing"), None);
    }
}
