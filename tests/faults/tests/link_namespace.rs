//! Packets that are lost, doubled, late and out of order, and a cable that is pulled: client and gateway are processes on
//! two computers of their own, as far as their network knows. Needs root; otherwise the tests count as ignored.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "tests may, and say what they leave out"
)]

use std::{
    collections::BTreeMap,
    path::Path,
    process::ExitCode,
    time::{Duration, Instant},
};

use ledsaga_core::{draft::CaseState, ports::Store};
use ledsaga_faults::{
    FileSecrets,
    field::{cases_of, long},
    namespaces::{Cable, PORT, Weather},
    processes::Process,
    report::{Kind, row},
    rooted,
};
use ledsaga_gateway::sqlite_url;

const ROW: &str = "packets";
const GATEWAY: &str = env!("CARGO_BIN_EXE_fault_gateway");
const COURIER: &str = env!("CARGO_BIN_EXE_courier");
/// For so many cases; a slow line takes its time for each.
const PATIENCE: (Duration, usize) = (Duration::from_secs(300), 25);

fn main() -> ExitCode {
    let tests: [rooted::Test; 4] = [
        ("packets_that_are_lost_doubled_or_late_make_each_case_once", weather),
        ("a_cable_that_is_pulled_in_mid_upload_and_put_back_loses_nothing", cable),
        ("without_idempotency_a_pulled_cable_has_doubles", doubles),
        ("a_black_hole_lets_nothing_through", black_hole),
    ];
    rooted::run(&tests, Cable::missing())
}

/// Two computers with their programs.
struct Place {
    cable: Cable,
    folder: tempfile::TempDir,
    _gateway: Process,
}

impl Place {
    fn new() -> Self {
        let (cable, folder) = (Cable::new().unwrap(), tempfile::tempdir().unwrap());
        for name in ["gateway", "vaults", "secrets"] {
            std::fs::create_dir(folder.path().join(name)).unwrap();
        }
        let mut command = cable.on_server(GATEWAY);
        let gateway =
            Process::start(command.arg(folder.path().join("gateway")).arg(PORT.to_string())).unwrap();
        assert_eq!(gateway.line().unwrap(), PORT.to_string());
        Self { cable, folder, _gateway: gateway }
    }

