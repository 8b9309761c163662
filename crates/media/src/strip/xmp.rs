//! XMP: told apart for the words, kept never.

use super::{Removed, Traces};

/// Names of properties and what they tell (XMP part 1 and 2, IPTC photo metadata).
const TELLS: [(&str, Removed); 23] = [
    ("exif:GPS", Removed::Place),
    ("Location", Removed::Place),
    (":City", Removed::Place),
    (":Country", Removed::Place),
    ("dc:creator", Removed::Author),
    ("dc:rights", Removed::Author),
    (":Author", Removed::Author),
    ("OwnerName", Removed::Author),
    ("tiff:Artist", Removed::Author),
    ("tiff:Make", Removed::Device),
    ("tiff:Model", Removed::Device),
    ("SerialNumber", Removed::Device),
    ("CreatorTool", Removed::Software),
    ("pdf:Producer", Removed::Software),
    ("softwareAgent", Removed::Software),
    ("CreateDate", Removed::Time),
    ("ModifyDate", Removed::Time),
    ("DateCreated", Removed::Time),
    ("dc:description", Removed::Comment),
    ("dc:title", Removed::Comment),
    ("dc:subject", Removed::Comment),
    ("UserComment", Removed::Comment),
    ("xmp:Thumbnails", Removed::Thumbnail),
];

pub(super) fn read(packet: &[u8], traces: &mut Traces) {
    traces.add_by_names(packet, &TELLS);
}
