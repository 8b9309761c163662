//! What had better be changed, and why.

use super::{Said, said};
use crate::authoring::advice::{About, Advice};

pub fn advice(advice: &Advice) -> Said {
    let place = advice.place.clone();
    let (what, remedy) = match &advice.about {
        About::Placeholder => ("det här fylldes inte i vid importen".to_owned(), "Skriv det rätta värdet."),
        About::NoChecklist => (
            "checklist är tom, så medarbetaren kan inte säga vad den som ringer behöver ha till hands"
                .to_owned(),
            "Skriv tre till sex korta rader.",
        ),
        About::NoKeywords => (
            "keywords är tom, så e-tjänsten hittas bara på sitt namn".to_owned(),
            "Skriv de ord som den som ringer använder.",
        ),
        About::LongLabel { length } => (
            format!("label har {length} tecken"),
            "Korta den till högst 100 tecken. Lägg förklaringen i help.",
        ),
        About::SameLabel { label } => (
            format!("en annan fråga på samma plats heter också ”{label}”"),
            "Ge frågorna olika label, så att det syns vilken som saknas.",
        ),
        About::NoAsk => (
            "frågan är känslig men har ingen ask, så den ställs med en enkel standardfråga".to_owned(),
            "Skriv i ask hur frågan ställs högt.",
        ),
        About::FilesUnsaid => (
            "en fil kan inte lämnas i telefon och läses aldrig upp".to_owned(),
            "Skriv i ask hur den som ringer kan lämna filen, och låt frågan vara frivillig om det går.",
        ),
        About::NotProtected => (
            "uppgiften pekar ut en person men döljs inte för den som har skyddade personuppgifter".to_owned(),
            "Skriv \"sensitivity\": \"protected\".",
        ),
        About::AddressAsked => (
            "adressen frågas också när den som ringer har skyddade personuppgifter".to_owned(),
            "Skriv \"protected_policy\": \"via_forwarding\", eller \"do_not_ask\" om adressen är någon annans.",
        ),
        About::ContactAsked => (
            "telefon eller e-post frågas också när den som ringer har skyddade personuppgifter".to_owned(),
            "Skriv \"protected_policy\": \"do_not_ask\".",
        ),
        About::NeverShown => (
            "frågan är dold och ingen regel visar den".to_owned(),
            "Lägg till en regel med frågan i targets, eller ändra state.",
        ),
        About::RequiredUnknown { kind } => (
            format!("sorten {kind} kan inte fyllas i här, men ansökan ska vara skriftlig och fullständig"),
            "Byt till en fråga som går att besvara, till exempel text, eller skriv \"state\": \"visible\".",
        ),
        About::PaperFormMissing { file } => (
            format!("blanketten {file} finns inte bredvid e-tjänsten"),
            "Lägg filen i samma mapp, eller ta bort den ur paper_forms.",
        ),
        About::PaperFormOther { file } => (
            format!("blanketten {file} är inte samma fil som när e-tjänsten gjordes"),
            "Lägg tillbaka den gamla filen, eller gör en ny version med rätt size och sha256.",
        ),
    };
    said(place, what, remedy)
}
