//! The dependency rule: {forms, media} <- core <- {vault, link} <- the shell; forms <- protocol <- {link, gateway}.
//! Nothing outside src-tauri knows Tauri, and the inner crates know no database, no network and no keychain.

use serde_json::Value;

struct Rule {
    package: &'static str,
    /// The members below it.
    below: &'static [&'static str],
    /// Kinds of crates that it does without.
    without: &'static [&'static [&'static str]],
}

/// Names of crates; each stands for itself and for `name-*`.
const WEBVIEW: &[&str] = &["tauri", "wry", "tao"];
const DATABASE: &[&str] = &["sqlx", "libsqlite3-sys", "rusqlite"];
const NETWORK: &[&str] = &["reqwest", "hyper", "axum", "openidconnect"];
const KEYCHAIN: &[&str] = &["keyring"];
const ASYNC: &[&str] = &["tokio", "async-std"];

const RULES: &[Rule] = &[
    Rule { package: "ledsaga-forms", below: &[], without: &[WEBVIEW, DATABASE, NETWORK, KEYCHAIN, ASYNC] },
    Rule { package: "ledsaga-media", below: &[], without: &[WEBVIEW, DATABASE, NETWORK, KEYCHAIN, ASYNC] },
    Rule {
        package: "ledsaga-core",
        below: &["ledsaga-forms", "ledsaga-media"],
        without: &[WEBVIEW, DATABASE, NETWORK, KEYCHAIN],
    },
    Rule {
        package: "ledsaga-protocol",
        below: &["ledsaga-forms"],
        without: &[WEBVIEW, DATABASE, NETWORK, KEYCHAIN, ASYNC],
    },
    Rule {
        package: "ledsaga-vault",
        below: &["ledsaga-core", "ledsaga-forms"],
        without: &[WEBVIEW, NETWORK],
    },
    Rule {
        package: "ledsaga-link",
        below: &["ledsaga-core", "ledsaga-protocol", "ledsaga-forms"],
        without: &[WEBVIEW, DATABASE],
    },
    Rule {
        package: "ledsaga-gateway",
        below: &["ledsaga-protocol", "ledsaga-forms"],
        without: &[WEBVIEW, KEYCHAIN],
    },
    Rule {
        package: "ledsaga",
        below: &["ledsaga-vault", "ledsaga-link", "ledsaga-core", "ledsaga-protocol", "ledsaga-forms"],
        without: &[DATABASE, NETWORK, KEYCHAIN],
    },
];

/// What breaks the rule, in words; `metadata` is cargo's. Dependencies of tests alone are free.
pub fn offences(metadata: &Value) -> Vec<String> {
    let packages: Vec<&Value> = metadata["packages"].as_array().into_iter().flatten().collect();
    let mut offences = Vec::new();
    for rule in RULES {
        let Some(package) = packages.iter().find(|package| package["name"] == rule.package) else {
            offences.push(format!("{} is not in the workspace", rule.package));
            continue;
        };
        let dependencies = package["dependencies"].as_array().into_iter().flatten();
        for dependency in dependencies.filter(|dependency| dependency["kind"] != "dev") {
            let name = dependency["name"].as_str().unwrap_or_default();
            let member = packages.iter().any(|package| package["name"] == name);
            if member && !rule.below.contains(&name) {
                offences.push(format!("{} depends on {name}, which is not below it", rule.package));
            } else if rule.without.iter().copied().flatten().any(|banned| is_of(name, banned)) {
                offences.push(format!("{} depends on {name}, which its layer does without", rule.package));
            }
        }
    }
    offences
}

fn is_of(name: &str, family: &str) -> bool {
    name.strip_prefix(family).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// A workspace with every member, in which one depends on `name`.
    fn workspace(package: &str, name: &str, kind: Option<&str>) -> Value {
        let members = RULES.iter().map(|rule| rule.package).chain(["ledsaga-contract"]);
        let packages: Vec<Value> = members
            .map(|member| {
                let dependencies =
                    if member == package { vec![json!({ "name": name, "kind": kind })] } else { Vec::new() };
                json!({ "name": member, "dependencies": dependencies })
            })
            .collect();
        json!({ "packages": packages })
    }

    fn offends(package: &str, name: &str, kind: Option<&str>) -> bool {
        !offences(&workspace(package, name, kind)).is_empty()
    }

    #[test]
    fn the_way_down_is_free() {
        for (package, below) in [
            ("ledsaga-core", "ledsaga-forms"),
            ("ledsaga-core", "ledsaga-media"),
            ("ledsaga-media", "hayro"),
            ("ledsaga-vault", "ledsaga-core"),
            ("ledsaga-link", "ledsaga-protocol"),
            ("ledsaga-gateway", "ledsaga-protocol"),
            ("ledsaga", "ledsaga-link"),
            ("ledsaga", "tauri"),
            ("ledsaga-vault", "sqlx"),
            ("ledsaga-forms", "serde"),
        ] {
            assert!(!offends(package, below, None), "{package} -> {below}");
        }
    }

    #[test]
    fn the_way_up_and_across_is_refused() {
        for (package, above) in [
            ("ledsaga-forms", "ledsaga-core"),
            ("ledsaga-media", "ledsaga-core"),
            ("ledsaga-media", "ledsaga-forms"),
            ("ledsaga-core", "ledsaga-protocol"),
            ("ledsaga-core", "ledsaga-vault"),
            ("ledsaga-protocol", "ledsaga-core"),
            ("ledsaga-vault", "ledsaga-link"),
            ("ledsaga-gateway", "ledsaga-core"),
            ("ledsaga", "ledsaga-gateway"),
            ("ledsaga", "ledsaga-contract"),
        ] {
            assert!(offends(package, above, None), "{package} -> {above}");
        }
    }

    #[test]
    fn a_layer_does_without_what_it_should_not_know() {
        for (package, banned) in [
            ("ledsaga-core", "tauri"),
            ("ledsaga-link", "tauri-plugin-opener"),
            ("ledsaga-core", "sqlx"),
            ("ledsaga-core", "reqwest"),
            ("ledsaga-forms", "tokio"),
            ("ledsaga-media", "tokio"),
            ("ledsaga-media", "reqwest"),
            ("ledsaga-gateway", "keyring"),
            ("ledsaga", "sqlx"),
        ] {
            assert!(offends(package, banned, None), "{package} -> {banned}");
        }
        assert!(offends("ledsaga-core", "tauri-build", Some("build")), "build scripts count");
        assert!(!offends("ledsaga-core", "tao_of_something", None), "a longer name is another crate");
    }

    #[test]
    fn tests_may_depend_on_anything() {
        assert!(!offends("ledsaga-link", "ledsaga-gateway", Some("dev")));
    }

    #[test]
    fn a_member_that_is_gone_is_noticed() {
        assert_eq!(offences(&json!({ "packages": [] })).len(), RULES.len());
    }
}
