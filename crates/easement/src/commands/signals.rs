//! Being asked to stop, or to look at files again.

#[cfg(not(unix))]
pub(crate) use self::elsewhere::{ReloadSignal, StopSignals};
#[cfg(unix)]
pub(crate) use self::unix::{ReloadSignal, StopSignals};

#[cfg(unix)]
mod unix {
    use std::io;

    use tokio::signal::unix::{Signal, SignalKind, signal};

    /// What asks a program to stop: Ctrl-C, or its service manager.
    ///
    /// It is made before anything is started, because a signal that nobody waits for yet would end the
    /// program at once.
    #[derive(Debug)]
    pub(crate) struct StopSignals {
        interrupt: Signal,
        terminate: Signal,
    }

    impl StopSignals {
        /// Takes the signals over from the system.
        pub(crate) fn take() -> io::Result<Self> {
            Ok(Self {
                interrupt: signal(SignalKind::interrupt())?,
                terminate: signal(SignalKind::terminate())?,
            })
        }

        /// Comes back when one arrives, or has arrived since the last call.
        pub(crate) async fn next(&mut self) {
            tokio::select! {
                _ = self.interrupt.recv() => {}
                _ = self.terminate.recv() => {}
            }
        }
    }

    /// What asks a server to read its certificate and secret of DNS cookies again: `SIGHUP`.
    #[derive(Debug)]
    pub(crate) struct ReloadSignal(Signal);

    impl ReloadSignal {
        /// Takes the signal over from the system.
        pub(crate) fn take() -> io::Result<Self> {
            signal(SignalKind::hangup()).map(Self)
        }

        /// Comes back when one arrives, or has arrived since the last call.
        pub(crate) async fn next(&mut self) {
            self.0.recv().await;
        }
    }
}

#[cfg(not(unix))]
mod elsewhere {
    use std::io;
    use std::sync::Arc;

    use tokio::sync::Notify;

    /// What asks a program to stop.
    #[derive(Debug)]
    pub(crate) enum StopSignals {
        /// Ctrl-C.
        Pressed,
        /// The system, when it runs as a service.
        Asked(Arc<Notify>),
    }

    impl StopSignals {
        #[expect(clippy::unnecessary_wraps, reason = "as on Unix, where it can fail")]
        pub(crate) fn take() -> io::Result<Self> {
            Ok(Self::Pressed)
        }

        /// Comes back when one arrives, or has arrived since the last call; never, when the system does not tell.
        pub(crate) async fn next(&mut self) {
            match self {
                Self::Asked(asked) => asked.notified().await,
                Self::Pressed => {
                    if tokio::signal::ctrl_c().await.is_err() {
                        std::future::pending::<()>().await;
                    }
                }
            }
        }
    }

    /// What asks an agent to read its configuration again.
    #[derive(Debug)]
    pub(crate) enum ReloadSignal {
        Never,
        /// The system, when it runs as a service.
        Asked(Arc<Notify>),
    }

    impl ReloadSignal {
        #[expect(clippy::unnecessary_wraps, reason = "as on Unix, where it can fail")]
        pub(crate) fn take() -> io::Result<Self> {
            Ok(Self::Never)
        }

        /// Comes back when one arrives, or has arrived since the last call.
        pub(crate) async fn next(&mut self) {
            match self {
                Self::Asked(asked) => asked.notified().await,
                Self::Never => std::future::pending::<()>().await,
            }
        }
    }
}
