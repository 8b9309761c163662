//! Golden files: a definition and operations; the view before them, the delta of each, and the view that they make. The
//! UI's tests read the same files.
//!
//! `LEDSAGA_BLESS=1 cargo test -p ledsaga-forms --test golden` writes the views anew; look at the difference.

use std::{fs, path::Path};

use ledsaga_forms::{Context, Delta, FormState, Op, apply, load, view};
use serde_json::Value;

#[test]
fn every_golden_file_shows_what_it_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let mut seen = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let mut golden: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        let definition = load(golden["definition"].to_string().as_bytes()).unwrap();
        let operations: Vec<Op> = serde_json::from_value(golden["operations"].clone()).unwrap();
        let context = Context {
            today: golden["today"].as_str().unwrap().parse().unwrap(),
            protected: golden["protected"].as_bool().unwrap(),
        };
        let mut state = FormState::new(&definition);
        let before = view(&definition, &state, &context);
        let deltas: Vec<Delta> = operations
            .into_iter()
            .map(|operation| apply(&definition, &mut state, &[operation], &context).unwrap())
            .collect();
        let after = view(&definition, &state, &context);
        let shown = [
            ("before", serde_json::to_value(before).unwrap()),
            ("deltas", serde_json::to_value(deltas).unwrap()),
            ("view", serde_json::to_value(after).unwrap()),
        ];
        let bless = std::env::var_os("LEDSAGA_BLESS").is_some();
        for (name, value) in shown {
            if bless {
                golden[name] = value;
            } else {
                assert_eq!(golden[name], value, "{name} of {}", path.display());
            }
        }
        if bless {
            fs::write(&path, serde_json::to_string_pretty(&golden).unwrap() + "\n").unwrap();
        }
        seen += 1;
    }
    assert!(seen > 0);
}
