//! From one version of an e-service to another: every answer of a draft is kept, moved or set aside in words.

use std::collections::{BTreeSet, HashMap};

use crate::{
    Answer, Answers, Context, Definition, FormState, Kind, OpKind, Question, QuestionId, QuestionPath,
    RemainingView, Row, change::Change, evaluate::Slot, form::Form, judge::choice_exists, normal, read, show,
};

/// What another version makes of a draft. Nothing that was answered is in none of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Migration {
    /// The draft on the new version, one revision on.
    pub state: FormState,
    /// Answered questions that stand in the same step as before, by their new paths.
    pub kept: Vec<QuestionPath>,
    /// Answered questions that stand in another step or group.
    pub moved: Vec<Moved>,
    /// Answers without a place in the new version.
    pub no_longer_asked: Vec<SetAside>,
    /// What the new version demands and the old one did not.
    pub newly_required: Vec<RemainingView>,
}

/// An answered question in its new place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    pub path: QuestionPath,
    pub label: String,
}

/// An answer in words, with the label of its question.
#[derive(Clone, PartialEq, Eq)]
pub struct SetAside {
    pub label: String,
    pub words: String,
}

/// Says nothing of the answer.
impl std::fmt::Debug for SetAside {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SetAside(..)")
    }
}

/// Moves a draft to another version by the ids of its questions. `old` is the version that the answers were given to,
/// when it is still at hand.
///
/// An answer is kept where the new version asks the same in the same way: a typed answer as it was typed, a choice that
/// is still there, a confirmation of the same words. What protected mode leaves out is kept like anything else.
pub fn migrate(
    old: Option<&Definition>,
    new: &Definition,
    state: &FormState,
    context: &Context,
) -> Migration {
    let mut next = FormState::new(new);
    next.rev = state.rev.saturating_add(1);
    // An operation that was applied before is still a replay.
    next.applied.clone_from(&state.applied);
    if new.steps.iter().any(|step| step.id == state.position) {
        next.position.clone_from(&state.position);
    }
    let open = Context { protected: false, ..*context };
    let form = Form::new(new);
    let mut passage = Passage {
        old,
        form: &form,
        context: &open,
        marks: &state.later,
        state: &mut next,
        kept: Vec::new(),
        moved: Vec::new(),
        set_aside: Vec::new(),
    };
    in_order_of(new, &state.answers).into_iter().for_each(|given| passage.take(&given));
    let Passage { kept, moved, set_aside, .. } = passage;
    Migration {
        kept,
        moved,
        no_longer_asked: set_aside,
        newly_required: newly_required(old, new, state, &next, context),
        state: next,
    }
}

/// An answer with where it stood.
struct Given<'s> {
    /// The group, the row and its place among the rows, for an answer within one.
    within: Option<(&'s str, &'s str, usize)>,
    id: &'s QuestionId,
    answer: &'s Answer,
}

impl Given<'_> {
    fn path(&self) -> QuestionPath {
        match self.within {
            Some((group, row, _)) => format!("{group}/{row}/{}", self.id),
            None => self.id.clone(),
        }
    }
}

/// The answers in the new version's order: rules run forward, so an answer is taken once those that make its question
/// visible are there. Those without a place come last.
fn in_order_of<'s>(new: &Definition, answers: &'s Answers) -> Vec<Given<'s>> {
    let mut order: HashMap<&str, usize> = HashMap::new();
    for question in new.steps.iter().flat_map(|step| &step.questions) {
        order.insert(&question.id, order.len());
        for member in members(question) {
            order.insert(&member.id, order.len());
        }
    }
    let mut all = Vec::new();
    for (id, answer) in answers {
        all.push(Given { within: None, id, answer });
        if let Answer::Rows { rows } = answer {
            for (index, row) in rows.iter().enumerate() {
                let within = Some((id.as_str(), row.id.as_str(), index));
                all.extend(row.answers.iter().map(|(id, answer)| Given { within, id, answer }));
            }
        }
    }
    all.sort_by_key(|given| order.get(given.id.as_str()).copied().unwrap_or(usize::MAX));
    all
}

fn members(question: &Question) -> &[Question] {
    match &question.kind {
        Kind::Group { questions, .. } => questions,
        _ => &[],
    }
}

