//! `ledsaga copy`: the municipality's recovery key, and what is done with the copies that were sealed for it. What it writes
//! has no personal data.

use std::{
    fs::{self, File},
    io::{self, ErrorKind, Write},
    path::Path,
    sync::Arc,
};

use jiff::Timestamp;
use ledsaga_core::{clock::stockholm, ports::SecretStore};
use ledsaga_vault::{
    CopyContents, CopyFault, Keychain, OpenError, RecoveryIdentity, look_into_copy, restore_copy,
};
use zeroize::Zeroizing;

use super::Outcome;
use crate::configuration::{self, IDENTIFIER};

const NOT_WHOLE: u8 = 1;
const HINDERED: u8 = 2;

/// Makes a recovery key and writes it to a new file that only its owner may read.
pub fn key(path: &Path) -> Outcome {
    let identity = RecoveryIdentity::generate();
    let Some(recipient) = identity.recipient() else {
        return hindered("Nyckeln blev inte till.", "Försök igen.");
    };
    let note = format!(
        "Ledsagas återställningsnyckel. Den öppnar kommunens förseglade kopior.\nÖppen del: {recipient}"
    );
    match write_new(path, identity.to_file(&note).as_bytes()) {
        Ok(()) => Outcome {
            text: format!(
                "Återställningsnyckeln är skriven.\n\n\
                 Öppen del:      {recipient}\n\n\
                 Skriv den öppna delen som recovery_recipient i kommunens regler.\n\
                 Flytta filen från den här datorn, till två ställen som är inlåsta och utan nät, och ta bort den här.\n\
                 Den som har filen kan läsa alla förseglade kopior. Utan den kan ingen det.\n"
            ),
            code: 0,
        },
        Err(error) if error.kind() == ErrorKind::AlreadyExists => hindered(
            "Det finns redan en fil som heter så.",
            "Välj ett annat namn. En nyckel skrivs aldrig över.",
        ),
        Err(error) => {
            hindered(&format!("Filen kan inte skrivas: {}.", why(error.kind())), "Välj en annan plats.")
        }
    }
}

/// Tells what is in a copy.
pub fn open(file: &Path, identity: &Path) -> Outcome {
    with_identity(identity, async |identity| {
        let contents = look_into_copy(file, identity).await?;
        let past = match contents.past {
            0 => String::new(),
            past => format!(
                "{past} av utkasten har passerat sin sista dag och tas inte med vid en återställning.\n"
            ),
        };
        Ok(format!("Kopian är hel.\n\n{}{past}", told(&contents)))
    })
}

/// Makes a vault of a copy, for the one who runs it.
pub fn restore(file: &Path, identity: &Path) -> Outcome {
    let Ok((_, vaults)) = configuration::folders() else {
        return hindered(
            "Användarens mappar går inte att hitta.",
            "Kontrollera att kontot har en hemmapp, och logga ut ur datorn och in igen.",
        );
    };
    with_identity(identity, async |identity| {
        let secrets: Arc<dyn SecretStore> = Arc::new(Keychain::new(IDENTIFIER));
        restored(file, identity, &vaults, secrets).await
    })
}

async fn restored(
    file: &Path,
    identity: &RecoveryIdentity,
    vaults: &Path,
    secrets: Arc<dyn SecretStore>,
) -> Result<String, CopyFault> {
    let contents = restore_copy(file, identity, vaults, secrets).await?;
    let past = match contents.past {
        0 => String::new(),
        past => format!("{past} av utkasten hade passerat sin sista dag och är inte med.\n"),
    };
    Ok(format!(
        "Kopian är återställd.\n\n{}{past}\n\
         Gör så här:\n\
         1. Medarbetaren öppnar Ledsaga och loggar in som vanligt. Ingen PIN-kod är vald.\n\
         2. Det som var på väg skickas av sig självt, och blir inte två ärenden.\n\
         3. Ett utkast som skickades efter {} kan stå kvar som oskickat här. Fråga handläggaren innan det skickas.\n\
         4. Radera kopian när utkasten är på plats, och ta bort nyckelfilen från datorn.\n",
        told(&contents),
        time(contents.made_at),
    ))
}

fn told(contents: &CopyContents) -> String {
    let CopyContents { calls, drafts, unsent, on_the_way, files, damaged, .. } = contents;
    let last_day = contents.last_day.map_or("-".to_owned(), |day| day.to_string());
    let mut text = format!(
        "Gjord:          {}, enligt den datorns klocka\n\
         Samtal:         {calls}\n\
         Ärenden:        {drafts}\n\
         Inte skickade:  {unsent}, varav {on_the_way} på väg\n\
         Filer:          {files}\n\
         Sista dag:      {last_day}\n",
        time(contents.made_at),
    );
    if *damaged > 0 {
        text +=
            &format!("{damaged} uppgifter gick inte att läsa när kopian gjordes. De följer med som de är.\n");
    }
    text
}

