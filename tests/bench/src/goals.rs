//! Figures with the goals that they are to hold, as one table and a list of what is missed.

use std::fmt::{Error, Write};

use crate::stats::{Times, spoken};

/// One row of the table.
pub struct Figure {
    what: String,
    ours: String,
    beside: String,
    goals: Vec<Goal>,
    ratio: Option<f64>,
}

struct Goal {
    measured: f64,
    bound: Bound,
    unit: &'static str,
    why: &'static str,
}

#[derive(Clone, Copy)]
enum Bound {
    AtMost(f64),
    AtLeast(f64),
}

impl Figure {
    pub fn new(what: impl Into<String>, ours: impl Into<String>) -> Self {
        Self { what: what.into(), ours: ours.into(), beside: String::new(), goals: Vec::new(), ratio: None }
    }

    /// Medians beside each other.
    pub fn compared(what: impl Into<String>, ours: &Times, theirs: &Times) -> Self {
        let mut figure = Self::new(what, both(ours)).beside(both(theirs));
        figure.ratio = Some(ours.median as f64 / theirs.median as f64);
        figure
    }

    pub fn beside(self, beside: impl Into<String>) -> Self {
        Self { beside: beside.into(), ..self }
    }

    pub fn ratio(self, ratio: f64) -> Self {
        Self { ratio: Some(ratio), ..self }
    }

    /// The ratio may be this at most. `why` is printed when it is more.
    pub fn at_most(mut self, times: f64, why: &'static str) -> Self {
        if let Some(measured) = self.ratio {
            self.goals.push(Goal { measured, bound: Bound::AtMost(times), unit: "x", why });
        }
        self
    }

    /// The ratio is to be this at least. `why` is printed when it is less.
    pub fn at_least(mut self, times: f64, why: &'static str) -> Self {
        if let Some(measured) = self.ratio {
            self.goals.push(Goal { measured, bound: Bound::AtLeast(times), unit: "x", why });
        }
        self
    }

    /// May take so many milliseconds at most.
    pub fn within(mut self, nanoseconds: u64, milliseconds: f64, why: &'static str) -> Self {
        let measured = nanoseconds as f64 / 1e6;
        self.goals.push(Goal { measured, bound: Bound::AtMost(milliseconds), unit: " ms", why });
        self
    }

    fn row(&self, out: &mut String) -> Result<(), Error> {
        let goals: Vec<String> = self.goals.iter().map(Goal::spoken).collect();
        let result = match self.goals.iter().all(Goal::holds) {
            _ if self.goals.is_empty() => "",
            true => "met",
            false => "**missed**",
        };
        let ratio = self.ratio.map(|ratio| format!("{ratio:.2}x")).unwrap_or_default();
        let goals = if goals.is_empty() { "-".to_owned() } else { goals.join(", ") };
        writeln!(out, "| {} | {} | {} | {ratio} | {goals} | {result} |", self.what, self.ours, self.beside)
    }
}

impl Goal {
    fn holds(&self) -> bool {
        match self.bound {
            Bound::AtMost(most) => self.measured <= most,
            Bound::AtLeast(least) => self.measured >= least,
        }
    }

    fn spoken(&self) -> String {
        match self.bound {
            Bound::AtMost(most) => format!("<= {most}{}", self.unit),
            Bound::AtLeast(least) => format!(">= {least}{}", self.unit),
        }
    }

    /// How far from the goal, as a factor.
    fn short_by(&self) -> f64 {
        match self.bound {
            Bound::AtMost(most) => self.measured / most,
            Bound::AtLeast(least) => least / self.measured,
        }
    }
}

pub fn both(times: &Times) -> String {
    format!("{}, p99 {}", spoken(times.median), spoken(times.p99))
}

/// The table, and below it what is missed, by how much and why.
pub fn markdown(figures: &[Figure]) -> Result<String, Error> {
    let mut out = String::from("| what | ours | beside it | ratio | goal | |\n|---|--:|--:|--:|--:|---|\n");
    for figure in figures {
        figure.row(&mut out)?;
    }
    let mut missed = String::new();
    for figure in figures {
        for goal in figure.goals.iter().filter(|goal| !goal.holds()) {
            writeln!(
                missed,
                "- {}: {:.2}{} where the goal is {}, missed by a factor of {:.1}. {}",
                figure.what,
                goal.measured,
                goal.unit,
                goal.spoken(),
                goal.short_by(),
                goal.why
            )?;
        }
    }
    if !missed.is_empty() {
        write!(out, "\nMissed:\n\n{missed}")?;
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missed_is_named_with_by_how_much_and_why() {
        let times = |median| Times { median, p95: median, p99: median };
        let slow = Figure::compared("saving", &times(30), &times(10)).at_most(2.0, "Because.");
        let table = markdown(&[slow]).unwrap();
        assert!(
            table.contains("| saving | 30 ns, p99 30 ns | 10 ns, p99 10 ns | 3.00x | <= 2x | **missed** |")
        );
        assert!(
            table.ends_with("- saving: 3.00x where the goal is <= 2x, missed by a factor of 1.5. Because.\n")
        );
        let few = Figure::new("intake", "5/s").ratio(0.5).at_least(0.75, "Why.");
        assert!(
            markdown(&[few])
                .unwrap()
                .ends_with("- intake: 0.50x where the goal is >= 0.75x, missed by a factor of 1.5. Why.\n")
        );
        let held = Figure::new("keys gone", "9 ms").within(9_000_000, 100.0, "");
        assert!(markdown(&[held]).unwrap().ends_with("| keys gone | 9 ms |  |  | <= 100 ms | met |\n"));
    }
}