struct Passage<'n, 'p> {
    old: Option<&'n Definition>,
    form: &'p Form<'n>,
    context: &'p Context,
    marks: &'p BTreeSet<QuestionPath>,
    state: &'p mut FormState,
    kept: Vec<QuestionPath>,
    moved: Vec<Moved>,
    set_aside: Vec<SetAside>,
}

impl<'n> Passage<'n, '_> {
    fn take(&mut self, given: &Given<'_>) {
        let was = self.old.and_then(|old| Place::of(old, given.id));
        let is = Place::of(self.form.definition, given.id);
        if let Answer::Rows { rows } = given.answer {
            if let Some(is) = is {
                self.rows(is.question, rows);
            }
            // What is in the rows has its own turn.
            return;
        }
        let fits = is.filter(|is| was.is_none_or(|was| same_sort(&was.question.kind, &is.question.kind)));
        let Some((is, path)) = fits.and_then(|is| Some((is, self.path(&is, given)?))) else {
            return self.put_aside(given, given.answer);
        };
        if !self.put(&path, &is, given) {
            return;
        }
        if self.marks.contains(&given.path()) {
            self.state.later.insert(path.clone());
        }
        let stays = path == given.path() && was.is_none_or(|was| was.step == is.step);
        if stays {
            self.kept.push(path);
        } else {
            self.moved.push(Moved { path, label: is.question.label.clone() });
        }
    }

    /// The same rows as before, as many as there is room for, and those that there must be.
    fn rows(&mut self, group: &Question, rows: &[Row]) {
        let Kind::Group { min_rows, max_rows, .. } = group.kind else { return };
        let ids = rows.iter().map(|row| row.id.clone()).take(max_rows as usize);
        let mut ids: Vec<String> = ids.collect();
        let mut number = 0;
        while ids.len() < min_rows as usize {
            number += 1;
            let id = format!("r{number}");
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        let rows = ids.into_iter().map(|id| Row { id, answers: Answers::new() }).collect();
        self.state.answers.insert(group.id.clone(), Answer::Rows { rows });
        // A group that is hidden loses its rows again.
        self.make(&OpKind::Leave { question: group.id.clone() });
        self.state.left.remove(&group.id);
    }

    /// Where the answer goes. Out of rows, only the first of several can.
    fn path(&self, is: &Place<'_>, given: &Given<'_>) -> Option<QuestionPath> {
        match (is.group, given.within) {
            (Some(group), Some((before, ..))) if group.id == before => Some(given.path()),
            (Some(Question { id, kind: Kind::Group { max_rows: 1, .. }, .. }), _) => {
                self.free(format!("{id}/r1/{}", given.id))
            }
            (Some(_), _) => None,
            (None, Some(_)) => self.free(given.id.clone()),
            (None, None) => Some(given.id.clone()),
        }
    }

    fn free(&self, path: QuestionPath) -> Option<QuestionPath> {
        let taken =
            self.kept.iter().chain(self.moved.iter().map(|moved| &moved.path)).any(|taken| *taken == path);
        (!taken).then_some(path)
    }

    /// Whether anything of the answer has found its place; the rest is set aside.
    fn put(&mut self, path: &str, is: &Place<'_>, given: &Given<'_>) -> bool {
        // A question of several fields that was none before has no row yet.
        if let Some((group, _)) = path.split_once('/').filter(|_| given.within.is_none()) {
            self.make(&OpKind::AddRow { question: group.to_owned(), row: "r1".to_owned() });
        }
        let question = path.to_owned();
        match given.answer {
            Answer::Files { files } => {
                let mut placed = false;
                for file in files {
                    let attached =
                        self.make(&OpKind::Attach { question: question.clone(), file: file.clone() });
                    if !attached {
                        self.put_aside(given, &Answer::Files { files: vec![file.clone()] });
                    }
                    placed |= attached;
                }
                placed
            }
            Answer::Choice { choices, other } => {
                let there = |id: &String| {
                    normal::choices_of(&is.question.kind)
                        .is_some_and(|(choices, other)| choice_exists(choices, other, id))
                };
                let (stay, gone): (Vec<String>, Vec<String>) = choices.iter().cloned().partition(there);
                let placed = !stay.is_empty()
                    && self.make(&OpKind::Set {
                        question,
                        answer: Answer::Choice { choices: stay, other: other.clone() },
                    });
                let lost = if placed { gone } else { choices.clone() };
                if !lost.is_empty() {
                    let other = other.clone().filter(|_| lost.iter().any(|id| id == normal::OTHER));
                    self.put_aside(given, &Answer::Choice { choices: lost, other });
                }
                placed
            }
            answer => {
                let placed = self.make(&OpKind::Set { question, answer: answer.clone() });
                if !placed {
                    self.put_aside(given, answer);
                }
                placed
            }
        }
    }

    fn make(&mut self, kind: &OpKind) -> bool {
        Change { form: self.form, context: self.context, state: self.state }.make(kind).is_ok()
    }

    /// Named as the old version asked it; without that, as the new one does, or by its id.
    fn put_aside(&mut self, given: &Given<'_>, answer: &Answer) {
        let was = self.old.and_then(|old| Place::of(old, given.id));
        let known = was.or_else(|| Place::of(self.form.definition, given.id));
        let own = known.map_or(given.id.as_str(), |place| place.question.label.as_str());
        let row = known.and_then(|place| Some(read::row_title(place.group?, given.within?.2)));
        let label = row.map_or_else(|| own.to_owned(), |row| format!("{row}: {own}"));
        let words = match answer {
            // What was typed is kept whole: a shortened number could not be typed in again.
            Answer::Text { text } => text.trim().to_owned(),
            answer => was
                .and_then(|was| read::plain_text(&was.question.kind, answer))
                .unwrap_or_else(|| without_question(answer)),
        };
        if !words.is_empty() {
            self.set_aside.push(SetAside { label, words });
        }
    }
}

