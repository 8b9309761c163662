//! The import of a large flow beside a pass over its bytes that does nothing but read the XML.

use std::{hint::black_box, time::Instant};

use anyhow::Result;
use ledsaga_bench::flow::{SIZE, generate};
use quick_xml::{Reader, events::Event};

use crate::stats::Times;

const ROUNDS: usize = 25;

pub struct Import {
    pub bytes: usize,
    pub bare: Times,
}

pub fn measure() -> Result<Import> {
    let flow = generate(SIZE);
    let mut bare = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        let start = Instant::now();
        black_box(events(&flow)?);
        bare.push(u64::try_from(start.elapsed().as_nanos())?);
    }
    Ok(Import { bytes: flow.len(), bare: Times::of(bare)? })
}

fn events(flow: &str) -> Result<usize> {
    let mut reader = Reader::from_str(flow);
    let mut events = 0;
    while !matches!(reader.read_event()?, Event::Eof) {
        events += 1;
    }
    Ok(events)
}
