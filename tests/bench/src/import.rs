//! The import of a large flow beside a pass over its bytes that does nothing but read the XML.

use std::{hint::black_box, time::Instant};

use anyhow::Result;
use ledsaga_bench::flow::{SIZE, defaults, generate};
use ledsaga_forms::import::oeflow;
use quick_xml::{Reader, events::Event};

use crate::stats::Times;

const ROUNDS: usize = 25;
/// So that everything has been read and every page of memory asked for once.
const WARM_UP: usize = 2;

pub struct Import {
    pub bytes: usize,
    pub questions: usize,
    pub bare: Times,
    pub import: Times,
}

pub fn measure() -> Result<Import> {
    let flow = generate(SIZE);
    let defaults = defaults();
    let imported = oeflow(flow.as_bytes(), &defaults)?;
    let questions = imported.definition.steps.iter().map(|step| step.questions.len()).sum();
    drop(imported);
    let (mut bare, mut import) = (Vec::with_capacity(ROUNDS), Vec::with_capacity(ROUNDS));
    for round in 0..WARM_UP + ROUNDS {
        let start = Instant::now();
        black_box(events(black_box(&flow))?);
        let passed = start.elapsed();
        let start = Instant::now();
        drop(black_box(oeflow(black_box(flow.as_bytes()), &defaults)?));
        let taken = start.elapsed();
        if round >= WARM_UP {
            bare.push(u64::try_from(passed.as_nanos())?);
            import.push(u64::try_from(taken.as_nanos())?);
        }
    }
    Ok(Import { bytes: flow.len(), questions, bare: Times::of(bare)?, import: Times::of(import)? })
}

fn events(flow: &str) -> Result<usize> {
    let mut reader = Reader::from_str(flow);
    let mut events = 0;
    while !matches!(reader.read_event()?, Event::Eof) {
        events += 1;
    }
    Ok(events)
}
