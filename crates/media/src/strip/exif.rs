//! EXIF: told apart for the words, kept never, but for the orientation.

use super::{Removed, Traces};

const ORIENTATION: u16 = 0x0112;
const EXIF_IFD: u16 = 0x8769;
const GPS_IFD: u16 = 0x8825;
/// Entries of a directory that are looked at.
const ENTRIES_MAX: usize = 512;

/// Notes what the block tells, and gives the orientation when the picture must be turned.
pub(super) fn read(block: &[u8], traces: &mut Traces) -> Option<u16> {
    // WebP and PNG sometimes repeat the mark of the JPEG segment.
    let tiff = Tiff { bytes: block.strip_prefix(b"Exif\0\0").unwrap_or(block) };
    let orientation = tiff.orientation();
    if orientation.is_none_or(|orientation| orientation_only(orientation) != tiff.bytes) {
        // What no tag below explains was something nevertheless.
        traces.add(Removed::Other);
        tiff.note(traces);
    }
    orientation
}

/// A block that says how to turn the picture, and nothing else.
pub(super) fn orientation_only(orientation: u16) -> Vec<u8> {
    let [low, high] = orientation.to_le_bytes();
    let entry = [0x12, 0x01, 3, 0, 1, 0, 0, 0, low, high, 0, 0];
    [b"II*\0\x08\0\0\0\x01\0".as_slice(), &entry, &[0; 4]].concat()
}

struct Tiff<'a> {
    bytes: &'a [u8],
}

struct Entry {
    tag: u16,
    kind: u16,
    value: [u8; 4],
}

impl Tiff<'_> {
    fn orientation(&self) -> Option<u16> {
        let (entries, _) = self.directory(self.number(self.chunk(4)?))?;
        let entry = entries.iter().find(|entry| entry.tag == ORIENTATION && entry.kind == 3)?;
        let [first, second, ..] = entry.value;
        let orientation = self.short([first, second]);
        (2..=8).contains(&orientation).then_some(orientation)
    }

    fn note(&self, traces: &mut Traces) -> Option<()> {
        let (entries, next) = self.directory(self.number(self.chunk(4)?))?;
        for entry in &entries {
            note(entry.tag, traces);
            if entry.tag == EXIF_IFD {
                let below = self.directory(self.number(entry.value)).map(|(entries, _)| entries);
                below.into_iter().flatten().for_each(|entry| note(entry.tag, traces));
            }
        }
        if next != 0 {
            traces.add(Removed::Thumbnail);
        }
        Some(())
    }

    /// The entries at an offset, and the offset of the next directory.
    fn directory(&self, at: u32) -> Option<(Vec<Entry>, u32)> {
        let at = usize::try_from(at).ok()?;
        let count = usize::from(self.short(self.chunk(at)?));
        let entries = (0..count.min(ENTRIES_MAX)).map_while(|index| {
            let at = at.checked_add(2 + index * 12)?;
            let (tag, kind) = (self.short(self.chunk(at)?), self.short(self.chunk(at + 2)?));
            Some(Entry { tag, kind, value: self.chunk(at + 8)? })
        });
        let next = at.checked_add(2 + count * 12).and_then(|at| self.chunk(at));
        Some((entries.collect(), next.map_or(0, |next| self.number(next))))
    }

    fn chunk<const N: usize>(&self, at: usize) -> Option<[u8; N]> {
        self.bytes.get(at..)?.first_chunk().copied()
    }

    fn short(&self, bytes: [u8; 2]) -> u16 {
        if self.little() { u16::from_le_bytes(bytes) } else { u16::from_be_bytes(bytes) }
    }

    fn number(&self, bytes: [u8; 4]) -> u32 {
        if self.little() { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) }
    }

    fn little(&self) -> bool {
        self.bytes.starts_with(b"II")
    }
}

/// What a tag of EXIF 2.32 tells.
fn note(tag: u16, traces: &mut Traces) {
    match tag {
        GPS_IFD => traces.add(Removed::Place),
        // Make, model, maker's note, owner, body, lens.
        0x010F | 0x0110 | 0x927C | 0xA431..=0xA435 => traces.add(Removed::Device),
        0x0131 | 0x000B => traces.add(Removed::Software),
        0x0132 | 0x9003 | 0x9004 | 0x9010..=0x9012 | 0x9290..=0x9292 => traces.add(Removed::Time),
        // Artist, copyright, Windows' author, the camera's owner.
        0x013B | 0x8298 | 0x9C9D | 0xA430 => traces.add(Removed::Author),
        // Description, user's comment, Windows' title, comment, keywords, subject.
        0x010E | 0x9286 | 0x9C9B | 0x9C9C | 0x9C9E | 0x9C9F => traces.add(Removed::Comment),
        _ => {}
    }
}
