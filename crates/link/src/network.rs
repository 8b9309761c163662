//! Whether this computer has a network at all. Nothing is sent to find out.

use std::{net::UdpSocket, time::Duration};

/// Looking costs a few system calls and no packet.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Addresses that are set apart for documentation (RFC 5737, RFC 3849) and that nothing has a way of its own to.
const ELSEWHERE: [(&str, &str); 2] = [("0.0.0.0:0", "192.0.2.1:9"), ("[::]:0", "[2001:db8::1]:9")];

/// Whether the system knows a way out of this computer. "Connecting" a UDP socket only looks for the way.
pub fn is_there() -> bool {
    ELSEWHERE
        .iter()
        .any(|(here, there)| UdpSocket::bind(here).and_then(|socket| socket.connect(there)).is_ok())
}

/// Returns when the network has come or gone.
pub async fn changed() {
    let before = is_there();
    while is_there() == before {
        tokio::time::sleep(LOOK_EVERY).await;
    }
}
