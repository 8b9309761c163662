//! The fault codes. `docs/fault-codes.md` lists each with its parameters and sentences; a test compares the two.

use std::collections::BTreeMap;

use crate::Fault;

macro_rules! codes {
    ($($name:ident = $code:literal;)*) => {
        $(pub(crate) const $name: &str = $code;)*
        /// Every code that a [`Fault`] can carry.
        pub const FAULT_CODES: &[&str] = &[$($code),*];
    };
}

codes! {
    // Missing
    REQUIRED = "required";
    CHOICE_NONE = "choice_none";
    FILES_NONE = "files_none";
    ROWS_NONE = "rows_none";
    NOT_CONFIRMED = "not_confirmed";
    ONE_OF = "one_of";
    // Form of what is written
    TOO_LONG = "too_long";
    TOO_SHORT = "too_short";
    PATTERN = "pattern";
    PNR_CHARACTERS = "pnr_characters";
    PNR_LENGTH = "pnr_length";
    PNR_DATE = "pnr_date";
    PNR_FUTURE = "pnr_future";
    PNR_SERIAL = "pnr_serial";
    PNR_CHECKSUM = "pnr_checksum";
    PNR_CENTURY = "pnr_century";
    AGE_TOO_LOW = "age_too_low";
    AGE_TOO_HIGH = "age_too_high";
    ORGNR_CHARACTERS = "orgnr_characters";
    ORGNR_LENGTH = "orgnr_length";
    ORGNR_GROUP = "orgnr_group";
    ORGNR_PERSON = "orgnr_person";
    ORGNR_CHECKSUM = "orgnr_checksum";
    PHONE_FORMAT = "phone_format";
    PHONE_LENGTH = "phone_length";
    EMAIL_FORMAT = "email_format";
    POSTCODE_FORMAT = "postcode_format";
    NUMBER_FORMAT = "number_format";
    NUMBER_DECIMALS = "number_decimals";
    NUMBER_TOO_SMALL = "number_too_small";
    NUMBER_TOO_LARGE = "number_too_large";
    MONEY_FORMAT = "money_format";
    MONEY_TOO_LARGE = "money_too_large";
    DATE_FORMAT = "date_format";
    DATE_NOT_REAL = "date_not_real";
    DATE_PAST = "date_past";
    DATE_FUTURE = "date_future";
    TIME_FORMAT = "time_format";
    // Choices, files and rows
    TOO_FEW_CHOICES = "too_few_choices";
    TOO_MANY_CHOICES = "too_many_choices";
    OTHER_MISSING = "other_missing";
    TOO_MANY_FILES = "too_many_files";
    FILE_TOO_LARGE = "file_too_large";
    FILE_TYPE = "file_type";
    FILES_TOO_LARGE = "files_too_large";
    TOO_MANY_ROWS = "too_many_rows";
    ROW_TWICE = "row_twice";
    STOP = "stop";
    // Only in a submission that no application of ours has made
    QUESTION_UNKNOWN = "question_unknown";
    HIDDEN_ANSWERED = "hidden_answered";
    PROTECTED_ANSWERED = "protected_answered";
    ANSWER_TYPE = "answer_type";
    CHOICE_UNKNOWN = "choice_unknown";
    NOT_NORMAL = "not_normal";
    FILE_REFERENCE = "file_reference";
    ROW_ID = "row_id";
}

impl Fault {
    pub(crate) fn new(code: &str) -> Self {
        Self { code: code.to_owned(), params: BTreeMap::new() }
    }

    pub(crate) fn with(code: &str, name: &str, value: impl ToString) -> Self {
        Self { code: code.to_owned(), params: BTreeMap::from([(name.to_owned(), value.to_string())]) }
    }
}