fn with_identity(
    path: &Path,
    work: impl AsyncFnOnce(&RecoveryIdentity) -> Result<String, CopyFault>,
) -> Outcome {
    let text = match fs::read_to_string(path).map(Zeroizing::new) {
        Ok(text) => text,
        Err(error) => {
            return hindered(
                &format!("Filen med återställningsnyckeln kan inte läsas: {}.", why(error.kind())),
                "Kontrollera namnet efter --identity.",
            );
        }
    };
    let Ok(identity) = RecoveryIdentity::from_file(&text) else {
        return hindered(
            "Filen efter --identity är ingen återställningsnyckel.",
            "Den ska ha en rad som börjar med AGE-SECRET-KEY-1. Är den låst med ett lösenord ska den låsas upp först.",
        );
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    match runtime.map(|runtime| runtime.block_on(work(&identity))) {
        Ok(Ok(text)) => Outcome { text, code: 0 },
        Ok(Err(fault)) => said(&fault),
        Err(_) => {
            hindered("Datorn ger inte programmet det som det behöver.", "Starta om datorn och försök igen.")
        }
    }
}

fn said(fault: &CopyFault) -> Outcome {
    match fault {
        CopyFault::Unreadable(kind) => {
            hindered(&format!("Kopian kan inte läsas: {}.", why(*kind)), "Kontrollera namnet och mappen.")
        }
        CopyFault::NotACopy => not_whole(
            "Filen är ingen förseglad kopia.",
            "Kontrollera att det är rätt fil. Är den det är den skadad: hämta den igen.",
        ),
        CopyFault::OtherKey => not_whole(
            "Nyckeln öppnar inte kopian. Den är förseglad för en annan nyckel, eller så är filens början ändrad.",
            "Kontrollera vilken recovery_recipient som gällde när kopian gjordes.",
        ),
        CopyFault::Damaged => not_whole(
            "Kopian är skadad: något i den är ändrat eller saknas.",
            "Inget är återställt. Hämta filen igen där den förvarades, eller ta en annan kopia.",
        ),
        CopyFault::Newer => {
            hindered("Kopian är gjord av en nyare version av Ledsaga.", "Uppdatera Ledsaga och försök igen.")
        }
        CopyFault::VaultThere => hindered(
            "Här finns redan utkast, eller en nyckel till utkast, för samma medarbetare. Inget är ändrat.",
            "Läs i handledningen för support om vad som ska göras först. Ta inte bort något som går att öppna.",
        ),
        CopyFault::Computer(error) => {
            let (what, remedy) = match error {
                OpenError::NoKeychain => (
                    "Datorn har ingen nyckelring.",
                    "Ordna en nyckelring. Utan den kan utkasten inte sparas här.",
                ),
                OpenError::KeychainLocked => {
                    ("Nyckelringen är låst.", "Lås upp den med datorns lösenord och försök igen.")
                }
                OpenError::InUse => ("Ledsaga är öppet.", "Stäng Ledsaga och försök igen."),
                OpenError::DiskFull => (
                    "Disken är full.",
                    "Kopian behöver mer än sin egen storlek, på disken och i mappen för tillfälliga filer.",
                ),
                _ => (
                    "Datorn eller nyckelringen svarade inte som den ska.",
                    "Kör ledsaga doctor och följ det som står där.",
                ),
            };
            hindered(what, remedy)
        }
    }
}

fn not_whole(what: &str, remedy: &str) -> Outcome {
    Outcome { text: format!("{what}\n{remedy}\n"), code: NOT_WHOLE }
}

fn hindered(what: &str, remedy: &str) -> Outcome {
    Outcome { text: format!("{what}\n{remedy}\n"), code: HINDERED }
}

fn why(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::NotFound => "den finns inte",
        ErrorKind::PermissionDenied => "behörighet saknas",
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "disken är full",
        ErrorKind::InvalidData => "den är ingen textfil",
        _ => "disken svarar inte som den ska",
    }
}

/// Never in the place of another file: it might be a key.
fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(bytes).and_then(|()| file.sync_all()).inspect_err(|_| {
        let _ = fs::remove_file(path);
    })
}

fn time(time: Timestamp) -> String {
    time.to_zoned(stockholm()).strftime("%Y-%m-%d %H:%M").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_written_once_for_its_owner_alone_and_opens_what_it_says() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("nyckel.txt");
        let made = key(&path);
        assert_eq!(made.code, 0, "{}", made.text);
        let text = fs::read_to_string(&path).unwrap();
        let identity = RecoveryIdentity::from_file(&text).unwrap();
        let recipient = identity.recipient().unwrap().to_string();
        assert!(made.text.contains(&recipient) && text.contains(&recipient));
        assert!(!made.text.contains("SECRET"), "the secret half is in the file only");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        let again = key(&path);
        assert_eq!(again.code, HINDERED);
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }

    #[test]
    fn what_hinders_is_said_with_what_to_do() {
        let dir = tempfile::tempdir().unwrap();
        let (identity, file) = (dir.path().join("nyckel.txt"), dir.path().join("kopia.age"));
        let missing = open(&file, &identity);
        assert_eq!(missing.code, HINDERED);
        assert!(
            missing.text.contains("återställningsnyckeln kan inte läsas: den finns inte"),
            "{}",
            missing.text
        );
        fs::write(&identity, "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p").unwrap();
        assert!(open(&file, &identity).text.contains("ingen återställningsnyckel"));
        fs::remove_file(&identity).unwrap();
        key(&identity);
        assert!(open(&file, &identity).text.contains("Kopian kan inte läsas: den finns inte"));
        fs::write(&file, "inte en kopia").unwrap();
        let other = open(&file, &identity);
        assert_eq!(other.code, NOT_WHOLE);
        assert!(other.text.contains("ingen förseglad kopia"), "{}", other.text);
    }
}
