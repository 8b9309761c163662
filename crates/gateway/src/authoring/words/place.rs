//! Places in files, as people count: from 1, with the names that stand there.

/// A place in a definition, such as `steps[1].questions[0] (diagnos)`.
pub fn place(place: &str) -> String {
    let (path, name) = match place.split_once(' ') {
        Some((path, name)) => (path, format!(" {name}")),
        None => (place, String::new()),
    };
    let mut in_question = false;
    let mut parts: Vec<String> = Vec::new();
    let mut field: Vec<&str> = Vec::new();
    for part in path.split('.') {
        let indexed = part.strip_suffix(']').and_then(|part| part.split_once('['));
        let number =
            indexed.and_then(|(list, index)| Some((list, index.parse::<usize>().ok()?.checked_add(1)?)));
        let said = match number {
            Some(("steps", n)) => Some(format!("steg {n}")),
            Some(("questions", n)) if in_question => Some(format!("fält {n}")),
            Some(("questions", n)) => {
                in_question = true;
                Some(format!("fråga {n}"))
            }
            Some(("choices", n)) => Some(format!("alternativ {n}")),
            Some(("rules", n)) => Some(format!("regel {n}")),
            Some(("paper_forms", n)) => Some(format!("blankett {n}")),
            _ => None,
        };
        match said {
            Some(said) if field.is_empty() => parts.push(said),
            _ => field.push(part),
        }
    }
    if !field.is_empty() {
        parts.push(format!("fältet {}", field.join(".")));
    }
    parts.join(", ") + &name
}

/// A place in another system's file, such as `Steps/Step[2] (Om barnet)/QueryDescriptor 104 (Skola)`.
pub fn source_place(place: &str) -> String {
    let whole = match place {
        "Flow" => "hela e-tjänsten",
        "Tags" => "sökord",
        "Checks" => "checklistan",
        "Statuses" => "statusar",
        "FlowFamily" => "kontakten",
        "shortDescription" => "den korta beskrivningen",
        "longDescription" => "den långa beskrivningen",
        _ => "",
    };
    if !whole.is_empty() {
        return whole.to_owned();
    }
    let mut said = place.strip_prefix("Steps/").unwrap_or(place).to_owned();
    for (theirs, ours) in [
        ("Step[", "steg ["),
        ("/QueryDescriptor ", ", fråga "),
        ("/EvaluatorDescriptor ", ", regel "),
        ("QueryDescriptor ", "fråga "),
    ] {
        said = said.replacen(theirs, ours, 1);
    }
    match said.strip_prefix("steg [").and_then(|rest| rest.split_once(']')) {
        Some((number, rest)) => format!("steg {number}{rest}"),
        None => said,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_counted_from_one_and_named() {
        for (written, said) in [
            ("steps[1].questions[0] (diagnos)", "steg 2, fråga 1 (diagnos)"),
            ("steps[0].questions[2].questions[0] (namn)", "steg 1, fråga 3, fält 1 (namn)"),
            ("steps[0].questions[2].choices[1].colour", "steg 1, fråga 3, alternativ 2, fältet colour"),
            ("steps[0] (ett)", "steg 1 (ett)"),
            ("rules[11]", "regel 12"),
            ("contact.phone", "fältet contact.phone"),
            ("paper_forms[0] (Blankett A (2026))", "blankett 1 (Blankett A (2026))"),
        ] {
            assert_eq!(place(written), said);
        }
        assert_eq!(
            source_place("Steps/Step[2] (Om barnet)/QueryDescriptor 104 (Skola)"),
            "steg 2 (Om barnet), fråga 104 (Skola)"
        );
        assert_eq!(source_place("FlowForms"), "FlowForms");
    }
}
