//! Attached files: what they are, without what they tell in secret, and as a picture.
//!
//! Pure: no input or output, no clock, no async. Every input is hostile: sizes, depths and amounts are bounded, and a
//! panic in a library becomes an error.
//!
//! # What [`strip`] removes
//!
//! | type | removed | kept |
//! |---|---|---|
//! | JPEG | EXIF with place and thumbnail, XMP, IPTC and Photoshop data, comments, maker data, pictures and films after the picture | pixels, orientation, colour profile, density |
//! | PNG | text of every kind, EXIF, time, every chunk that does not draw, what follows the picture | pixels, animation, orientation, colour profile |
//! | WebP | EXIF, XMP, unknown chunks | pixels, animation, orientation, colour profile |
//! | GIF | comments, XMP and other applications' blocks, plain text blocks, what follows the picture | pixels, animation, loop, colour profile |
//! | HEIC | the content of EXIF and XMP items, makers' boxes, descriptions, times, leftovers between pictures | pixels, orientation, colour profile |
//! | PDF | document information, XMP everywhere, earlier revisions and everything unreachable, ids, private data of programs, thumbnails, who marked up and when, metadata inside JPEG pictures | pages, fields, what the notes say, outlines, links |
//! | Word, Excel, PowerPoint | properties, custom properties, thumbnail, authors, times and initials of comments and changes, persons, printer settings, template path, session ids, metadata inside pictures, times of the archive | text, comments, changes, pictures, styles |
//! | OpenDocument | `meta.xml`, thumbnail, earlier versions, creators, initials and dates of comments and changes, printer, session ids, metadata inside pictures, times of the archive | text, comments, changes, pictures, styles |
//! | plain text, CSV | nothing: they have no metadata | everything |
//!
//! # What it cannot
//!
//! It never takes away what is to be seen: names, addresses and places in the text, on the picture or in a file name;
//! visible fields that show an author; alternative texts; what a note says. These stay too: a colour profile, which may
//! name its maker; where links, linked pictures and data connections of an office document lead; what a drawing (EMF, SVG)
//! within it says of its program; the data of an XFA form; the picture's own coding, by which a camera can be guessed.
//!
//! [`StripError`] names the files that stay as they are: TIFF, films in HEIC, older Office formats, RTF and archives; what
//! is encrypted or signed, as it would break; documents with a file inside that cannot be cleaned; what is damaged or too
//! large. Nothing is cleaned by halves.
//!
//! # What [`preview`] draws
//!
//! JPEG, PNG, GIF (first frame), WebP and pages of PDF, always as a new PNG. Other types have no preview. A PDF that opens
//! without a password is shown even when it is encrypted.

mod guard;
mod kind;
mod pdf;
mod preview;
mod strip;

pub use kind::kind;
pub use preview::{Preview, PreviewError, preview};
pub use strip::{Removed, StripError, Stripped, strip};
