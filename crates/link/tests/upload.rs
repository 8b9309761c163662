//! Files: in chunks, each with its digest, resumed where the server stands.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use ledsaga_core::{error::LinkError, ports::Municipality};
use ledsaga_link::Client;
use ledsaga_protocol::{digest, header};
use serde_json::{Value, json};
use support::{Server, client, ours, problem};
use uuid::Uuid;

const MIB: usize = 1024 * 1024;

fn bytes(length: usize) -> Vec<u8> {
    (0..length).map(|i| (i % 251) as u8).collect()
}

fn offset(offset: usize) -> axum::http::Response<axum::body::Body> {
    let mut answer = ours(204, &Value::Null);
    answer.headers_mut().insert(header::UPLOAD_OFFSET, offset.into());
    answer
}

fn begun(server: &Server, id: Uuid, offset: usize) {
    server.answer_once("POST /v1/uploads", ours(201, &json!({ "id": id, "offset": offset })));
}

async fn put(client: &Client, id: Uuid, bytes: &[u8]) -> Result<(), LinkError> {
    client.put_file(id, "karta.pdf", "application/pdf", bytes, &|_| ()).await
}

#[tokio::test]
async fn a_file_goes_up_in_chunks_that_add_up_to_it() {
    let server = Server::start().await;
    let client = client(&server).await;
    let (id, file) = (Uuid::now_v7(), bytes(2 * MIB + 5));
    let line = format!("PATCH /v1/uploads/{id}");
    begun(&server, id, 0);
    for stored in [MIB, 2 * MIB, file.len()] {
        server.answer_once(&line, offset(stored));
    }
    put(&client, id, &file).await.unwrap();

    let body: Value = serde_json::from_slice(&server.seen("POST /v1/uploads")[0].body).unwrap();
    assert_eq!(body["size"], file.len());
    assert_eq!(body["sha256"], digest::hex(&file));
    let chunks = server.seen(&line);
    assert_eq!(chunks.len(), 3);
    let mut sent = Vec::new();
    for chunk in chunks {
        assert_eq!(chunk.headers[header::UPLOAD_OFFSET], sent.len().to_string());
        assert_eq!(chunk.headers["content-type"], header::CHUNK_TYPE);
        assert!(digest::matches(chunk.headers[header::CONTENT_DIGEST].to_str().unwrap(), &chunk.body));
        sent.extend(chunk.body);
    }
    assert!(sent == file);
}

#[tokio::test]
async fn an_upload_goes_on_where_the_server_stands() {
    let server = Server::start().await;
    let client = client(&server).await;
    let (id, file) = (Uuid::now_v7(), bytes(MIB + 10));
    let line = format!("PATCH /v1/uploads/{id}");
    begun(&server, id, MIB);
    server.answer_once(&line, problem(409, "offset_mismatch"));
    server.answer_once(&format!("HEAD /v1/uploads/{id}"), offset(MIB + 4));
    server.answer_once(&line, offset(MIB + 10));
    put(&client, id, &file).await.unwrap();
    let chunks = server.seen(&line);
    assert_eq!(chunks[0].body, file[MIB..]);
    assert_eq!(chunks[1].body, file[MIB + 4..]);
}

#[tokio::test]
async fn a_file_that_is_there_already_is_not_sent_again() {
    let server = Server::start().await;
    let client = client(&server).await;
    let (id, file) = (Uuid::now_v7(), bytes(10));
    begun(&server, id, 10);
    put(&client, id, &file).await.unwrap();
    assert!(server.seen(&format!("PATCH /v1/uploads/{id}")).is_empty());
}

#[tokio::test]
async fn a_server_that_gets_nowhere_is_given_a_rest() {
    let server = Server::start().await;
    let client = client(&server).await;
    let (id, file) = (Uuid::now_v7(), bytes(10));
    begun(&server, id, 0);
    for _ in 0..100 {
        server.answer_once(&format!("PATCH /v1/uploads/{id}"), offset(0));
    }
    assert_eq!(put(&client, id, &file).await, Err(LinkError::Busy { retry_after_ms: None }));
    assert!(server.seen(&format!("PATCH /v1/uploads/{id}")).len() < 10);
}

#[tokio::test]
async fn an_offset_that_cannot_be_is_refused() {
    let unexpected = LinkError::Refused { code: "unexpected_answer".to_owned(), questions: Vec::new() };
    let server = Server::start().await;
    let client = client(&server).await;
    let (id, file) = (Uuid::now_v7(), bytes(10));
    begun(&server, id, 11);
    assert_eq!(put(&client, id, &file).await, Err(unexpected.clone()));
    begun(&server, Uuid::now_v7(), 0);
    assert_eq!(put(&client, id, &file).await, Err(unexpected.clone()));
    begun(&server, id, 0);
    server.answer_once(&format!("PATCH /v1/uploads/{id}"), ours(204, &Value::Null));
    assert_eq!(put(&client, id, &file).await, Err(unexpected));
}

#[tokio::test]
async fn an_upload_whose_time_was_up_begins_anew() {
    let server = Server::start().await;
    let client = client(&server).await;
    let (id, file) = (Uuid::now_v7(), bytes(2 * MIB));
    let line = format!("PATCH /v1/uploads/{id}");
    begun(&server, id, MIB);
    server.answer_once(&line, problem(404, "not_found"));
    server.answer_once(&format!("HEAD /v1/uploads/{id}"), problem(404, "not_found"));
    begun(&server, id, 0);
    server.answer_once(&line, offset(MIB));
    server.answer_once(&line, offset(2 * MIB));
    put(&client, id, &file).await.unwrap();
    assert_eq!(server.seen("POST /v1/uploads").len(), 2);
    assert_eq!(server.seen(&line).last().unwrap().body, file[MIB..]);
}

#[tokio::test]
async fn a_chunk_that_was_damaged_on_the_way_goes_again() {
    let server = Server::start().await;
    let client = client(&server).await;
    let (id, file) = (Uuid::now_v7(), bytes(10));
    let line = format!("PATCH /v1/uploads/{id}");
    begun(&server, id, 0);
    server.answer_once(&line, problem(400, "digest_mismatch"));
    server.answer_once(&format!("HEAD /v1/uploads/{id}"), offset(0));
    server.answer_once(&line, offset(10));
    put(&client, id, &file).await.unwrap();
    assert_eq!(server.seen(&line).len(), 2);
}

#[tokio::test]
async fn how_much_has_arrived_is_told_with_each_answer() {
    let server = Server::start().await;
    let client = client(&server).await;
    let (id, file) = (Uuid::now_v7(), bytes(2 * MIB + 5));
    begun(&server, id, 3);
    for stored in [MIB + 3, 2 * MIB + 3, 2 * MIB + 5] {
        server.answer_once(&format!("PATCH /v1/uploads/{id}"), offset(stored));
    }
    let told = std::sync::Mutex::new(Vec::new());
    let stored = |bytes| told.lock().unwrap().push(bytes);
    client.put_file(id, "karta.pdf", "application/pdf", &file, &stored).await.unwrap();
    let expected = [3, MIB + 3, 2 * MIB + 3, 2 * MIB + 5].map(|bytes| bytes as u64);
    assert_eq!(*told.lock().unwrap(), expected);
}

#[tokio::test]
async fn other_content_under_the_same_id_is_refused() {
    let server = Server::start().await;
    let client = client(&server).await;
    server.answer_once("POST /v1/uploads", problem(422, "content_differs"));
    let refused = LinkError::Refused { code: "content_differs".to_owned(), questions: Vec::new() };
    assert_eq!(put(&client, Uuid::now_v7(), &bytes(1)).await, Err(refused));
}
