//! Accepting connections: no more than there is room for, in all and from one address; no request whose head is long, slow or
//! without an end. What is refused takes no memory that does not come back.

use std::collections::HashMap;
use std::convert::Infallible;
use std::net::IpAddr;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1::Builder;
use hyper_util::rt::{TokioIo, TokioTimer};
use kith_web::Peer;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch::Receiver;
use tokio::task::JoinSet;
use tower::ServiceExt;

/// Bytes of a request's head: the cookies of a browser, and what proxies add.
const HEAD_BYTES: usize = 16 * 1024;
/// Lines of a head.
const HEADERS_MAX: usize = 64;
/// How long a head may take, and a connection may wait for the next one.
const HEAD_TIME: Duration = Duration::from_secs(15);
/// How long a connection may live: who reads an answer a byte at a time does not have it for ever.
const LIFE: Duration = Duration::from_mins(10);
/// How long what is under way may take when a connection has lived long enough.
const LAST_ANSWER: Duration = Duration::from_mins(2);
/// The pause when the machine has no more connections to give.
const NO_MORE: Duration = Duration::from_millis(100);
/// What somebody is told for whom there is no room.
const FULL: &[u8] =
    b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain; charset=utf-8\r\nRetry-After: 10\r\n\
    Connection: close\r\nContent-Length: 67\r\n\r\nKith is busy. Nothing was saved. Wait ten seconds and try it again.";

/// How many connections there may be.
#[derive(Clone, Debug)]
pub(crate) struct Room {
    /// In all.
    pub(crate) all: usize,
    /// From one address that is none of a proxy.
    pub(crate) of_one: usize,
    /// The addresses of proxies, behind which are many.
    pub(crate) proxies: Arc<[IpAddr]>,
}

/// The connections that there are.
#[derive(Default)]
struct Open {
    all: usize,
    of: HashMap<IpAddr, usize>,
}

/// A connection's place; free again when it is dropped.
struct Place {
    open: Arc<Mutex<Open>>,
    from: IpAddr,
}

impl Place {
    fn take(open: &Arc<Mutex<Open>>, room: &Room, from: IpAddr) -> Option<Self> {
        let mut now = open.lock().unwrap_or_else(PoisonError::into_inner);
        let of_one = now.of.get(&from).copied().unwrap_or_default();
        if now.all >= room.all || (of_one >= room.of_one && !room.proxies.contains(&from)) {
            return None;
        }
        now.all += 1;
        *now.of.entry(from).or_default() += 1;
        Some(Self { open: Arc::clone(open), from })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut now = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        now.all -= 1;
        if let Some(of_one) = now.of.get_mut(&self.from) {
            *of_one -= 1;
            if *of_one == 0 {
                now.of.remove(&self.from);
            }
        }
    }
}

/// Serves until `stop` says so, and then until what is under way has ended.
pub(crate) async fn serve(listener: TcpListener, router: Router, room: Room, mut stop: Receiver<bool>) {
    let open = Arc::new(Mutex::new(Open::default()));
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            _ = stop.changed() => break,
            Some(_) = connections.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, from)) => {
                    let from = from.ip().to_canonical();
                    match Place::take(&open, &room, from) {
                        Some(place) => {
                            let (router, stop) = (router.clone(), stop.clone());
                            connections.spawn(async move {
                                connection(stream, from, router, stop).await;
                                drop(place);
                            });
                        }
                        // Said if it can be said at once, and closed.
                        None => { let _ = stream.try_write(FULL); }
                    }
                }
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(NO_MORE).await;
                }
            },
        }
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

/// Serves one connection, request after request.
async fn connection(stream: TcpStream, from: IpAddr, router: Router, mut stop: Receiver<bool>) {
    let answer = hyper::service::service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(Peer(from));
        let router = router.clone();
        async move {
            Ok::<_, Infallible>(router.oneshot(request.map(Body::new)).await.unwrap_or_else(|never| match never {}))
        }
    });
    let serving = Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME)
        .max_headers(HEADERS_MAX)
        .max_buf_size(HEAD_BYTES)
        .serve_connection(TokioIo::new(stream), answer);
    let mut serving = pin!(serving);
    tokio::select! {
        // What a browser did wrong, or that it went away, is its own affair.
        _ = serving.as_mut() => return,
        _ = stop.changed() => {}
        () = tokio::time::sleep(LIFE) => {}
    }
    serving.as_mut().graceful_shutdown();
    let _ = tokio::time::timeout(LAST_ANSWER, serving).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_room_for_so_many_in_all_and_from_one_address_and_it_comes_back() {
        let open = Arc::new(Mutex::new(Open::default()));
        let (proxy, one, other): (IpAddr, IpAddr, IpAddr) =
            ([192, 0, 2, 1].into(), [198, 51, 100, 1].into(), [198, 51, 100, 2].into());
        let room = Room { all: 5, of_one: 2, proxies: [proxy].into() };
        let take = |from| Place::take(&open, &room, from);
        let held = [take(one), take(one)];
        assert!(held.iter().all(Option::is_some) && take(one).is_none(), "two of one address");
        let of_proxy = [take(proxy), take(proxy), take(proxy)];
        assert!(of_proxy.iter().all(Option::is_some), "a proxy speaks for many");
        assert!(take(other).is_none(), "five in all");
        drop(held);
        assert!(take(other).is_some());
        drop(of_proxy);
        let now = open.lock().unwrap();
        assert_eq!((now.all, now.of.len()), (0, 0));
    }

    #[test]
    fn what_is_said_when_there_is_no_room_is_as_long_as_it_says() {
        let text = std::str::from_utf8(FULL).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.ends_with(&format!("Content-Length: {}", body.len())), "{head} {}", body.len());
    }
}
