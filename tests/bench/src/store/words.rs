//! Texts of Swedish parts, the first words far more common than the last, as in any text.

use fastrand::Rng;

const PARTS: &str = "fär tjänst an sök bo stad bil kort hem vår den som det för att med pla skol bar nog rör lse hin der \
    kom mun en dag be slut ut ska in tra fik vat ten av lopp par ke gran ne väg sjö hus lån vå ung kul tur mil jö";
const ENDINGS: &str = "a an or en ar arna et er erna ning ningen t s e";

pub struct Vocabulary {
    pub words: Vec<String>,
    sums: Vec<f64>,
}

impl Vocabulary {
    pub fn new(size: usize) -> Self {
        let rng = &mut Rng::with_seed(4_100);
        let parts: Vec<&str> = PARTS.split_whitespace().collect();
        let endings: Vec<&str> = ENDINGS.split(' ').collect();
        let word = |rng: &mut Rng| {
            let mut word: String = (0..=rng.usize(..3)).map(|_| parts[rng.usize(..parts.len())]).collect();
            if rng.bool() {
                word.push_str(endings[rng.usize(..endings.len())]);
            }
            word
        };
        let sums = (1..=size).scan(0.0, |sum, rank| {
            *sum += 1.0 / rank as f64;
            Some(*sum)
        });
        Self { words: (0..size).map(|_| word(rng)).collect(), sums: sums.collect() }
    }

    pub fn word(&self, rng: &mut Rng) -> &str {
        let at = rng.f64() * self.sums[self.sums.len() - 1];
        &self.words[self.sums.partition_point(|sum| *sum < at).min(self.words.len() - 1)]
    }

    pub fn text(&self, rng: &mut Rng, bytes: usize) -> String {
        let mut text = String::with_capacity(bytes + 16);
        while text.len() < bytes {
            text.push_str(self.word(rng));
            text.push(' ');
        }
        text
    }
}
