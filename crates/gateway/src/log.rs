//! What is logged: events of the program, never anything that was sent.

use tracing_subscriber::{EnvFilter, fmt::MakeWriter};

use crate::config::Log;

/// Logs to this writer from now on, for the whole process; a second call changes nothing. A panic is told by its place
/// alone: its words may quote what was sent.
pub fn log_without_content<W>(log: &Log, writer: W)
where
    W: for<'writer> MakeWriter<'writer> + Send + Sync + 'static,
{
    let filter =
        EnvFilter::try_new(&log.level).unwrap_or_else(|_| EnvFilter::new("ledsaga_gateway=info,warn"));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(writer).with_ansi(false);
    let _ = if log.json {
        builder.json().flatten_event(true).with_span_list(false).try_init()
    } else {
        builder.try_init()
    };
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, "panicked");
    }));
}
