//! The conditions of rules by their names in JSON.

pub const CONDITIONS: [&str; 14] = [
    "any_of",
    "all_of",
    "answered",
    "at_least",
    "at_most",
    "equals",
    "on_or_after",
    "on_or_before",
    "age_at_least",
    "age_at_most",
    "all",
    "any",
    "not",
    "of",
];
