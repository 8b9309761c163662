use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

/// A server that reads one request's head on each connection, says exactly this, with the request's own id for
/// `{request}`, and closes; with `None` it says nothing and stays.
pub async fn raw_server(answer: Option<&'static str>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let mut silent = Vec::new();
        while let Ok((mut stream, _)) = listener.accept().await {
            let Some(answer) = answer else {
                silent.push(stream);
                continue;
            };
            let mut head = Vec::new();
            while !head.windows(4).any(|end| end == b"\r\n\r\n")
                && stream.read_buf(&mut head).await.unwrap() > 0
            {}
            let head = String::from_utf8(head).unwrap();
            let id = head.lines().find_map(|line| line.strip_prefix("ledsaga-request: ")).unwrap_or_default();
            stream.write_all(answer.replace("{request}", id).as_bytes()).await.unwrap();
        }
    });
    base
}
