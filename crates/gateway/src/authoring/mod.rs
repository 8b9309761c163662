//! E-services for those who own them: checking, importing and showing definitions. Speaks plain Swedish.

mod advice;
mod check;
mod file;
mod import;
mod rules;
mod schema;
mod show;
mod words;

use std::{
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
};

#[derive(clap::Subcommand)]
pub enum CatalogueCommand {
    /// Kontrollerar e-tjänster: säger vad som är fel, var och vad du kan göra åt det.
    Check {
        /// Filer (.json) eller mappar med sådana.
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
    /// Gör e-tjänster av filer från andra system: .oeflow och .oequery (Open ePlatform), JSON Schema.
    Import(Box<import::Arguments>),
    /// Skriver JSON Schema för svaren på en e-tjänst. Utan fil: för e-tjänster själva, till en textredigerare.
    Schema {
        #[arg(value_name = "FILE")]
        file: Option<PathBuf>,
    },
    /// Visar e-tjänster som en människa läser dem.
    Show {
        /// Filer (.json) eller mappar med sådana.
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
}

/// What a command found: 1 when some file cannot be used.
pub fn run(command: &CatalogueCommand) -> ExitCode {
    let mut out = io::BufWriter::new(io::stdout().lock());
    let all_usable = match command {
        CatalogueCommand::Check { files } => check::check(files, &mut out),
        CatalogueCommand::Import(arguments) => import::import(arguments, &mut out),
        CatalogueCommand::Schema { file } => schema::schema(file.as_deref(), &mut out),
        CatalogueCommand::Show { files } => show::show(files, &mut out),
    };
    // Nobody reads any longer: there is nobody to tell.
    let written = all_usable.and_then(|usable| out.flush().map(|()| usable));
    if matches!(written, Ok(true)) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
