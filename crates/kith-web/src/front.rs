//! What stands between a browser and Kith: the TLS proxy, what it says of whoever came, and what is no proper request.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Version, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::error::plain;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// How Kith is reached.
#[derive(Clone, Debug, Default)]
pub struct Front {
    /// Where people reach Kith, such as `https://contact.example`, without a slash at its end: it is then served over TLS and
    /// in no other way. `None` when it is not said.
    pub public_url: Option<String>,
    /// The proxies that stand before Kith: what they say of whoever came is believed.
    pub proxies: Arc<[IpAddr]>,
}

/// The address at the other end of the connection; whoever accepts connections puts it on each request.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub IpAddr);

/// The address of the browser, as far as it is known.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Client(pub(crate) IpAddr);

impl Client {
    /// From where a request came; this machine where it came through no connection.
    pub(crate) fn of(request: &Request) -> IpAddr {
        request.extensions().get::<Self>().map_or(IpAddr::from([127, 0, 0, 1]), |client| client.0)
    }
}

impl Front {
    /// Whether a request comes straight from a proxy of ours; one that came through no connection does not.
    fn is_from_proxy(&self, request: &Request) -> bool {
        let peer = request.extensions().get::<Peer>();
        peer.is_some_and(|Peer(peer)| self.proxies.contains(&peer.to_canonical()))
    }

    /// The address of the browser: the last hop of `X-Forwarded-For` that no proxy of ours is, when one of ours says so; else
    /// the other end of the connection.
    pub(crate) fn client(&self, request: &Request) -> IpAddr {
        let here = IpAddr::from([127, 0, 0, 1]);
        let peer = request.extensions().get::<Peer>().map_or(here, |Peer(peer)| peer.to_canonical());
        if !self.is_from_proxy(request) {
            return peer;
        }
        let lines = request.headers().get_all(FORWARDED_FOR).iter().filter_map(|line| line.to_str().ok());
        let hops: Vec<&str> = lines.flat_map(|line| line.split(',')).map(str::trim).collect();
        let mut from = peer;
        for hop in hops.iter().rev() {
            // What cannot be read was not written by a proxy of ours, nor is what stands before it.
            let Ok(address) = hop.parse::<IpAddr>() else { break };
            from = address.to_canonical();
            if !self.proxies.contains(&from) {
                break;
            }
        }
        from
    }

    /// Whether the browser came over TLS. A proxy says so; when none was named, whoever comes can only say so of themselves.
    pub(crate) fn over_tls(&self, request: &Request) -> bool {
        let says = request.headers().get(FORWARDED_PROTO).is_some_and(|scheme| scheme.as_bytes() == b"https");
        says && (self.proxies.is_empty() || self.is_from_proxy(request))
    }

    fn https_only(&self) -> bool {
        self.public_url.as_ref().is_some_and(|url| url.starts_with("https://"))
    }
}

/// Lets a request in: one that is proper and came as it should. From here on it says truly how it came.
pub(crate) async fn enter(State(front): State<Front>, mut request: Request, next: Next) -> Response {
    if let Some(why) = improper(&request) {
        let answer = plain(StatusCode::BAD_REQUEST, "This is not a proper request", why);
        // Where it ends and the next begins is in doubt: nothing more is read from there (RFC 9112, section 6.3).
        return ([(header::CONNECTION, HeaderValue::from_static("close"))], answer).into_response();
    }
    let over_tls = front.over_tls(&request);
    if front.https_only() && !over_tls {
        return over_tls_instead(&front, &request);
    }
    let client = Client(front.client(&request));
    request.extensions_mut().insert(client);
    request.headers_mut().remove(FORWARDED_PROTO);
    if over_tls {
        request.headers_mut().insert(FORWARDED_PROTO, HeaderValue::from_static("https"));
    }
    next.run(request).await
}

/// What a proxy and Kith could each read in another way (RFC 9112, sections 3.2 and 6.1 to 6.3).
fn improper(request: &Request) -> Option<&'static str> {
    let headers = request.headers();
    let hosts = headers.get_all(header::HOST).iter().count();
    let through_a_connection = request.extensions().get::<Peer>().is_some();
    if hosts > 1 || (hosts == 0 && through_a_connection && request.version() == Version::HTTP_11) {
        return Some("It must say once for which host it is.");
    }
    if headers.contains_key(header::TRANSFER_ENCODING) || headers.get_all(header::CONTENT_LENGTH).iter().count() > 1 {
        return Some("It must say once how long its body is, with Content-Length and in no other way.");
    }
    None
}

/// Over TLS there, and not here.
fn over_tls_instead(front: &Front, request: &Request) -> Response {
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    let to = front.public_url.as_ref().and_then(|url| HeaderValue::from_str(&format!("{url}{path}")).ok());
    match to {
        Some(to) if matches!(*request.method(), Method::GET | Method::HEAD) => {
            (StatusCode::PERMANENT_REDIRECT, [(header::LOCATION, to)]).into_response()
        }
        _ => plain(
            StatusCode::FORBIDDEN,
            "This did not come over a safe connection",
            "Nothing was saved. Go back: what you typed is still there. Copy what you cannot lose, open Kith at its own \
             address, which begins with https, and do it there.",
        ),
    }
}

/// How long a body says it is; nothing when it has none.
pub(crate) fn content_length(headers: &HeaderMap) -> usize {
    let length = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok());
    length.and_then(|length| length.parse().ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests;