/// An answer in the only words there are when nobody knows any longer what was asked.
fn without_question(answer: &Answer) -> String {
    match answer {
        Answer::Text { text } => text.clone(),
        Answer::Files { files } => read::names(files),
        Answer::Choice { choices, other } => {
            let made = choices.iter().filter(|id| *id != normal::OTHER || other.is_none());
            made.chain(other).cloned().collect::<Vec<_>>().join(", ")
        }
        Answer::Confirmed => "ja".to_owned(),
        Answer::Rows { .. } => String::new(),
    }
}

/// A question with where a definition has it.
#[derive(Clone, Copy)]
struct Place<'a> {
    step: &'a str,
    group: Option<&'a Question>,
    question: &'a Question,
}

impl<'a> Place<'a> {
    fn of(definition: &'a Definition, id: &str) -> Option<Self> {
        definition.steps.iter().find_map(|step| {
            step.questions.iter().find_map(|top| {
                let place = |group, question| Place { step: &step.id, group, question };
                if top.id == id {
                    return Some(place(None, top));
                }
                members(top).iter().find(|member| member.id == id).map(|member| place(Some(top), member))
            })
        })
    }
}

/// Whether an answer to the one may be an answer to the other. What is typed is typed; whether it fits is said beside it.
fn same_sort(was: &Kind, is: &Kind) -> bool {
    match (was, is) {
        // What was confirmed is the statement.
        (Kind::Confirm { .. }, Kind::Confirm { .. }) => was == is,
        _ => {
            std::mem::discriminant(was) == std::mem::discriminant(is)
                || (was.is_text() && is.is_text())
                || (normal::choices_of(was).is_some() && normal::choices_of(is).is_some())
        }
    }
}

fn newly_required(
    old: Option<&Definition>,
    new: &Definition,
    before: &FormState,
    after: &FormState,
    context: &Context,
) -> Vec<RemainingView> {
    let demanded: BTreeSet<String> = old.map_or_else(BTreeSet::new, |old| {
        let slots = Form::new(old).evaluate(&before.answers, context);
        let required = slots.iter().flat_map(Slot::with_members).filter(|slot| slot.required);
        required.map(|slot| slot.path.to_string()).collect()
    });
    let mut missing = show::view(new, after, context).remaining;
    missing.retain(|question| !demanded.contains(&question.question));
    missing
}
