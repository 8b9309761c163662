//! The invented workers of Exempelby kommun.

use crate::worker::Role;

pub struct DemoWorker {
    /// Stable id, `sub` in the tokens.
    pub subject: &'static str,
    pub name: &'static str,
    pub role: Role,
    pub title_sv: &'static str,
    pub title_en: &'static str,
}

pub static WORKERS: [DemoWorker; 4] = [
    DemoWorker {
        subject: "demo-astrid",
        name: "Astrid Exempel",
        role: Role::Agent,
        title_sv: "Kommunvägledare i kontaktcenter",
        title_en: "Contact centre agent",
    },
    DemoWorker {
        subject: "demo-bo",
        name: "Bo Påhittad",
        role: Role::TeamLead,
        title_sv: "Gruppledare i kontaktcenter",
        title_en: "Contact centre team lead",
    },
    DemoWorker {
        subject: "demo-cecilia",
        name: "Cecilia Demosson",
        role: Role::CaseOfficer,
        title_sv: "Handläggare",
        title_en: "Case officer",
    },
    DemoWorker {
        subject: "demo-david",
        name: "David Fingerad",
        role: Role::Auditor,
        title_sv: "Granskare (får läsa men inte skicka in)",
        title_en: "Auditor (may read but not submit)",
    },
];

pub fn find(subject: &str) -> Option<&'static DemoWorker> {
    WORKERS.iter().find(|worker| worker.subject == subject)
}
