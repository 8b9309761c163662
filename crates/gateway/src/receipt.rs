//! `ledsaga-gateway receipt verify` and `receipt-key`: proving a receipt, and the keys that sign them.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, bail};
use clap::Subcommand;
use jiff::{Timestamp, ToSpan, tz::TimeZone};
use jsonwebtoken::jwk::JwkSet;
use ledsaga_gateway::{Config, NotProved, Proved, ReceiptKeys, make_key, prove, tidy_keys};
use ledsaga_protocol::digest;

/// A new key signs this long after it is published, so that every replica and client knows it by then.
const BEFORE_ITS_TURN: i64 = 10;

#[derive(Subcommand)]
pub enum ReceiptCommand {
    /// Säg om ett kvitto bevisar vad det påstår.
    ///
    /// Slutkoder: 0 det gör det, 1 det gör det inte, 2 filerna kan inte läsas, 3 nyckeln är okänd, 4 kvittot gäller
    /// andra uppgifter än dem i --submission.
    Verify {
        /// Kvittot (JSON) eller enbart dess signatur (JWS); - läser det som skickas in.
        #[arg(value_name = "FIL")]
        file: PathBuf,
        /// Nycklarna (JWK Set), som /v1/receipt-keys svarar. Utan den: gatewayens egna, enligt inställningarna.
        #[arg(long, value_name = "FIL")]
        keys: Option<PathBuf>,
        /// Det som skickades, byte för byte, för att pröva mot kvittots kontrollsumma.
        #[arg(long, value_name = "FIL")]
        submission: Option<PathBuf>,
    },
}

#[derive(Subcommand)]
pub enum KeyCommand {
    /// Make a key that takes over in ten minutes; the running gateways read the folder by themselves.
    New {
        /// The folder with the keys; the one of the configuration if not given.
        #[arg(long, value_name = "FOLDER")]
        folder: Option<PathBuf>,
    },
    /// Leave only the public half of keys that another one took over from more than a day ago.
    Tidy {
        #[arg(long, value_name = "FOLDER")]
        folder: Option<PathBuf>,
    },
}

/// What a receipt is worth, in words and as an exit code.
pub fn verify(command: &ReceiptCommand, config: Option<&Path>) -> ExitCode {
    let ReceiptCommand::Verify { file, keys, submission } = command;
    let (code, words) = match judge(file, keys.as_deref(), submission.as_deref(), config) {
        Ok(judged) => judged,
        Err(error) => (2, format!("Kan inte pröva kvittot: {error:#}")),
    };
    match crate::say(words.as_bytes()) {
        Ok(()) => ExitCode::from(code),
        Err(_) => ExitCode::from(2),
    }
}

fn judge(
    file: &Path,
    keys: Option<&Path>,
    submission: Option<&Path>,
    config: Option<&Path>,
) -> anyhow::Result<(u8, String)> {
    let text = if file == Path::new("-") {
        io::read_to_string(io::stdin()).context("det som skickas in är inte text")?
    } else {
        fs::read_to_string(file).with_context(|| format!("{} kan inte läsas", file.display()))?
    };
    let keys = match keys {
        Some(path) => {
            let json = fs::read(path).with_context(|| format!("{} kan inte läsas", path.display()))?;
            serde_json::from_slice(&json).with_context(|| format!("{} är ingen JWK Set", path.display()))?
        }
        None => own_keys(config)?,
    };
    let sent = submission
        .map(|path| fs::read(path).with_context(|| format!("{} kan inte läsas", path.display())))
        .transpose()?;
    Ok(match prove(&text, &keys) {
        Ok(proved) => {
            let matches = sent.map(|bytes| digest::hex(&bytes) == proved.claims.digest);
            (if matches == Some(false) { 4 } else { 0 }, proof(&proved, matches))
        }
        Err(NotProved::NotAReceipt) => (2, "Det här är varken ett kvitto eller en signatur.".to_owned()),
        Err(NotProved::UnknownKey) => (
            3,
            "Signaturen kan inte prövas: nyckeln som gjorde den finns inte bland nycklarna. Hämta dem på nytt från \
             kommunens server, /v1/receipt-keys."
                .to_owned(),
        ),
        Err(NotProved::Algorithm) => (1, "Kvittot bevisar ingenting: signaturen är inte av slaget ES256.".to_owned()),
        Err(NotProved::Broken) => {
            (1, "Kvittot bevisar ingenting: signaturen stämmer inte. Något har ändrats.".to_owned())
        }
        Err(NotProved::SaysOther) => (
            1,
            "Kvittot bevisar ingenting: signaturen stämmer, men gäller andra uppgifter än dem som står i kvittot."
                .to_owned(),
        ),
    })
}

fn own_keys(config: Option<&Path>) -> anyhow::Result<JwkSet> {
    let config = Config::load(config).context("ange nycklarna med --keys")?;
    Ok(ReceiptKeys::open(&config.receipt_key, config.receipt_keys_last)?.public())
}

fn proof(Proved { claims, kid }: &Proved, matches: Option<bool>) -> String {
    let received = claims.received_at.to_zoned(TimeZone::get("Europe/Stockholm").unwrap_or(TimeZone::UTC));
    let mut words = format!(
        "Signaturen stämmer.\n\
         Nyckel: {kid}\n\
         Det bevisar att kommunens server tog emot inlämningen {submission}\n\
         och gjorde den till ärende {case}\n\
         klockan {time} ({utc}).\n\
         Uppgifternas kontrollsumma (SHA-256): {digest}\n",
        submission = claims.submission,
        case = claims.case_number,
        time = received.strftime("%H.%M.%S den %-d/%-m %Y, %Z"),
        utc = claims.received_at,
        digest = claims.digest,
    );
    words.push_str(match matches {
        None => "Vad som stod i den prövades inte; ange filen med --submission.",
        Some(true) => "De uppgifter som angavs är byte för byte de som togs emot.",
        Some(false) => "De uppgifter som angavs är INTE de som togs emot: kontrollsumman är en annan.",
    });
    words
}

/// Makes or tidies keys, and says what was done.
pub fn keys(command: &KeyCommand, config: Option<&Path>) -> anyhow::Result<()> {
    match command {
        KeyCommand::New { folder } => {
            let folder = folder_of(folder.as_deref(), config)?;
            let now = Timestamp::now();
            let is_first = ReceiptKeys::open(&folder, std::time::Duration::ZERO).is_err();
            let begins = if is_first { now } else { now + BEFORE_ITS_TURN.minutes() };
            let path = make_key(&folder, begins)?;
            crate::say(format!("{}\nsigns from {}", path.display(), begins.strftime("%FT%TZ")).as_bytes())
        }
        KeyCommand::Tidy { folder } => {
            for path in tidy_keys(&folder_of(folder.as_deref(), config)?, Timestamp::now())? {
                crate::say(path.display().to_string().as_bytes())?;
            }
            Ok(())
        }
    }
}

fn folder_of(folder: Option<&Path>, config: Option<&Path>) -> anyhow::Result<PathBuf> {
    let folder = match folder {
        Some(folder) => folder.to_owned(),
        None => Config::load(config).context("name the folder with --folder")?.receipt_key,
    };
    if !folder.is_dir() {
        bail!(
            "{} is no folder; make it, for the gateway's user alone, and name it as receipts.key",
            folder.display()
        );
    }
    Ok(folder)
}
