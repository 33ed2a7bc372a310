//! A server for this machine alone, with the headers that the page counts on.

use std::io::ErrorKind;
use std::net::TcpListener as StdListener;
use std::path::Path;

use anyhow::{Context, Result, anyhow, bail};
use axum::Router;
use axum::http::{HeaderName, HeaderValue, header};
use axum::routing::{MethodRouter, get_service};
use tokio::net::TcpListener;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, NotForContentType, Predicate};
use tower_http::services::{ServeDir, ServeFile};
use tower_http::set_header::SetResponseHeaderLayer;

/// What page and worker may load: their own files, and nothing from elsewhere.
///
/// The page says the same in `<meta>`; a worker obeys this header alone.
const POLICY: &str = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; \
    style-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; \
    worker-src 'self' blob:; connect-src 'self' blob:; object-src 'none'; base-uri 'none'";

/// The page for frames, and what it may load beside: a song or weights that its address names.
const EMBED: (&str, &str) = (
    "embed.html",
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; \
    style-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; \
    worker-src 'self' blob:; connect-src 'self' https: blob:; object-src 'none'; base-uri 'none'",
);

/// The page for addresses with nothing, which has its style within it, since it stands at any depth.
const ABSENT: (&str, &str) = (
    "404.html",
    "default-src 'none'; style-src 'sha256-fCJVrIOwQbM9xE1ri3SEgvm+Xce5A05ym+VI6R4rE5w='; \
    img-src data:; base-uri 'none'",
);

/// Headers of every response, errors included; two pages have a policy of their own.
const HEADERS: [(HeaderName, &str); 5] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    // The element may be used by any site, and in a frame without an origin.
    (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "cross-origin",
    ),
    // Kept, and asked for again each time: a rebuilt page is seen at once.
    (header::CACHE_CONTROL, "no-cache"),
];

/// Takes a port of 127.0.0.1. Visitors who come before [`serve`] is called wait for it.
pub fn listen(port: u16) -> Result<StdListener> {
    let listener = StdListener::bind(("127.0.0.1", port)).map_err(|error| match error.kind() {
        ErrorKind::AddrInUse => anyhow!("port {port} is taken; choose another with --port"),
        _ => anyhow!(error).context(format!("port {port} could not be opened")),
    })?;
    // As tokio expects it.
    listener.set_nonblocking(true)?;
    Ok(listener)
}

