//! The table, as Markdown.

use std::fmt::{Error, Write};

use crate::{
    engines::{Comparison, Figures},
    import::Import,
    memory::{DEFINITIONS, Memory},
    stats::{Times, spoken},
};

pub struct Table {
    pub machine: String,
    pub comparison: Comparison,
    pub memory: Memory,
    pub import: Import,
    pub fdatasync: Times,
    pub loopback: Times,
}

impl Table {
    pub fn markdown(&self) -> Result<String, Error> {
        let mut out = String::new();
        let Comparison { ours, others, node, answers, rounds, size } = &self.comparison;
        writeln!(out, "Machine: {}. Node.js {node}.\n", self.machine)?;
        writeln!(
            out,
            "One answer applied and evaluated, form of 300 questions and 100 rules ({answers} answers, {rounds} rounds of each engine in turn):\n"
        )?;
        writeln!(
            out,
            "| engine | visibility, median | p95 | visibility and judgement, median | p95 | ours is faster by | load, median |"
        )?;
        writeln!(out, "|---|--:|--:|--:|--:|--:|--:|")?;
        for figures in std::iter::once(ours).chain(others) {
            let visibility = figures.visibility.map_or(["in the next".to_owned(), String::new()], |times| {
                [spoken(times.median), spoken(times.p95)]
            });
            writeln!(
                out,
                "| {} | {} | {} | {} | {} | {} | {} |",
                figures.name,
                visibility[0],
                visibility[1],
                spoken(figures.judged.median),
                spoken(figures.judged.p95),
                if std::ptr::eq(figures, ours) {
                    String::new()
                } else {
                    format!("{:.0}x", factor(ours, figures))
                },
                spoken(figures.load.median),
            )?;
        }
        let fastest = others.iter().map(|other| factor(ours, other)).fold(f64::INFINITY, f64::min);
        writeln!(out, "\n| what | measured | goal | |")?;
        writeln!(out, "|---|--:|--:|---|")?;
        writeln!(
            out,
            "| one answer, beside the fastest of the others with judgement | {fastest:.1}x faster | >= 10x | {} |",
            held(fastest >= 10.0)
        )?;
        let least =
            others.iter().filter_map(|other| Some(ratio(other.visibility?.median, ours.judged.median)));
        let least = least.fold(f64::INFINITY, f64::min);
        writeln!(out, "| the same, when the others judge nothing | {least:.1}x faster | - | |")?;
        writeln!(
            out,
            "| load of the definition ({} KB of JSON) | {} | - | |",
            size / 1000,
            spoken(ours.load.median)
        )?;
        writeln!(
            out,
            "| memory of {DEFINITIONS} such definitions, each ({} KB of JSON) | {} KB | - | |",
            self.memory.json / 1000,
            self.memory.each / 1000
        )?;
        self.import_lines(&mut out)?;
        writeln!(out, "| fdatasync of 4 KB, this disk | {} | - | |", tail(&self.fdatasync))?;
        writeln!(out, "| loopback round trip of 4 KB | {} | - | |", tail(&self.loopback))?;
        Ok(out)
    }

    fn import_lines(&self, out: &mut String) -> Result<(), Error> {
        let Import { bytes, questions, bare, import } = &self.import;
        let times = ratio(import.median, bare.median);
        writeln!(
            out,
            "| import of an `.oeflow` of {} MB with {questions} questions ({}), beside a bare quick-xml pass ({}) | {times:.1}x | <= 3x | {} |",
            bytes / 1_000_000,
            spoken(import.median),
            spoken(bare.median),
            held(times <= 3.0)
        )
    }
}

fn tail(times: &Times) -> String {
    format!("median {}, p95 {}, p99 {}", spoken(times.median), spoken(times.p95), spoken(times.p99))
}

/// How much longer the other's median takes.
fn factor(ours: &Figures, other: &Figures) -> f64 {
    ratio(other.judged.median, ours.judged.median)
}

fn ratio(theirs: u64, ours: u64) -> f64 {
    theirs as f64 / ours as f64
}

fn held(holds: bool) -> &'static str {
    if holds { "holds" } else { "**missed**" }
}
