//! Which versions of TLS are spoken, asked by hand: libraries refuse to offer the old ones.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::kiwi::{Kiwi, prepared};

const HANDSHAKE: u8 = 22;
const ALERT: u8 = 21;
const SERVER_HELLO: u8 = 2;
const FATAL: u8 = 2;
const PROTOCOL_VERSION: u8 = 70;

/// Ciphers that old and new servers have in common.
const CIPHERS: [u16; 8] = [
    0xc02b, 0xc02f, 0xc02c, 0xc030, 0xc009, 0xc013, 0xc00a, 0x002f,
];

fn pair(number: usize) -> [u8; 2] {
    u16::try_from(number).expect("short").to_be_bytes()
}

/// An extension of a greeting.
fn extension(kind: u16, content: &[u8]) -> Vec<u8> {
    [&kind.to_be_bytes(), &pair(content.len()), content].concat()
}

/// The greeting of a client that speaks this version at most.
fn client_hello(version: u16) -> Vec<u8> {
    let ciphers: Vec<u8> = CIPHERS.iter().flat_map(|id| id.to_be_bytes()).collect();
    let extensions = [
        // x25519 and secp256r1, points as they are
        extension(10, &[0, 4, 0, 29, 0, 23]),
        extension(11, &[1, 0]),
        // signatures by ECDSA and RSA with SHA-256
        extension(13, &[0, 6, 4, 3, 4, 1, 8, 4]),
        // extended master secret
        extension(23, &[]),
    ]
    .concat();
    let body = [
        &version.to_be_bytes()[..],
        &[7; 32],
        &[0],
        &pair(ciphers.len()),
        &ciphers,
        &[1, 0],
        &pair(extensions.len()),
        &extensions,
    ]
    .concat();
    let message = [&[1, 0], &pair(body.len())[..], &body].concat();
    [&[HANDSHAKE, 3, 1], &pair(message.len())[..], &message].concat()
}

/// The first record that the server sends: its kind, and its content.
fn answer(server: &Kiwi, version: u16) -> (u8, Vec<u8>) {
    let address = ("127.0.0.1", server.port("https"));
    let mut stream = TcpStream::connect(address).expect("a connection");
    let time = Some(Duration::from_secs(20));
    stream.set_read_timeout(time).expect("a limit");
    stream.write_all(&client_hello(version)).expect("sent");
    let mut head = [0; 5];
    stream.read_exact(&mut head).expect("a record");
    let mut content = vec![0; usize::from(u16::from_be_bytes([head[3], head[4]]))];
    stream.read_exact(&mut content).expect("its content");
    (head[0], content)
}

#[test]
fn sec_027_old_versions_of_tls_are_refused() {
    let folder = prepared();
    let server = Kiwi::start(folder.path(), &[]);
    for (name, version) in [
        ("SSL 3.0", 0x0300),
        ("TLS 1.0", 0x0301),
        ("TLS 1.1", 0x0302),
    ] {
        let refused = (ALERT, vec![FATAL, PROTOCOL_VERSION]);
        assert_eq!(answer(&server, version), refused, "{name}");
    }
    // the same greeting with a version that is spoken
    let (kind, content) = answer(&server, 0x0303);
    assert_eq!((kind, content[0]), (HANDSHAKE, SERVER_HELLO));
    assert_eq!(content[4..6], [3, 3], "TLS 1.2");

    let address = format!("127.0.0.1:{}", server.port("https"));
    for (option, name) in [("-tls1_2", "TLSv1.2"), ("-tls1_3", "TLSv1.3")] {
        let connected = Command::new("openssl")
            .args(["s_client", "-connect", &address, option])
            .stdin(Stdio::null())
            .output()
            .expect("openssl");
        let told = String::from_utf8_lossy(&connected.stdout);
        assert!(told.contains(&format!("New, {name}")), "{name}: {told}");
    }
}
