//! The address of a client, by which failures are counted.

use crate::config::LimitsConfig;
use actix_web::HttpRequest;
use std::net::{IpAddr, Ipv6Addr};

/// The address of the client: the last one in the header that the operator's proxy sets, or that of the connection. Any
/// earlier ones could have been sent by the client itself. For IPv6, the network that one client has.
pub(in crate::http) fn of(req: &HttpRequest, limits: &LimitsConfig) -> String {
    let said = || req.headers().get_all(limits.address_header.as_str()).last()?.to_str().ok()?.rsplit(',').next();
    let told = if limits.address_header.is_empty() { None } else { said().and_then(|last| last.trim().parse().ok()) };
    let address = told.or_else(|| req.peer_addr().map(|peer| peer.ip()));
    address.map_or_else(|| "unknown".to_owned(), counted)
}

fn counted(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{}/64", Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    #[test]
    fn the_last_address_that_the_proxy_says_counts() {
        let mut limits = crate::config::Config::load(None, [], &[]).unwrap().limits;
        let peer = "192.0.2.1:5000".parse().unwrap();
        let from = |limits: &LimitsConfig, lines: &[&str]| {
            let request = lines.iter().fold(TestRequest::default().peer_addr(peer), |request, line| {
                request.append_header(("x-forwarded-for", *line))
            });
            of(&request.to_http_request(), limits)
        };
        assert_eq!(from(&limits, &["198.51.100.7"]), "192.0.2.1", "nobody said that a proxy sets it");
        limits.address_header = "X-Forwarded-For".to_owned();
        for (lines, address) in [
            (&["198.51.100.7"][..], "198.51.100.7"),
            (&["10.0.0.1, 198.51.100.7"], "198.51.100.7"),
            (&["10.0.0.1", "10.0.0.2 , 198.51.100.7"], "198.51.100.7"),
            (&["2001:db8:1:2:3:4:5:6"], "2001:db8:1:2::/64"),
            (&["::ffff:198.51.100.7"], "198.51.100.7"),
            (&["nonsense"], "192.0.2.1"),
            (&[], "192.0.2.1"),
        ] {
            assert_eq!(from(&limits, lines), address, "{lines:?}");
        }
    }
}
