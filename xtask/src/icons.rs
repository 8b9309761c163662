//! `cargo xtask icons`: the icon set from one drawing. The results are committed, so that building needs no drawing
//! program.

use std::{
    path::Path,
    process::{Command, ExitCode},
};

use anyhow::{Context, Result, ensure};

use crate::{
    process,
    steps::step,
    system::{self, Need},
    workspace,
};

/// File names and edge lengths in pixels.
const IMAGES: [(&str, u32); 6] = [
    ("16x16.png", 16),
    ("32x32.png", 32),
    ("64x64.png", 64),
    ("128x128.png", 128),
    ("128x128@2x.png", 256),
    ("icon.png", 512),
];
const WINDOWS_SIZES: [u32; 7] = [16, 24, 32, 48, 64, 128, 256];
/// Apple's names of sizes; 2x images have names of their own.
const APPLE_SIZES: [(&[u8; 4], u32); 10] = [
    (b"icp4", 16),
    (b"icp5", 32),
    (b"icp6", 64),
    (b"ic07", 128),
    (b"ic08", 256),
    (b"ic09", 512),
    (b"ic10", 1024),
    (b"ic11", 32),
    (b"ic12", 64),
    (b"ic13", 256),
];

pub fn draw() -> Result<ExitCode> {
    step("Looking at the machine", || system::ensure_all(&[Need::Icons]))?;
    let folder = workspace::root().join("icons");
    step("Drawing", || {
        for (name, size) in IMAGES {
            std::fs::write(folder.join(name), png(&folder, size)?)?;
        }
        let images =
            WINDOWS_SIZES.iter().map(|size| Ok((*size, png(&folder, *size)?))).collect::<Result<Vec<_>>>()?;
        std::fs::write(folder.join("icon.ico"), ico(&images)?)?;
        let images = APPLE_SIZES
            .iter()
            .map(|(name, size)| Ok((*name, png(&folder, *size)?)))
            .collect::<Result<Vec<_>>>()?;
        Ok(std::fs::write(folder.join("icon.icns"), icns(&images)?)?)
    })?;
    Ok(ExitCode::SUCCESS)
}

/// The drawing at one size; the smallest sizes have a drawing of their own with fewer and thicker parts.
fn png(folder: &Path, size: u32) -> Result<Vec<u8>> {
    let drawing = folder.join(if size <= 24 { "ledsaga-small.svg" } else { "ledsaga.svg" });
    let edge = size.to_string();
    let mut command = Command::new("rsvg-convert");
    command.args(["--width", &edge, "--height", &edge, "--format", "png"]).arg(&drawing);
    let output = command.output().context("rsvg-convert does not start")?;
    ensure!(
        output.status.success(),
        "{}: {}",
        process::line(&command),
        String::from_utf8_lossy(&output.stderr).trim()
    );
    Ok(output.stdout)
}

/// Windows' container: a directory of entries of 16 bytes, then the images.
fn ico(images: &[(u32, Vec<u8>)]) -> Result<Vec<u8>> {
    let mut bytes = vec![0, 0, 1, 0];
    bytes.extend(u16::try_from(images.len())?.to_le_bytes());
    let mut offset = 6 + 16 * images.len();
    for (size, image) in images {
        // 256 is written as 0.
        let edge = u8::try_from(*size).unwrap_or(0);
        bytes.extend([edge, edge, 0, 0, 1, 0, 32, 0]);
        bytes.extend(u32::try_from(image.len())?.to_le_bytes());
        bytes.extend(u32::try_from(offset)?.to_le_bytes());
        offset += image.len();
    }
    images.iter().for_each(|(_, image)| bytes.extend(image));
    Ok(bytes)
}

/// Apple's container: each image with a name and its length, header included, in big-endian.
fn icns(images: &[(&[u8; 4], Vec<u8>)]) -> Result<Vec<u8>> {
    let mut body = Vec::new();
    for (name, image) in images {
        body.extend(*name);
        body.extend(u32::try_from(image.len() + 8)?.to_be_bytes());
        body.extend(image);
    }
    let mut bytes = b"icns".to_vec();
    bytes.extend(u32::try_from(body.len() + 8)?.to_be_bytes());
    bytes.extend(body);
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ico_directory_points_at_its_images() {
        let bytes = ico(&[(16, vec![1, 2, 3]), (256, vec![4, 5])]).unwrap();
        assert_eq!(&bytes[..6], [0, 0, 1, 0, 2, 0]);
        assert_eq!((bytes[6], bytes[22]), (16, 0), "256 is written as 0");
        let entry = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
        for (place, image) in [(6, &[1, 2, 3][..]), (22, &[4, 5])] {
            let (length, offset) = (entry(place + 8), entry(place + 12));
            assert_eq!(&bytes[offset..offset + length], image);
        }
    }

    #[test]
    fn an_icns_says_how_long_it_and_each_image_is() {
        let bytes = icns(&[(b"ic07", vec![7; 5])]).unwrap();
        assert_eq!(
            bytes,
            [b"icns", &21_u32.to_be_bytes()[..], b"ic07", &13_u32.to_be_bytes(), &[7; 5]].concat()
        );
    }
}
