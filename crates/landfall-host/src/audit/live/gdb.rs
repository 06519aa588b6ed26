//! A machine by the debugger's stub of QEMU.
//!
//! The stub stops the machine when a debugger connects. The monitor's state `paused` follows, so a
//! machine that the monitor had stopped before cannot be distinguished from one that ran.

use std::time::{Duration, Instant};

use landfall_audit::{Format, Phys, Span};
use landfall_predict::units::Address;

use super::super::snapshot::Source;
use super::{Before, LiveError, Machine, extensions, flat_view};
use crate::gdb::endpoint::Endpoint;
use crate::gdb::{Client, GdbError, Space};

/// The time limit for the connection.
const CONNECT: Duration = Duration::from_secs(1);

/// A machine that runs, and is stopped by a connection.
#[derive(Debug)]
pub struct Gdb {
    endpoint: Endpoint,
    held: Option<(Held<Client>, Instant)>,
}

impl Gdb {
    /// A machine whose debugger's stub listens at `endpoint`. The connection is made when the
    /// machine is to be stopped.
    #[must_use]
    pub const fn new(endpoint: Endpoint) -> Self {
        Self { endpoint, held: None }
    }

    fn held(&mut self) -> Result<&mut Held<Client>, LiveError> {
        let not_stopped = || GdbError::Connection(std::io::ErrorKind::NotConnected.into());
        Ok(self.held.as_mut().map(|(held, _)| held).ok_or_else(not_stopped)?)
    }
}

impl Machine for Gdb {
    fn stop(&mut self) -> Result<Before, LiveError> {
        let begin = Instant::now();
        let mut client = Client::connect_to(&self.endpoint, CONNECT)
            .map_err(|source| LiveError::NoStub { endpoint: self.endpoint.clone(), source })?;
        let state = client.monitor("info status")?;
        let before = before(&state);
        match Held::new(client) {
            Ok(held) => self.held = Some((held, begin)),
            Err((client, error)) => {
                let _ = go_on(client, &before);
                return Err(error);
            }
        }
        Ok(before)
    }

    fn resume(&mut self, before: &Before) -> Result<Option<Duration>, LiveError> {
        let Some((Held { mut client, .. }, begin)) = self.held.take() else { return Ok(None) };
        let runs = client.monitor("info status").is_ok_and(|state| state.contains("running"));
        go_on(client, before)?;
        if runs {
            return Err(LiveError::RanOn);
        }
        Ok((*before == Before::Ran).then(|| begin.elapsed()))
    }

    fn monitor(&mut self, command: &str) -> Result<String, LiveError> {
        self.held()?.monitor(command)
    }

    fn format(&self) -> Option<Format> {
        self.held.as_ref().and_then(|(held, _)| held.format)
    }

    fn commands(&self) -> u64 {
        self.held.as_ref().map_or(0, |(held, _)| held.commands())
    }
}

impl Source for Gdb {
    type Error = LiveError;

    fn memory(&self) -> &[Span<Phys>] {
        self.held.as_ref().map_or(&[], |(held, _)| held.memory())
    }

    fn read(&mut self, spans: &[Span<Phys>]) -> Result<Vec<Vec<u8>>, LiveError> {
        self.held()?.read(spans)
    }
}

/// A machine that a debugger has stopped, and that stays so.
#[derive(Debug)]
pub struct Held<C> {
    client: C,
    memory: Vec<Span<Phys>>,
    format: Option<Format>,
}

impl<C: AsMut<Client> + AsRef<Client>> Held<C> {
    /// A machine that stands still.
    ///
    /// # Errors
    /// [`LiveError`] if the machine has no memory; with the connection, to let it go on.
    pub fn new(mut client: C) -> Result<Self, (C, LiveError)> {
        match facts(client.as_mut()) {
            Ok((memory, format)) => Ok(Self { client, memory, format }),
            Err(error) => Err((client, error)),
        }
    }
}

fn facts(client: &mut Client) -> Result<(Vec<Span<Phys>>, Option<Format>), LiveError> {
    let memory = flat_view::memory(&client.monitor("info mtree -f")?);
    if memory.is_empty() {
        return Err(LiveError::NoMemory);
    }
    Ok((memory, extensions::format(|command| client.monitor(command))?))
}

/// Lets a machine run on if it ran before.
fn go_on(client: Client, before: &Before) -> Result<(), GdbError> {
    match before {
        Before::Ran => client.release(),
        Before::Stood { .. } => client.leave(),
    }
}

impl<C: AsMut<Client> + AsRef<Client>> Machine for Held<C> {
    fn stop(&mut self) -> Result<Before, LiveError> {
        Ok(Before::Stood { state: "debug".to_owned() })
    }

    fn resume(&mut self, _: &Before) -> Result<Option<Duration>, LiveError> {
        Ok(None)
    }

    fn monitor(&mut self, command: &str) -> Result<String, LiveError> {
        Ok(self.client.as_mut().monitor(command)?)
    }

    fn format(&self) -> Option<Format> {
        self.format
    }

    fn commands(&self) -> u64 {
        self.client.as_ref().requests()
    }
}

impl<C: AsMut<Client> + AsRef<Client>> Source for Held<C> {
    type Error = LiveError;

    fn memory(&self) -> &[Span<Phys>] {
        &self.memory
    }

    fn read(&mut self, spans: &[Span<Phys>]) -> Result<Vec<Vec<u8>>, LiveError> {
        let client = self.client.as_mut();
        let read = |span: &Span<Phys>| {
            let size = usize::try_from(span.size).unwrap_or(usize::MAX);
            Ok(client.read_memory(Space::Physical, Address(span.start.0), size)?)
        };
        spans.iter().map(read).collect()
    }
}

/// `VM status: paused (prelaunch)`
fn before(status: &str) -> Before {
    match status.split_once('(').and_then(|(_, rest)| rest.split_once(')')) {
        Some((state, _)) => Before::Stood { state: state.to_owned() },
        None => Before::Ran,
    }
}
