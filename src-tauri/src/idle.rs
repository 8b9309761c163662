//! Locks a desk that nobody has been at for the policy's time.

use std::{sync::Arc, time::Duration};

use ledsaga_core::idle::Idle;
use tauri::{AppHandle, Emitter};

use crate::{
    Shell,
    ipc::view::{Changed, LockReason},
};

/// No sleep is longer: timers stand still while the computer sleeps, and it may have slept.
const LOOK: Duration = Duration::from_secs(5);

/// Time since the computer started, the time asleep included.
#[cfg(unix)]
pub fn since_start() -> Duration {
    use rustix::time::{ClockId, clock_gettime};
    // Elsewhere the monotonic clock goes on in sleep.
    #[cfg(target_os = "linux")]
    let clock = ClockId::Boottime;
    #[cfg(not(target_os = "linux"))]
    let clock = ClockId::Monotonic;
    clock_gettime(clock).try_into().unwrap_or_default()
}

/// Windows' clock goes on in sleep.
#[cfg(not(unix))]
pub fn since_start() -> Duration {
    use std::{sync::LazyLock, time::Instant};
    static FIRST: LazyLock<Instant> = LazyLock::new(Instant::now);
    FIRST.elapsed()
}

/// Never ends.
pub async fn watch(app: AppHandle, shell: Arc<Shell>) {
    let mut warned = false;
    loop {
        let pause = match shell.session.idle().await {
            None => {
                warned = false;
                LOOK
            }
            Some(Idle::Working { look_again_in }) => {
                warned = false;
                look_again_in.min(LOOK)
            }
            Some(Idle::Warning { lock_in }) => {
                if !std::mem::replace(&mut warned, true) {
                    let seconds = u32::try_from(lock_in.as_secs()).unwrap_or_default();
                    let _ = app.emit("changed", Changed::Idle { seconds });
                }
                lock_in.min(LOOK)
            }
            Some(Idle::Over) => {
                warned = false;
                shell.session.lock(LockReason::Idle).await;
                LOOK
            }
        };
        tokio::time::sleep(pause).await;
    }
}
