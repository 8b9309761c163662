//! Certificate authorities that are thrown away with the test, and servers with certificates of theirs.

use std::sync::Arc;

use ledsaga_link::Roots;
use rcgen::{
    BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    date_time_ymd,
};
use rustls::{ServerConfig, pki_types::PrivateKeyDer};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::TlsAcceptor;

/// What is right or wrong with a certificate for `localhost`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paper {
    Right,
    OtherName,
    Expired,
    NotYetValid,
    /// For signing in with, not for serving.
    OtherPurpose,
}

pub struct Ca {
    issuer: Issuer<'static, KeyPair>,
    pub pem: String,
}

impl Ca {
    pub fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
        let pem = params.self_signed(&key).unwrap().pem();
        Self { issuer: Issuer::new(params, key), pem }
    }

    pub fn roots(&self) -> Roots {
        Roots::parse(self.pem.as_bytes()).unwrap()
    }

    pub fn acceptor(&self, paper: Paper) -> TlsAcceptor {
        let name = if paper == Paper::OtherName { "annan.example" } else { "localhost" };
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.extended_key_usages = vec![match paper {
            Paper::OtherPurpose => ExtendedKeyUsagePurpose::ClientAuth,
            _ => ExtendedKeyUsagePurpose::ServerAuth,
        }];
        match paper {
            Paper::Expired => {
                params.not_before = date_time_ymd(2001, 1, 1);
                params.not_after = date_time_ymd(2002, 1, 1);
            }
            Paper::NotYetValid => params.not_before = date_time_ymd(4000, 1, 1),
            _ => {}
        }
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
            )
            .unwrap();
        TlsAcceptor::from(Arc::new(config))
    }

    /// A server that gives this answer to every request, with the request's own id for `{request}`.
    pub async fn serve(&self, paper: Paper, answer: &'static str) -> String {
        let acceptor = self.acceptor(paper);
        let (base, listener) = listen().await;
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                if let Ok(mut stream) = acceptor.accept(stream).await {
                    say(&mut stream, answer).await;
                }
            }
        });
        base
    }

    /// A server that leads everything on to a plain one on this computer.
    pub async fn in_front_of(&self, plain: &str) -> String {
        let (acceptor, behind) = (self.acceptor(Paper::Right), plain.replace("http://", ""));
        let (base, listener) = listen().await;
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, behind) = (acceptor.clone(), behind.clone());
                tokio::spawn(async move {
                    let Ok(mut stream) = acceptor.accept(stream).await else { return };
                    let mut plain = TcpStream::connect(&behind).await.unwrap();
                    let _ = copy_bidirectional(&mut stream, &mut plain).await;
                });
            }
        });
        base
    }
}

/// What something else than TLS does with a connection to the port.
#[derive(Debug, Clone, Copy)]
pub enum NoTls {
    /// Says this without waiting.
    Says(&'static [u8]),
    /// Reads the first words of the handshake and closes.
    Closes,
    /// Says nothing and stays.
    Hangs,
}

pub async fn without_tls(manner: NoTls) -> String {
    let (base, listener) = listen().await;
    tokio::spawn(async move {
        let mut silent = Vec::new();
        while let Ok((mut stream, _)) = listener.accept().await {
            match manner {
                NoTls::Says(words) => {
                    let _ = stream.write_all(words).await;
                    let mut rest = Vec::new();
                    let _ = stream.read_to_end(&mut rest).await;
                }
                NoTls::Closes => {
                    let _ = stream.read(&mut [0; 5]).await;
                }
                NoTls::Hangs => silent.push(stream),
            }
        }
    });
    base
}

async fn listen() -> (String, TcpListener) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    (format!("https://localhost:{}", listener.local_addr().unwrap().port()), listener)
}

async fn say(stream: &mut (impl AsyncRead + AsyncWrite + Unpin), answer: &str) {
    let mut head = Vec::new();
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        match stream.read_buf(&mut head).await {
            Ok(read) if read > 0 => {}
            _ => return,
        }
    }
    let head = String::from_utf8_lossy(&head);
    let id = head.lines().find_map(|line| line.strip_prefix("ledsaga-request: ")).unwrap_or_default();
    let _ = stream.write_all(answer.replace("{request}", id).as_bytes()).await;
    let _ = stream.shutdown().await;
}
