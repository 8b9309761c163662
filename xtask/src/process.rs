//! Child processes: each leads a process group of its own, and none outlives us.

use std::{
    collections::BTreeSet,
    path::PathBuf,
    process::{Child, Command, ExitStatus, Stdio},
    sync::atomic::{AtomicBool, Ordering},
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};

/// How long a process may take to stop when asked to.
const GRACE: Duration = Duration::from_secs(5);

/// The leaders of the process groups that run now.
static RUNNING: Mutex<BTreeSet<u32>> = Mutex::new(BTreeSet::new());
static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// On Ctrl-C, SIGTERM and SIGHUP: stops everything that was started, and ends with status 130.
pub fn stop_everything_on_interrupt() -> Result<()> {
    ctrlc::set_handler(|| {
        INTERRUPTED.store(true, Ordering::SeqCst);
        eprintln!("\nStopping everything that was started ...");
        let groups: Vec<u32> = running().iter().copied().collect();
        stop_groups(&groups);
        crate::scratch::remove_all();
        std::process::exit(130);
    })
    .context("cannot listen for Ctrl-C")
}

fn running() -> std::sync::MutexGuard<'static, BTreeSet<u32>> {
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A running process with everything it starts; stopped when dropped.
pub struct Process {
    child: Child,
    name: String,
}

impl Process {
    /// Starts it without standard input.
    pub fn start(command: &mut Command) -> Result<Self> {
        let name = command.get_program().to_string_lossy().into_owned();
        own_group(command);
        // Under the lock, so that an interrupt either prevents the start or finds the process.
        let mut running = running();
        if INTERRUPTED.load(Ordering::SeqCst) {
            bail!("interrupted");
        }
        let child = command.stdin(Stdio::null()).spawn().with_context(|| format!("{name} does not start"))?;
        running.insert(child.id());
        Ok(Self { child, name })
    }

    pub fn stdout(&mut self) -> Option<std::process::ChildStdout> {
        self.child.stdout.take()
    }

    /// The status if it has ended.
    pub fn ended(&mut self) -> Result<Option<ExitStatus>> {
        Ok(self.child.try_wait()?)
    }

    /// Waits for its end.
    pub fn wait(&mut self) -> Result<ExitStatus> {
        let status = self.child.wait()?;
        if INTERRUPTED.load(Ordering::SeqCst) {
            // The interrupt ends us; nothing is to be said about processes that it stopped.
            loop {
                std::thread::park();
            }
        }
        Ok(status)
    }

    /// Waits for its end and calls `meanwhile` each `pause`.
    pub fn wait_with(&mut self, pause: Duration, mut meanwhile: impl FnMut()) -> Result<ExitStatus> {
        let mut said = Instant::now();
        loop {
            if self.ended()?.is_some() {
                return self.wait();
            }
            std::thread::sleep(Duration::from_millis(50));
            if said.elapsed() >= pause {
                said = Instant::now();
                meanwhile();
            }
        }
    }

    /// Waits for its end, at most for `limit`.
    pub fn wait_at_most(&mut self, limit: Duration) -> Result<ExitStatus> {
        let started = Instant::now();
        while self.ended()?.is_none() {
            ensure!(started.elapsed() < limit, "{} has not ended within {limit:?}", self.name);
            std::thread::sleep(Duration::from_millis(50));
        }
        self.wait()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let id = self.child.id();
        stop_groups(&[id]);
        let _ = self.child.kill();
        let _ = self.child.wait();
        running().remove(&id);
    }
}

/// Runs it to its end; not succeeding is an error.
pub fn run(command: &mut Command) -> Result<()> {
    let status = Process::start(command)?.wait()?;
    ensure!(status.success(), "{} ended with {status}", line(command));
    Ok(())
}

/// Runs it in our own process group, so that it may ask for a password at the terminal.
pub fn run_in_foreground(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("{} does not start", line(command)))?;
    ensure!(status.success(), "{} ended with {status}", line(command));
    Ok(())
}

