//! What the server of a test logs. The log is that of the whole process: with one for a thread alone, another test
//! that comes to an event first, without a log, would switch the event off. So lines of other tests may be there
//! too.

use std::io::Write;
use std::sync::{Arc, Mutex, OnceLock};

use easement_server::config::{LogFormat, LogLevel, LogSection};
use easement_server::log_subscriber;

/// Everything that was logged since the first test of the process wanted to see it.
#[derive(Clone, Default)]
pub(crate) struct Lines(Arc<Mutex<Vec<u8>>>);

impl Lines {
    /// Begins to keep what is logged, however little it matters.
    pub(crate) fn record() -> Self {
        static LINES: OnceLock<Lines> = OnceLock::new();
        let lines = LINES.get_or_init(|| {
            let lines = Self::default();
            let writer = lines.clone();
            let section = LogSection {
                format: LogFormat::Json,
                level: LogLevel::Trace,
            };
            let subscriber = log_subscriber(&section, move || writer.clone());
            tracing::subscriber::set_global_default(subscriber).unwrap();
            lines
        });
        lines.clone()
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Lines {
    fn write(&mut self, octets: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(octets);
        Ok(octets.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
