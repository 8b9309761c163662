//! The gateway's own TLS, with certificates of a throw-away authority.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::{fs, net::SocketAddr, path::Path, sync::Arc};

use ledsaga_gateway::{Catalogue, Config, Handle, Transport, serve};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use reqwest::{Certificate, Client, Version};
use rustls::{
    ClientConfig, ProtocolVersion, RootCertStore,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_rustls::{TlsConnector, client::TlsStream};

struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    /// A certificate for this computer, and its key, in these files.
    fn issue(&self, certificate: &Path, key: &Path) {
        let own = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        let issued = params.signed_by(&own, &self.0).unwrap();
        fs::write(key, own.serialize_pem()).unwrap();
        fs::write(certificate, issued.pem()).unwrap();
    }

    fn client(&self) -> Client {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let root = Certificate::from_pem(self.0.pem().as_bytes()).unwrap();
        Client::builder().tls_certs_only([root]).no_proxy().build().unwrap()
    }

    /// A connection with TLS of this version, for HTTP/1.1.
    async fn connect(
        &self,
        address: SocketAddr,
        version: &'static rustls::SupportedProtocolVersion,
    ) -> TlsStream<TcpStream> {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(self.0.pem().as_bytes()).unwrap()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[version])
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let stream = TcpStream::connect(address).await.unwrap();
        let name = ServerName::try_from("localhost").unwrap();
        TlsConnector::from(Arc::new(config)).connect(name, stream).await.unwrap()
    }
}

struct Site {
    folder: tempfile::TempDir,
    authority: Authority,
    handle: Handle,
}

impl Site {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let authority = Authority::new();
        let (certificate, key) = (folder.path().join("tls.pem"), folder.path().join("tls.key"));
        authority.issue(&certificate, &key);
        let config = Config {
            transport: Transport::Tls { certificate, key, proxies: Vec::new() },
            catalogue: Catalogue::None,
            ..Config::demo(folder.path())
        };
        let handle = serve(config).await.unwrap();
        Self { folder, authority, handle }
    }

    fn about(&self) -> String {
        format!("https://localhost:{}/v1/about", self.handle.address().port())
    }

    fn issue(&self, authority: &Authority) {
        authority.issue(&self.folder.path().join("tls.pem"), &self.folder.path().join("tls.key"));
    }
}

/// One request on a connection that stays open.
async fn status(stream: &mut TlsStream<TcpStream>) -> String {
    stream.write_all(b"HEAD /health HTTP/1.1\r\nhost: localhost\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        answer.push(stream.read_u8().await.unwrap());
    }
    String::from_utf8(answer).unwrap().lines().next().unwrap().to_owned()
}

#[tokio::test]
async fn it_speaks_http_2_to_those_who_know_its_authority() {
    let site = Site::start().await;
    let answer = site.authority.client().get(site.about()).send().await.unwrap();
    assert_eq!((answer.status().as_u16(), answer.version()), (200, Version::HTTP_2));
    // The counter-test: another authority is not believed.
    assert!(Authority::new().client().get(site.about()).send().await.unwrap_err().is_connect());
    // And nothing is said in the clear.
    let plain = site.about().replace("https", "http");
    assert!(reqwest::Client::builder().no_proxy().build().unwrap().get(plain).send().await.is_err());
    site.handle.stop().await;
}

#[tokio::test]
async fn tls_1_2_and_1_3_are_spoken() {
    let site = Site::start().await;
    for (version, spoken) in [
        (&rustls::version::TLS12, ProtocolVersion::TLSv1_2),
        (&rustls::version::TLS13, ProtocolVersion::TLSv1_3),
    ] {
        let mut stream = site.authority.connect(site.handle.address(), version).await;
        assert_eq!(status(&mut stream).await, "HTTP/1.1 200 OK");
        assert_eq!(stream.get_ref().1.protocol_version(), Some(spoken));
    }
}

#[tokio::test]
async fn a_new_certificate_is_taken_up_and_no_connection_ends() {
    let site = Site::start().await;
    let mut standing = site.authority.connect(site.handle.address(), &rustls::version::TLS13).await;
    assert_eq!(status(&mut standing).await, "HTTP/1.1 200 OK");

    let other = Authority::new();
    site.issue(&other);
    assert!(other.client().get(site.about()).send().await.is_err(), "not read yet");
    assert!(site.handle.reload());
    assert_eq!(other.client().get(site.about()).send().await.unwrap().status(), 200);
    assert!(site.authority.client().get(site.about()).send().await.is_err());
    assert_eq!(status(&mut standing).await, "HTTP/1.1 200 OK");
}

#[tokio::test]
async fn a_certificate_that_cannot_be_used_changes_nothing() {
    let site = Site::start().await;
    let (certificate, key) = (site.folder.path().join("tls.pem"), site.folder.path().join("tls.key"));
    let (old_certificate, old_key) = (fs::read(&certificate).unwrap(), fs::read(&key).unwrap());
    let other = KeyPair::generate().unwrap().serialize_pem();
    let cases: [(&[u8], &[u8]); 4] = [
        (b"", &old_key),
        (b"not PEM", &old_key),
        (&old_certificate, b""),
        (&old_certificate, other.as_bytes()),
    ];
    for (new_certificate, new_key) in cases {
        fs::write(&certificate, new_certificate).unwrap();
        fs::write(&key, new_key).unwrap();
        assert!(!site.handle.reload());
        assert_eq!(site.authority.client().get(site.about()).send().await.unwrap().status(), 200);
    }
    fs::write(&key, &old_key).unwrap();
    fs::write(&certificate, &old_certificate).unwrap();
    assert!(site.handle.reload());
}

#[tokio::test]
async fn a_pair_that_is_none_stops_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let (certificate, key) = (folder.path().join("tls.pem"), folder.path().join("tls.key"));
    Authority::new().issue(&certificate, &key);
    fs::write(&key, KeyPair::generate().unwrap().serialize_pem()).unwrap();
    let transport = Transport::Tls { certificate, key, proxies: Vec::new() };
    let config = Config { transport, ..Config::demo(folder.path()) };
    assert_eq!(
        serve(config).await.err().unwrap().to_string(),
        "the private key does not belong to the certificate"
    );
}

#[tokio::test]
async fn a_changed_file_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let (certificate, key) = (folder.path().join("tls.pem"), folder.path().join("tls.key"));
    let authority = Authority::new();
    authority.issue(&certificate, &key);
    let pair = ledsaga_gateway::TlsCertificate::open(&certificate, &key).unwrap();
    assert!(!pair.is_stale());
    let later = std::time::SystemTime::now() + std::time::Duration::from_secs(5);
    fs::File::options().write(true).open(&certificate).unwrap().set_modified(later).unwrap();
    assert!(pair.is_stale());
    pair.reload().unwrap();
    assert!(!pair.is_stale());
    fs::remove_file(&certificate).unwrap();
    assert!(pair.is_stale());
    assert!(pair.reload().is_err());
    assert!(!pair.is_stale(), "told once, not every minute");
}
