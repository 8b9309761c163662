//! What others need to know of our forms: schemas of answers and definitions, and cases in Open ePlatform's XML.

mod answers;

pub use answers::answer_schema;