/// What it prints when it succeeds.
pub fn output(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The command as one would type it.
pub fn line(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

/// Where on the path a program of this name is.
pub fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let name =
        if cfg!(windows) && !program.contains('.') { format!("{program}.exe") } else { program.to_owned() };
    std::env::split_paths(&path).map(|folder| folder.join(&name)).find(|program| program.is_file())
}

pub fn on_path(program: &str) -> bool {
    find(program).is_some()
}

/// Asks the groups to stop, waits for their leaders, and kills what is left: children may outlive their leader.
fn stop_groups(groups: &[u32]) {
    groups.iter().for_each(|group| ask_to_stop(*group));
    let started = Instant::now();
    while started.elapsed() < GRACE && groups.iter().any(|leader| !has_ended(*leader)) {
        std::thread::sleep(Duration::from_millis(20));
    }
    groups.iter().for_each(|group| force(*group));
}

#[cfg(unix)]
mod group {
    use std::{os::unix::process::CommandExt, process::Command};

    use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};

    fn pid(leader: u32) -> Option<Pid> {
        Pid::from_raw(i32::try_from(leader).ok()?)
    }

    pub fn own_group(command: &mut Command) {
        command.process_group(0);
    }

    pub fn ask_to_stop(leader: u32) {
        if let Some(pid) = pid(leader) {
            let _ = kill_process_group(pid, Signal::TERM);
        }
    }

    pub fn force(leader: u32) {
        if let Some(pid) = pid(leader) {
            let _ = kill_process_group(pid, Signal::KILL);
        }
    }

    /// Whether the leader has ended; leaves its status to the one who waits for it.
    pub fn has_ended(leader: u32) -> bool {
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        pid(leader).is_none_or(|pid| !matches!(waitid(WaitId::Pid(pid), options), Ok(None)))
    }
}

#[cfg(not(unix))]
mod group {
    use std::process::{Command, Stdio};

    pub fn own_group(_: &mut Command) {}

    /// There is no gentle way to end a console program with its children.
    pub fn ask_to_stop(leader: u32) {
        let _ = Command::new("taskkill")
            .args(["/T", "/F", "/PID", &leader.to_string()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
    }

    pub fn force(_: u32) {}

    pub fn has_ended(_: u32) -> bool {
        true
    }
}

use group::{ask_to_stop, force, has_ended, own_group};

#[cfg(all(test, unix))]
mod tests {
    use std::io::{BufRead, BufReader, Read};

    use super::*;

    /// Starts a shell script, waits for its first line, drops it, and waits until nobody is left who could write.
    fn start_and_drop(script: &str) -> Result<()> {
        let mut command = Command::new("sh");
        command.args(["-c", script]).stdout(Stdio::piped());
        let mut process = Process::start(&mut command)?;
        let mut output = BufReader::new(process.stdout().context("no output")?);
        output.read_line(&mut String::new())?;
        let started = Instant::now();
        drop(process);
        output.read_to_end(&mut Vec::new())?;
        ensure!(
            started.elapsed() < Duration::from_secs(60),
            "somebody of the group went on to its natural end"
        );
        Ok(())
    }

    #[test]
    fn a_dropped_process_takes_its_children_with_it() -> Result<()> {
        start_and_drop("sleep 120 & echo ready; wait")
    }

    #[test]
    fn a_child_that_outlives_its_parent_is_stopped_too() -> Result<()> {
        start_and_drop("(trap '' TERM; sleep 120) & echo ready; exit 0")
    }

    #[test]
    fn a_process_that_will_not_stop_is_forced() -> Result<()> {
        start_and_drop("trap '' TERM; echo ready; sleep 120")
    }

    #[test]
    fn failure_is_an_error_that_names_the_command() {
        let error = run(Command::new("sh").args(["-c", "exit 3"])).unwrap_err().to_string();
        assert!(error.contains("sh -c exit 3") && error.contains('3'), "{error}");
    }
}
