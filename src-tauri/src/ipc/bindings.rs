//! Writes what the UI and the ACL need to know of the commands: `ui/src/ipc/bindings.ts` and
//! `src-tauri/capabilities/main.json`. A difference to what is committed is a failure in CI.

use std::{
    any::TypeId,
    collections::{BTreeMap, HashSet},
    fmt::Write,
    path::Path,
};

use ledsaga_core::{
    call::CallChange,
    desk::Applied,
    view::{
        CallView, CaseAnswer, CaseView, Certificate, DeskView, Difference, Found, LinkView, ReadBack,
        RevealTarget, RevisionView, ServiceSummary, ServiceView, VersionChange,
    },
};
use ledsaga_forms::{Op, OpKind};
use ts_rs::{Config, TS, TypeVisitor};
use uuid::Uuid;

use super::view::{
    Changed, CopyView, FilePreview, HealthView, IpcError, Preferences, SessionView, UiLanguage,
};

struct Declarations {
    config: Config,
    seen: HashSet<TypeId>,
    by_name: BTreeMap<String, String>,
}

impl TypeVisitor for Declarations {
    fn visit<T: TS + 'static + ?Sized>(&mut self) {
        if !self.seen.insert(TypeId::of::<T>()) {
            return;
        }
        // Only our own types have a file of their own; the others are written in place.
        if T::output_path().is_some() {
            self.by_name.insert(T::ident(&self.config), T::decl(&self.config));
        }
        T::visit_dependencies(self);
        T::visit_generics(self);
    }
}

fn config() -> Config {
    Config::default()
}

macro_rules! commands {
    ($($name:ident($($arg:ident: $type:ty),*) -> $answer:ty;)*) => {
        const NAMES: &[&str] = &[$(stringify!($name)),*];

        fn signatures() -> String {
            let config = config();
            let mut out = String::new();
            $({
                let arguments: Vec<String> = vec![
                    $(format!("{}: {}", stringify!($arg), <$type as TS>::name(&config))),*
                ];
                let arguments = match arguments.as_slice() {
                    [] => String::new(),
                    some => format!("args: {{ {} }}", some.join("; ")),
                };
                let answer = <$answer as TS>::name(&config);
                let _ = writeln!(out, "  {}({arguments}): Promise<{answer}>;", stringify!($name));
            })*
            out
        }

        fn visit_all(declarations: &mut Declarations) {
            $(
                $(declarations.visit::<$type>();)*
                declarations.visit::<$answer>();
            )*
        }
    };
}
include!("list.in");

fn typescript() -> String {
    let mut declarations = Declarations { config: config(), seen: HashSet::new(), by_name: BTreeMap::new() };
    visit_all(&mut declarations);
    // Flattened into `Op`, and the UI builds them.
    declarations.visit::<OpKind>();
    declarations.visit::<IpcError>();
    declarations.visit::<Changed>();

    let mut out = String::from(
        "// Made by `cargo xtask bindings` from src-tauri/src/ipc/list.in and the types that it names.\n",
    );
    for declaration in declarations.by_name.values() {
        let _ = write!(out, "\nexport {declaration}\n");
    }
    let _ = write!(out, "\nexport interface Commands {{\n{}}}\n", signatures());
    let names: Vec<String> = NAMES.iter().map(|name| format!("  \"{name}\",")).collect();
    let _ = write!(
        out,
        "\nexport const commandNames = [\n{}\n] as const satisfies readonly (keyof Commands)[];\n",
        names.join("\n")
    );
    out
}

fn capability() -> String {
    let mut permissions = vec!["core:event:allow-listen".to_owned(), "core:event:allow-unlisten".to_owned()];
    permissions.extend(NAMES.iter().map(|name| format!("allow-{}", name.replace('_', "-"))));
    let capability = serde_json::json!({
        "identifier": "main",
        "description": "What the one window may do: our own commands, and hear our events.",
        "windows": ["main"],
        "permissions": permissions,
    });
    format!("{capability:#}\n")
}

/// Writes the file when it differs, and says so by failing when `LEDSAGA_WRITE` is not set.
fn settle(path: &str, wanted: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    let found = std::fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
    if found == wanted {
        return;
    }
    assert!(
        std::env::var_os("LEDSAGA_WRITE").is_some(),
        "{} is not what the commands say; run `cargo xtask bindings`",
        path.display()
    );
    std::fs::write(&path, wanted).unwrap();
}

#[test]
fn typescript_bindings_are_what_the_commands_say() {
    settle("../ui/src/ipc/bindings.ts", &typescript());
}

#[test]
fn the_window_may_do_exactly_what_the_commands_say() {
    settle("capabilities/main.json", &capability());
}