    fn courier(&self, cases: usize, more: &[&str]) -> Process {
        let mut command = self.cable.on_client(COURIER);
        command.arg(self.path("vaults")).arg(self.path("secrets")).arg(format!("http://127.0.0.1:{PORT}"));
        Process::start(command.arg(cases.to_string()).args(more)).unwrap()
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    fn arrived(&self) -> BTreeMap<String, String> {
        let cases = block_on(cases_of(&sqlite_url(&self.path("gateway")))).unwrap();
        cases.into_iter().map(|case| (case.case_number, case.digest)).collect()
    }

    /// Cases of the vault and of the gateway that have no equal on the other side.
    fn differences(&self) -> usize {
        let arrived = self.arrived();
        let known = block_on(received(&self.path("vaults"), &self.path("secrets")));
        let same = arrived.iter().filter(|(number, digest)| known.get(*number) == Some(digest)).count();
        (arrived.len() - same) + (known.len() - same)
    }
}

fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

/// Case numbers with digests, as the receipts in the vault say.
async fn received(vaults: &Path, secrets: &Path) -> BTreeMap<String, String> {
    let secrets = std::sync::Arc::new(FileSecrets::new(secrets));
    let mut known = BTreeMap::new();
    // The vault of whoever it was: the folder does not say, so the worker is asked from the demo's list.
    let vault = ledsaga_vault::Vault::open(vaults, &demo_worker(), secrets, None).await.unwrap();
    for outline in vault.outlines().await.unwrap() {
        if let CaseState::Received { receipt, .. } = outline.state {
            known.insert(receipt.case_number, receipt.digest);
        }
    }
    vault.close().await;
    known
}

/// As the demo issuer of a gateway on [`PORT`] says it.
fn demo_worker() -> ledsaga_core::worker::Worker {
    ledsaga_core::worker::Worker {
        issuer: format!("http://127.0.0.1:{PORT}/demo/oidc"),
        subject: "demo-astrid".into(),
        name: String::new(),
        role: ledsaga_core::worker::Role::Agent,
    }
}

/// Until the courier is done with its cases; what it said.
fn finish(courier: &Process, cases: usize) -> Vec<String> {
    let (mut said, begun) = (Vec::new(), Instant::now());
    let patience = PATIENCE.0 * u32::try_from(cases.div_ceil(PATIENCE.1)).unwrap();
    while said.last().is_none_or(|line| line != "done") {
        assert!(begun.elapsed() < patience, "not done: {:?}", said.last());
        let ended = courier.hear(Duration::from_millis(200), |line| said.push(line));
        assert!(!ended || said.last().is_some_and(|line| line == "done"), "it ended: {:?}", said.last());
    }
    said
}

fn weather() {
    let cases = if long() { 100 } else { 6 };
    let netem = Cable::new().unwrap().has_netem();
    let mut weathers = vec![
        Weather::Loss(1),
        Weather::Loss(10),
        Weather::Loss(if long() { 40 } else { 25 }),
        Weather::Doubles(50),
        Weather::Slow(1_500),
    ];
    if netem {
        weathers.extend([Weather::Storm { late: 40, lost: 5 }, Weather::Storm { late: 150, lost: 15 }]);
    }
    for weather in weathers {
        let place = Place::new();
        place.cable.set(weather).unwrap();
        let courier = place.courier(cases, &[]);
        finish(&courier, cases);
        let wrong = place.differences() + place.arrived().len().abs_diff(cases);
        row(Kind::Test, ROW, &format!("{weather:?}, both ways"), cases, wrong);
        assert_eq!(wrong, 0, "{weather:?}");
    }
    if !netem {
        println!("skipped: this kernel has no netem, so packets are not reordered or jittered here");
    }
}

/// Pulls the cable while something is under way, and puts it back, again and again.
fn pull(place: &Place, cases: usize, pulls: usize, more: &[&str]) -> usize {
    // Slow enough that there is always something under way.
    place.cable.set(Weather::Slow(2_000)).unwrap();
    let courier = place.courier(cases, more);
    let mut pulled = 0;
    let mut done = false;
    while !done {
        let queued = courier.hear(Duration::from_millis(400), |line| done |= line == "done");
        assert!(!queued || done, "it ended by itself");
        if pulled < pulls && !done {
            place.cable.plug(false).unwrap();
            // Longer than a request may take.
            done |= courier.hear(Duration::from_millis(900), |line| done |= line == "done");
            place.cable.plug(true).unwrap();
            pulled += 1;
        }
    }
    pulled
}

fn cable() {
    let (cases, pulls) = if long() { (200, 60) } else { (10, 4) };
    let place = Place::new();
    let pulled = pull(&place, cases, pulls, &[]);
    let wrong = place.differences() + place.arrived().len().abs_diff(cases);
    row(
        Kind::Test,
        ROW,
        &format!("the cable pulled {pulled} times in mid-upload and put back"),
        cases,
        wrong,
    );
    assert!(pulled > 0);
    assert_eq!(wrong, 0);
}

/// The counter-test: without idempotency a pulled cable doubles what was under way.
fn doubles() {
    for _ in 0..5 {
        let place = Place::new();
        let cases = 12;
        let pulled = pull(&place, cases, 12, &["--new-ids"]);
        let arrived = place.arrived().len();
        if arrived != cases {
            let done = format!(
                "the cable pulled {pulled} times, without idempotency: {cases} cases became {arrived}"
            );
            row(Kind::CounterTest, ROW, &done, cases, arrived.abs_diff(cases));
            return;
        }
    }
    panic!("no double in five tries");
}

/// The counter-test of the weather: what is said to lose packets does, for with all of them lost nothing arrives.
fn black_hole() {
    let place = Place::new();
    place.cable.set(Weather::BlackHole).unwrap();
    let courier = place.courier(1, &[]);
    let mut done = false;
    courier.hear(Duration::from_secs(3), |line| done |= line == "done");
    row(
        Kind::CounterTest,
        ROW,
        "every packet lost: nothing arrives",
        1,
        usize::from(place.arrived().is_empty()),
    );
    assert!(!done && place.arrived().is_empty());
    place.cable.set(Weather::Fair).unwrap();
    finish(&courier, 1);
    assert_eq!(place.arrived().len(), 1);
}
