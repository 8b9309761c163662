//! How workers sign in at their issuer (OpenID Connect), and how their roles are read.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What an issuer wants to be asked beyond `openid profile`, and where it says what a worker may do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct SignInTerms {
    /// The claim of ID and access tokens that holds the roles; see [`claim_words`].
    pub roles_claim: String,
    /// Scopes to ask for besides `openid`, `profile` and `offline_access`.
    pub scopes: Vec<String>,
    /// The `resource` to ask for (RFC 8707): an absolute URI.
    pub resource: Option<String>,
    /// Whether `prompt=consent` is needed for a refresh token (OpenID Connect Core, 11).
    pub consent: bool,
}

impl Default for SignInTerms {
    fn default() -> Self {
        Self { roles_claim: "roles".to_owned(), scopes: Vec::new(), resource: None, consent: false }
    }
}

/// The words of a claim: a list of texts, one text with spaces between its words, or the names of an object's members.
/// `name` is the claim's own name, which may have points in it, or a way through objects with points between the names
/// (`realm_access.roles`). What has another shape has no words.
pub fn claim_words<'a>(claims: &'a Map<String, Value>, name: &str) -> Vec<&'a str> {
    match find(claims, name) {
        Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).collect(),
        Some(Value::String(text)) => text.split_whitespace().collect(),
        Some(Value::Object(members)) => members.keys().map(String::as_str).collect(),
        _ => Vec::new(),
    }
}

fn find<'a>(claims: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    claims.get(name).or_else(|| {
        name.match_indices('.').find_map(|(point, _)| {
            let (first, rest) = (name.get(..point)?, name.get(point + 1..)?);
            find(claims.get(first)?.as_object()?, rest)
        })
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(claims: Value, name: &str) -> Vec<String> {
        claim_words(claims.as_object().unwrap(), name).into_iter().map(str::to_owned).collect()
    }

    #[test]
    fn a_claim_may_be_a_list_a_text_or_an_object() {
        assert_eq!(of(json!({"roles": ["agent", "team_lead"]}), "roles"), ["agent", "team_lead"]);
        assert_eq!(of(json!({"roles": "agent  team_lead"}), "roles"), ["agent", "team_lead"]);
        assert_eq!(of(json!({"roles": "agent"}), "roles"), ["agent"]);
        assert_eq!(of(json!({"roles": {"agent": {"1": "org"}}}), "roles"), ["agent"]);
        assert_eq!(of(json!({"roles": ["agent", 7, null, ["admin"]]}), "roles"), ["agent"]);
        for other in [json!(null), json!(7), json!(true), json!(""), json!([])] {
            assert!(of(json!({ "roles": other }), "roles").is_empty(), "{other}");
        }
        assert!(of(json!({}), "roles").is_empty());
    }

    #[test]
    fn a_claim_may_be_within_others_and_have_points_in_its_name() {
        let keycloak =
            json!({"realm_access": {"roles": ["agent"]}, "resource_access": {"a.b": {"roles": ["admin"]}}});
        assert_eq!(of(keycloak.clone(), "realm_access.roles"), ["agent"]);
        assert_eq!(of(keycloak.clone(), "resource_access.a.b.roles"), ["admin"]);
        assert!(of(keycloak.clone(), "realm_access.rules").is_empty());
        assert!(of(keycloak, "realm_access.roles.0").is_empty());
        let named = "https://exempelby.example/roles";
        assert_eq!(of(json!({ named: ["agent"] }), named), ["agent"]);
        assert!(
            of(json!({"a": {"b": "agent"}, "a.b": 7}), "a.b").is_empty(),
            "the claim's own name comes first"
        );
    }

    #[test]
    fn an_older_gateway_says_nothing_of_it() {
        assert_eq!(serde_json::from_value::<SignInTerms>(json!({})).unwrap(), SignInTerms::default());
    }
}
