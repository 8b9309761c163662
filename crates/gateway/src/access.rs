//! Who may see how a case stands. What nobody may is answered like what does not exist.

use crate::worker::{Role, Worker};

/// What access hangs on.
#[derive(Debug, Clone, Copy)]
pub struct Guarded<'a> {
    /// The subject of the worker who submitted it.
    pub worker: &'a str,
    /// The case carries a secrecy marking (OSL 22:1, 21:3).
    pub secrecy: bool,
}

/// Whether this worker may see how the case stands. The one who submitted it may; of others case officers and team
/// leads may, and agents when the case carries no secrecy marking, since a caller gets whoever answers. A marking
/// leaves nobody but its own worker and the team leads.
pub fn may_see_standing(worker: &Worker, case: Guarded<'_>) -> bool {
    if worker.subject == case.worker {
        return may_work(worker);
    }
    worker.roles.iter().any(|role| match role {
        Role::TeamLead => true,
        Role::Agent | Role::CaseOfficer => !case.secrecy,
        Role::Auditor | Role::Admin => false,
    })
}

/// Whether this worker helps callers at all.
pub fn may_work(worker: &Worker) -> bool {
    worker.roles.iter().any(|role| matches!(role, Role::Agent | Role::CaseOfficer | Role::TeamLead))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn worker(subject: &str, roles: &[Role]) -> Worker {
        Worker { subject: subject.to_owned(), roles: roles.iter().copied().collect() }
    }

    #[test]
    fn a_marked_case_is_seen_by_its_worker_and_team_leads_alone() {
        let case = Guarded { worker: "astrid", secrecy: true };
        assert!(may_see_standing(&worker("astrid", &[Role::Agent]), case));
        assert!(may_see_standing(&worker("tove", &[Role::TeamLead]), case));
        assert!(!may_see_standing(&worker("bo", &[Role::Agent]), case));
        assert!(!may_see_standing(&worker("bo", &[Role::CaseOfficer]), case));
    }

    #[test]
    fn another_case_is_seen_by_whoever_answers_the_caller() {
        let case = Guarded { worker: "astrid", secrecy: false };
        for role in [Role::Agent, Role::CaseOfficer, Role::TeamLead] {
            assert!(may_see_standing(&worker("bo", &[role]), case), "{role:?}");
        }
    }

    #[test]
    fn looking_after_the_system_is_no_reason_to_see_cases() {
        let case = Guarded { worker: "astrid", secrecy: false };
        assert!(!may_see_standing(&worker("bo", &[Role::Auditor, Role::Admin]), case));
        assert!(!may_see_standing(&worker("bo", &[]), case));
        assert!(!may_see_standing(&worker("astrid", &[]), case), "the role was taken away");
    }
}