/// Serves `folder` until the process ends.
pub fn serve(folder: &Path, listener: StdListener) -> Result<()> {
    if !folder.join("index.html").is_file() {
        bail!(
            "{} has no index.html; run `cargo xtask build` first",
            folder.display()
        );
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build()?;
    runtime.block_on(async {
        let listener = TcpListener::from_std(listener)?;
        println!(
            "\nTonearm is at http://{}/ (Ctrl-C ends it)",
            listener.local_addr()?
        );
        axum::serve(listener, app(folder))
            .await
            .context("the server stopped")
    })
}

fn app(folder: &Path) -> Router {
    let pages = [EMBED, ABSENT]
        .into_iter()
        .fold(Router::new(), |router, of| {
            router.route(&format!("/{}", of.0), page(folder, of))
        });
    let files = ServeDir::new(folder).not_found_service(page(folder, ABSENT));
    let site = pages.fallback_service(files).layer(
        // As a well-kept host does; modules are too large to be pressed for each visit.
        CompressionLayer::new().compress_when(
            DefaultPredicate::new().and(NotForContentType::const_new("application/wasm")),
        ),
    );
    HEADERS.into_iter().fold(site, |router, (name, value)| {
        router.layer(SetResponseHeaderLayer::if_not_present(
            name,
            HeaderValue::from_static(value),
        ))
    })
}

/// A page with a policy of its own.
fn page(folder: &Path, (name, policy): (&str, &'static str)) -> MethodRouter {
    get_service(ServeFile::new(folder.join(name))).layer(SetResponseHeaderLayer::overriding(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(policy),
    ))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::{Read, Write};
    use std::net::{SocketAddr, TcpStream};

    use super::*;

    /// The whole response to one request, in lower case.
    fn ask(address: SocketAddr, request_line: &str) -> String {
        let mut stream = TcpStream::connect(address).expect("server is up");
        let head = format!("{request_line} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
        stream.write_all(head.as_bytes()).expect("request is sent");
        let mut response = String::new();
        stream
            .read_to_string(&mut response)
            .expect("response is text");
        response.to_lowercase()
    }

    /// A served folder beside a file that must stay private.
    fn served(name: &str) -> SocketAddr {
        let outer = std::env::temp_dir().join(format!("tonearm-xtask-{name}"));
        let folder = outer.join("site");
        fs::create_dir_all(&folder).expect("folder is made");
        fs::write(outer.join("secret.txt"), "secret").expect("file is written");
        for file in [
            "index.html",
            "embed.html",
            "404.html",
            "a.js",
            "a.wasm",
            "a.css",
        ] {
            fs::write(folder.join(file), "body").expect("file is written");
        }
        let listener = listen(0).expect("a port is free");
        let address = listener.local_addr().expect("it is bound");
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_io()
                .build();
            runtime.expect("runtime starts").block_on(async {
                let listener = TcpListener::from_std(listener).expect("listener is taken over");
                axum::serve(listener, app(&folder)).await
            })
        });
        address
    }

    #[test]
    fn every_response_carries_the_policy() {
        let address = served("policy");
        for (request, status, policy) in [
            ("GET /", "200", POLICY),
            ("GET /a.js", "200", POLICY),
            ("GET /embed.html", "200", EMBED.1),
            ("GET /404.html", "200", ABSENT.1),
            ("GET /none", "404", ABSENT.1),
            ("POST /", "405", POLICY),
            ("GET /../secret.txt", "404", ABSENT.1),
        ] {
            let response = ask(address, request);
            assert!(
                response.starts_with(&format!("http/1.1 {status}")),
                "{request}: {response}"
            );
            for (name, value) in HEADERS {
                let value = if value == POLICY { policy } else { value };
                let line = format!("\r\n{name}: {}\r\n", value.to_lowercase());
                assert_eq!(
                    response.matches(&line).count(),
                    1,
                    "{name} of {request}: {response}"
                );
            }
        }
    }

    #[test]
    fn files_have_the_types_that_browsers_insist_on() {
        let address = served("types");
        for (path, content_type) in [
            ("/", "text/html"),
            ("/a.js", "text/javascript"),
            ("/a.wasm", "application/wasm"),
            ("/a.css", "text/css"),
        ] {
            let response = ask(address, &format!("GET {path}"));
            let line = format!("\r\ncontent-type: {content_type}");
            assert!(response.contains(&line), "{path}: {response}");
        }
    }

    #[test]
    fn what_is_not_there_is_answered_by_the_page_that_says_so() {
        let response = ask(served("absent"), "GET /none");
        assert!(response.starts_with("http/1.1 404"), "{response}");
        assert!(response.ends_with("\r\n\r\nbody"), "{response}");
    }

    #[test]
    fn nothing_outside_the_folder_is_served() {
        let address = served("outside");
        for path in [
            "/../secret.txt",
            "/%2e%2e/secret.txt",
            "/..%2fsecret.txt",
            "//../secret.txt",
        ] {
            let response = ask(address, &format!("GET {path}"));
            assert!(!response.contains("\r\n\r\nsecret"), "{path}: {response}");
            assert!(!response.starts_with("http/1.1 200"), "{path}: {response}");
        }
    }

    #[test]
    fn pages_and_examples_say_the_same_policies() {
        for (file, times) in [
            ("www/index.html", [1, 0, 0]),
            ("www/embed.html", [0, 1, 0]),
            ("www/public/404.html", [0, 0, 1]),
            ("deploy/_headers", [3, 2, 0]),
            ("deploy/nginx.conf", [2, 1, 1]),
        ] {
            let path = format!("{}/../{file}", env!("CARGO_MANIFEST_DIR"));
            let text = fs::read_to_string(path).expect("it is there");
            let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
            let said = [POLICY, EMBED.1, ABSENT.1].map(|policy| words.matches(policy).count());
            assert_eq!(said, times, "{file}");
        }
    }
}
