//! What others need to know of our forms: schemas of answers and definitions, and cases in Open ePlatform's XML.

mod answers;
mod definition;
mod instance;

pub use answers::answer_schema;
pub use definition::definition_schema;
pub use instance::{InstanceHeader, Person, instance_xml};
