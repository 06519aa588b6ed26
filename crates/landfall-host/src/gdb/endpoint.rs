//! The address of a machine's debugger: a socket in the file system, or a TCP port.

use std::fmt;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use thiserror::Error;

/// The address of a machine's debugger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// A socket in the file system: QEMU's `-gdb unix:PATH,server=on`.
    Socket(PathBuf),
    /// A TCP port: QEMU's `-s` is port 1234.
    Tcp {
        /// The computer.
        host: String,
        /// Its port.
        port: u16,
    },
}

/// Why a text names no place where a debugger listens.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum EndpointError {
    /// It has no letters.
    #[error("it is empty; write HOST:PORT, :1234 for QEMU's -s, or the path of a socket")]
    Empty,
    /// No port has this number.
    #[error("{port:?} is not a port (1 to 65535); write ./ before the name of a socket")]
    Port {
        /// The text after the colon.
        port: String,
    },
}

impl Endpoint {
    /// Connects, once.
    ///
    /// # Errors
    /// The system's error.
    pub(crate) fn connect(&self) -> io::Result<Stream> {
        match self {
            Self::Socket(path) => UnixStream::connect(path).map(Stream::Unix),
            Self::Tcp { host, port } => {
                let stream = TcpStream::connect((host.as_str(), *port))?;
                // Requests are small, and each waits for its answer.
                stream.set_nodelay(true)?;
                Ok(Stream::Tcp(stream))
            }
        }
    }
}

impl Endpoint {
    /// Returns the address as QEMU's options take it to listen there.
    pub(crate) fn of_qemu(&self) -> String {
        match self {
            Self::Socket(path) => format!("unix:{}", path.display()),
            Self::Tcp { port, .. } => format!("tcp::{port}"),
        }
    }
}

impl FromStr for Endpoint {
    type Err = EndpointError;

    /// `1234`, `:1234` and `HOST:1234` are ports; everything else is a path.
    fn from_str(text: &str) -> Result<Self, EndpointError> {
        if text.is_empty() {
            return Err(EndpointError::Empty);
        }
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let split = text.rsplit_once(':').or_else(|| digits(text).then_some(("", text)));
        let Some((host, port)) = split.filter(|(host, port)| !host.contains('/') && digits(port)) else {
            return Ok(Self::Socket(text.into()));
        };
        let number = port.parse().ok().filter(|port| *port != 0);
        let port = number.ok_or_else(|| EndpointError::Port { port: port.to_owned() })?;
        let host = host.trim_start_matches('[').trim_end_matches(']');
        Ok(Self::Tcp { host: if host.is_empty() { "localhost" } else { host }.to_owned(), port })
    }
}

impl fmt::Display for Endpoint {
    /// As gdb's `target remote` takes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Socket(path) => path.display().fmt(f),
            Self::Tcp { host, port } if host.contains(':') => write!(f, "[{host}]:{port}"),
            Self::Tcp { host, port } => write!(f, "{host}:{port}"),
        }
    }
}

/// A connection, of either kind.
#[derive(Debug)]
pub enum Stream {
    /// Over a socket in the file system.
    Unix(UnixStream),
    /// Over TCP.
    Tcp(TcpStream),
}

impl Stream {
    pub(crate) fn set_read_timeout(&self, timeout: Duration) -> io::Result<()> {
        match self {
            Self::Unix(stream) => stream.set_read_timeout(Some(timeout)),
            Self::Tcp(stream) => stream.set_read_timeout(Some(timeout)),
        }
    }
}

impl From<UnixStream> for Stream {
    fn from(stream: UnixStream) -> Self {
        Self::Unix(stream)
    }
}

impl Read for Stream {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Unix(stream) => stream.read(bytes),
            Self::Tcp(stream) => stream.read(bytes),
        }
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Unix(stream) => stream.write(bytes),
            Self::Tcp(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Unix(stream) => stream.flush(),
            Self::Tcp(stream) => stream.flush(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_told_from_a_path() {
        let shown = |text: &str| {
            let endpoint = text.parse::<Endpoint>().expect("a place");
            (matches!(endpoint, Endpoint::Tcp { .. }), endpoint.to_string())
        };
        for (text, tcp, as_gdb_takes_it) in [
            (":1234", true, "localhost:1234"),
            ("1234", true, "localhost:1234"),
            ("board:1", true, "board:1"),
            ("[::1]:1234", true, "[::1]:1234"),
            ("/run/gdb", false, "/run/gdb"),
            ("/run/a:1234", false, "/run/a:1234"),
            ("./a:99999", false, "./a:99999"),
            ("a:b", false, "a:b"),
            ("gdb", false, "gdb"),
        ] {
            assert_eq!(shown(text), (tcp, as_gdb_takes_it.to_owned()), "{text}");
        }
    }

    #[test]
    fn qemu_listens_where_one_connects() {
        for (text, qemu) in [("run/qmp", "unix:run/qmp"), ("1234", "tcp::1234"), ("board:1", "tcp::1")] {
            assert_eq!(text.parse::<Endpoint>().expect("a place").of_qemu(), qemu);
        }
    }

    #[test]
    fn what_is_no_port_and_no_path_is_told() {
        for (text, port) in [("a:99999", "99999"), (":65536", "65536"), ("a:0", "0"), ("a:", "")] {
            assert_eq!(
                text.parse::<Endpoint>(),
                Err(EndpointError::Port { port: port.to_owned() }),
                "{text}"
            );
        }
        assert_eq!("".parse::<Endpoint>(), Err(EndpointError::Empty));
    }
}
