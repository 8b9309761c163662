//! One operation on a draft.

use crate::{
    Answer, Answers, ApplyError, Context, FileRef, FormState, Kind, OpKind, QuestionPath, Row, StepId,
    apply::first_answer,
    evaluate::{Asked, Slot},
    form::Form,
    judge::{choice_exists, reference_is_whole, type_allowed},
    normal,
    path::{Target, is_row_id},
};

pub(crate) struct Change<'a, 's> {
    pub form: &'a Form<'a>,
    pub context: &'a Context,
    pub state: &'s mut FormState,
}

impl<'a> Change<'a, '_> {
    pub fn make(&mut self, kind: &'a OpKind) -> Result<(), ApplyError> {
        match kind {
            OpKind::Set { question, answer } => self.set(question, answer)?,
            OpKind::Clear { question } => {
                let target = self.asked(question)?;
                self.put(target, question, first_answer(target.question()))?;
            }
            OpKind::AddRow { question, row } => self.add_row(question, row)?,
            OpKind::RemoveRow { question, row } => self.remove_row(question, row)?,
            OpKind::Attach { question, file } => self.attach(question, file)?,
            OpKind::Detach { question, file } => self.detach(question, file)?,
            OpKind::Later { question, on: true } => {
                self.find(question)?;
                self.state.later.insert(question.clone());
            }
            OpKind::Later { question, on: false } => {
                self.find(question)?;
                self.state.later.remove(question);
            }
            // A field may be left in the moment it disappears, so this asks for no more than the question.
            OpKind::Leave { question } => {
                self.find(question)?;
                self.state.left.insert(question.clone());
            }
            OpKind::GoTo { step } => self.go_to(step)?,
            OpKind::TrySubmit => self.state.tried = true,
        }
        self.clear_hidden();
        Ok(())
    }

    fn set(&mut self, path: &'a QuestionPath, answer: &Answer) -> Result<(), ApplyError> {
        let target = self.asked(path)?;
        let kept = kept(&target.question().kind, answer, path)?;
        if kept.is_some() {
            self.state.later.remove(path);
        }
        self.put(target, path, kept)
    }

    fn add_row(&mut self, path: &'a QuestionPath, id: &str) -> Result<(), ApplyError> {
        let target = self.asked(path)?;
        let Kind::Group { max_rows, .. } = target.question().kind else {
            return Err(ApplyError::WrongAnswerType { path: path.clone() });
        };
        if !is_row_id(id) {
            return Err(ApplyError::UnknownRow { path: path.clone() });
        }
        let mut rows = self.rows(path);
        if rows.iter().any(|row| row.id == id) {
            return Ok(());
        }
        if rows.len() >= max_rows as usize {
            return Err(ApplyError::TooMany { path: path.clone() });
        }
        rows.push(Row { id: id.to_owned(), answers: Answers::new() });
        self.put(target, path, Some(Answer::Rows { rows }))
    }

    /// A row that must be there is emptied instead of removed.
    fn remove_row(&mut self, path: &'a QuestionPath, id: &str) -> Result<(), ApplyError> {
        let target = self.asked(path)?;
        let Kind::Group { min_rows, .. } = target.question().kind else {
            return Err(ApplyError::WrongAnswerType { path: path.clone() });
        };
        let mut rows = self.rows(path);
        let Some(index) = rows.iter().position(|row| row.id == id) else {
            return Err(ApplyError::UnknownRow { path: path.clone() });
        };
        let removed = rows.remove(index);
        if rows.len() < min_rows as usize {
            rows.insert(index, Row { answers: Answers::new(), ..removed });
        }
        self.forget_marks(&format!("{path}/{id}"));
        self.put(target, path, (!rows.is_empty()).then_some(Answer::Rows { rows }))
    }

    fn attach(&mut self, path: &'a QuestionPath, file: &FileRef) -> Result<(), ApplyError> {
        let target = self.asked(path)?;
        let Kind::Files { max_count, max_size, types, .. } = &target.question().kind else {
            return Err(ApplyError::WrongAnswerType { path: path.clone() });
        };
        if !reference_is_whole(file) {
            return Err(ApplyError::WrongAnswerType { path: path.clone() });
        }
        if file.size > *max_size {
            return Err(ApplyError::FileTooLarge { path: path.clone(), max_size: *max_size });
        }
        if !type_allowed(types, &file.name) {
            return Err(ApplyError::FileType { path: path.clone() });
        }
        let mut files = self.files(target, path)?;
        if files.iter().any(|attached| attached.id == file.id) {
            return Ok(());
        }
        if files.len() >= *max_count as usize {
            return Err(ApplyError::TooMany { path: path.clone() });
        }
        files.push(file.clone());
        self.state.later.remove(path);
        self.put(target, path, Some(Answer::Files { files }))
    }

    /// A file that is already gone is as it should be.
    fn detach(&mut self, path: &'a QuestionPath, id: &str) -> Result<(), ApplyError> {
        let target = self.asked(path)?;
        if !matches!(target.question().kind, Kind::Files { .. }) {
            return Err(ApplyError::WrongAnswerType { path: path.clone() });
        }
        let mut files = self.files(target, path)?;
        files.retain(|file| file.id != id);
        self.put(target, path, (!files.is_empty()).then_some(Answer::Files { files }))
    }

    fn go_to(&mut self, step: &StepId) -> Result<(), ApplyError> {
        if !self.form.definition.steps.iter().any(|known| known.id == *step) {
            return Err(ApplyError::UnknownStep { step: step.clone() });
        }
        if self.state.position != *step {
            let left = std::mem::replace(&mut self.state.position, step.clone());
            self.state.left_steps.insert(left);
        }
        Ok(())
    }

    fn find(&self, path: &'a QuestionPath) -> Result<Target<'a>, ApplyError> {
        Target::find(self.form.definition, path)
            .ok_or_else(|| ApplyError::UnknownQuestion { path: path.clone() })
    }

    /// The question, when it is there to be answered now.
    fn asked(&self, path: &'a QuestionPath) -> Result<Target<'a>, ApplyError> {
        let target = self.find(path)?;
        let slots = self.form.evaluate(&self.state.answers, self.context);
        let there = |slot: &Slot<'_>| slot.visible() && slot.asked == Asked::Yes;
        match (every(&slots).find(|slot| slot.path == *path), target) {
            (Some(slot), _) if there(slot) => Ok(target),
            (None, Target::Member { group, .. })
                if slots.iter().any(|slot| slot.path == group.id && there(slot)) =>
            {
                Err(ApplyError::UnknownRow { path: path.clone() })
            }
            _ => Err(ApplyError::Hidden { path: path.clone() }),
        }
    }

    /// Where the question's answer is kept: the form's answers, or its row's.
    fn holder(&mut self, target: Target<'_>, path: &QuestionPath) -> Result<&mut Answers, ApplyError> {
        let Target::Member { group, row, .. } = target else {
            return Ok(&mut self.state.answers);
        };
        match self.state.answers.get_mut(&group.id) {
            Some(Answer::Rows { rows }) => {
                rows.iter_mut().find(|known| known.id == row).map(|row| &mut row.answers)
            }
            _ => None,
        }
        .ok_or_else(|| ApplyError::UnknownRow { path: path.clone() })
    }

    fn put(
        &mut self,
        target: Target<'_>,
        path: &QuestionPath,
        answer: Option<Answer>,
    ) -> Result<(), ApplyError> {
        let holder = self.holder(target, path)?;
        let id = &target.question().id;
        match answer {
            Some(answer) => {
                holder.insert(id.clone(), answer);
            }
            None => {
                holder.remove(id);
            }
        }
        Ok(())
    }

    fn rows(&self, group: &QuestionPath) -> Vec<Row> {
        match self.state.answers.get(group) {
            Some(Answer::Rows { rows }) => rows.clone(),
            _ => Vec::new(),
        }
    }

    fn files(&mut self, target: Target<'_>, path: &QuestionPath) -> Result<Vec<FileRef>, ApplyError> {
        match self.holder(target, path)?.get(&target.question().id) {
            Some(Answer::Files { files }) => Ok(files.clone()),
            _ => Ok(Vec::new()),
        }
    }

    /// Hiding a question clears its answer unless its rule keeps it.
    ///
    /// What only protected mode hides is not cleared: when the mode ends, it is there again. So an answer goes when the
    /// question is hidden both as the mode is and without it.
    fn clear_hidden(&mut self) {
        let open = Context { protected: false, ..*self.context };
        let slots = self.form.evaluate(&self.state.answers, &open);
        let mut gone: Vec<QuestionPath> = every(&slots)
            .filter(|slot| !slot.visible() && !slot.keep_answer)
            .filter(|slot| slot.raw != first_answer(slot.question).as_ref())
            .map(|slot| slot.path.to_string())
            .collect();
        if self.context.protected && !gone.is_empty() {
            let slots = self.form.evaluate(&self.state.answers, self.context);
            gone.retain(|path| !every(&slots).any(|slot| slot.path == *path && slot.visible()));
        }
        for path in &gone {
            self.forget_marks(path);
            if let Some(target) = Target::find(self.form.definition, path) {
                let first = first_answer(target.question());
                // The path comes from the draft itself, so there is a place for it.
                let _ = self.put(target, path, first);
            }
        }
    }

    /// What has vanished is new when it comes back: nothing is said about it before it has been seen.
    fn forget_marks(&mut self, path: &str) {
        let below = |mark: &QuestionPath| {
            mark.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        self.state.left.retain(|mark| !below(mark));
        self.state.later.retain(|mark| !below(mark));
    }
}

fn every<'s, 'a>(slots: &'s [Slot<'a>]) -> impl Iterator<Item = &'s Slot<'a>> {
    slots.iter().flat_map(Slot::with_members)
}

/// The answer as it is kept in a draft; none when it is empty.
fn kept(kind: &Kind, answer: &Answer, path: &QuestionPath) -> Result<Option<Answer>, ApplyError> {
    let wrong_type = || ApplyError::WrongAnswerType { path: path.clone() };
    let fits = |text: &str| match text.chars().nth(normal::TEXT_MAX as usize) {
        Some(_) => Err(ApplyError::TooLong { path: path.clone() }),
        None => Ok(()),
    };
    match answer {
        Answer::Text { text } if kind.is_text() => {
            fits(text)?;
            Ok((!text.is_empty()).then(|| answer.clone()))
        }
        Answer::Choice { choices: made, other } => {
            let (choices, other_label) = normal::choices_of(kind).ok_or_else(wrong_type)?;
            if !made.iter().all(|id| choice_exists(choices, other_label, id)) {
                return Err(ApplyError::UnknownChoice { path: path.clone() });
            }
            fits(other.as_deref().unwrap_or_default())?;
            let made = normal::in_order(choices, made);
            if made.len() > 1 && !matches!(kind, Kind::Checkbox { .. }) {
                return Err(wrong_type());
            }
            let other = other.clone().filter(|_| made.iter().any(|id| id == normal::OTHER));
            Ok((!made.is_empty()).then_some(Answer::Choice { choices: made, other }))
        }
        Answer::Confirmed if matches!(kind, Kind::Confirm { .. }) => Ok(Some(Answer::Confirmed)),
        _ => Err(wrong_type()),
    }
}
