//! Finding an e-service by what people call it.

use std::sync::Arc;

use ledsaga_core::{desk::Desk, memory::MemoryStore};
use serde_json::json;

use crate::{
    fixture::{catalogue_of, load, open, until},
    server::Server,
};

async fn desk() -> Desk {
    let service = |id: &str, name: &str, summary: &str, category: &str, keywords: &[&str]| {
        load(&json!({
            "format": 1, "id": id, "version": 1, "name": name, "summary": summary, "category": category,
            "unit": "Exempelnämnden", "keywords": keywords,
            "contact": {"name": "Kontaktcenter", "phone": "070-1740605"},
            "oral_filing": "accepted", "retention": {"draft_days": 30, "protected_draft_days": 1},
            "steps": [{"id": "a", "title": "A", "questions": [{"id": "b", "kind": "text", "label": "B"}]}],
        }))
    };
    let server = Arc::new(Server::new());
    server.inbox(|inbox| {
        inbox.catalogue = Some(catalogue_of(vec![
            service("oppettider", "Öppettider för serveringstillstånd", "Ändra tider", "Näringsliv", &[]),
            service("fardtjanst", "Färdtjänst", "Resor", "Stöd och omsorg", &["taxi"]),
            service(
                "parkering",
                "Parkeringstillstånd",
                "För rörelsehindrade",
                "Trafik och gata",
                &["p-tillstånd"],
            ),
            service(
                "bidrag",
                "Bostadsanpassningsbidrag",
                "Ramp och dörrar",
                "Stöd och omsorg",
                &["tillgänglighet"],
            ),
            service("farthinder", "Farthinder", "Önska ett gupp", "Trafik och gata", &[]),
            service("angslyckan", "Ängslyckans förskola", "Plats i förskola", "Barn och utbildning", &[]),
        ]));
    });
    let desk = open(Arc::new(MemoryStore::new()), server).await.unwrap();
    until(&desk, "the catalogue", async |desk| desk.service("fardtjanst").await.ok()).await;
    desk
}

async fn found(desk: &Desk, query: &str) -> Vec<String> {
    desk.find_services(query, None).await.into_iter().map(|service| service.id).collect()
}

#[tokio::test(start_paused = true)]
async fn an_empty_query_lists_everything_in_the_order_of_the_swedish_alphabet() {
    let desk = desk().await;
    let all = ["bidrag", "farthinder", "fardtjanst", "parkering", "angslyckan", "oppettider"];
    assert_eq!(found(&desk, " ").await, all);
    let catalogue = desk.view().await.unwrap().catalogue;
    assert_eq!(
        catalogue.categories,
        ["Barn och utbildning", "Näringsliv", "Stöd och omsorg", "Trafik och gata"]
    );
}

#[tokio::test(start_paused = true)]
async fn words_are_found_in_any_order_and_by_their_beginnings() {
    let desk = desk().await;
    assert_eq!(found(&desk, "fö äng").await, ["angslyckan"]);
    assert_eq!(found(&desk, "FÄRD").await, ["fardtjanst"]);
    assert_eq!(found(&desk, "taxi").await, ["fardtjanst"]);
    assert!(found(&desk, "taxi ramp").await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn parts_of_compounds_are_found_from_three_letters() {
    let desk = desk().await;
    assert_eq!(found(&desk, "anpassning").await, ["bidrag"]);
    assert_eq!(found(&desk, "tjä").await, ["fardtjanst"]);
    assert!(found(&desk, "jä").await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn letters_typed_without_dots_find_both_and_with_dots_only_their_own() {
    let desk = desk().await;
    assert_eq!(found(&desk, "far").await, ["farthinder", "fardtjanst"]);
    assert_eq!(found(&desk, "fär").await, ["fardtjanst"]);
    assert_eq!(found(&desk, "oppet").await, ["oppettider"]);
}

#[tokio::test(start_paused = true)]
async fn a_name_ranks_before_a_keyword_and_that_before_the_rest() {
    let desk = desk().await;
    // "till" begins a keyword of one, and is inside the names of two.
    assert_eq!(found(&desk, "till").await, ["parkering", "oppettider", "bidrag"]);
}

#[tokio::test(start_paused = true)]
async fn a_category_narrows_the_search() {
    let desk = desk().await;
    let ids: Vec<String> =
        desk.find_services("", Some("Trafik och gata")).await.into_iter().map(|service| service.id).collect();
    assert_eq!(ids, ["farthinder", "parkering"]);
}
