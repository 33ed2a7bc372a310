//! A server on 127.0.0.1 that sends the response headers that the page needs.

pub mod preview;

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

/// Content security policy of the page and its workers: they may load only files of the site.
///
/// The page has the same policy in `<meta>`, but workers obey only the header.
const POLICY: &str = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; \
    style-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; \
    worker-src 'self' blob:; connect-src 'self' blob:; object-src 'none'; base-uri 'none'";

/// The page for iframes, whose policy also allows a song and weights from other https addresses.
const EMBED: (&str, &str) = (
    "embed.html",
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; \
    style-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; \
    worker-src 'self' blob:; connect-src 'self' https: http://localhost:* http://127.0.0.1:* blob:; object-src 'none'; base-uri 'none'",
);

/// The page for unknown addresses. Its style is inline, since it is served at any depth.
const NOT_FOUND: (&str, &str) = (
    "404.html",
    "default-src 'none'; style-src 'sha256-fCJVrIOwQbM9xE1ri3SEgvm+Xce5A05ym+VI6R4rE5w='; \
    img-src data:; base-uri 'none'",
);

/// Headers of all responses, including errors. [`EMBED`] and [`NOT_FOUND`] have other policies.
const HEADERS: [(HeaderName, &str); 5] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    // Any site may load the element, and so may an iframe without an origin.
    (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "cross-origin",
    ),
    // Browsers revalidate cached files, so that a rebuilt page shows at once.
    (header::CACHE_CONTROL, "no-cache"),
];

/// Opens a port on 127.0.0.1. Connections wait until [`serve`] is called.
pub fn listen(port: u16) -> Result<StdListener> {
    let listener = StdListener::bind(("127.0.0.1", port)).map_err(|error| match error.kind() {
        ErrorKind::AddrInUse => anyhow!("port {port} is in use; choose another with --port"),
        _ => anyhow!(error).context(format!("port {port} could not be opened")),
    })?;
    // Required by tokio.
    listener.set_nonblocking(true)?;
    Ok(listener)
}

/// Serves `folder` until the process is stopped.
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
            "\nTonearm is at http://{}/ (stop with Ctrl-C)",
            listener.local_addr()?
        );
        axum::serve(listener, app(folder))
            .await
            .context("the server stopped")
    })
}

fn app(folder: &Path) -> Router {
    let pages = [EMBED, NOT_FOUND]
        .into_iter()
        .fold(Router::new(), |router, special| {
            router.route(&format!("/{}", special.0), page(folder, special))
        });
    let files = ServeDir::new(folder).not_found_service(page(folder, NOT_FOUND));
    let site = pages.fallback_service(files).layer(
        // Modules are not compressed, since that would take too long on each request.
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

/// Serves a page with its own policy.
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

    /// Sends a request and returns the whole response in lower case.
    fn send(address: SocketAddr, request_line: &str) -> String {
        let mut stream = TcpStream::connect(address).expect("server accepts connections");
        let head = format!("{request_line} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
        stream
            .write_all(head.as_bytes())
            .expect("request can be sent");
        let mut response = String::new();
        stream
            .read_to_string(&mut response)
            .expect("response is UTF-8");
        response.to_lowercase()
    }

    /// Serves a folder next to a file that must not be served.
    fn serve_fixture(name: &str) -> SocketAddr {
        let outer = std::env::temp_dir().join(format!("tonearm-xtask-{name}"));
        let folder = outer.join("site");
        fs::create_dir_all(&folder).expect("folder can be created");
        fs::write(outer.join("secret.txt"), "secret").expect("file can be written");
        for file in [
            "index.html",
            "embed.html",
            "404.html",
            "a.js",
            "a.wasm",
            "a.css",
        ] {
            fs::write(folder.join(file), "body").expect("file can be written");
        }
        let listener = listen(0).expect("a free port exists");
        let address = listener.local_addr().expect("listener has an address");
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_io()
                .build();
            runtime.expect("runtime starts").block_on(async {
                let listener = TcpListener::from_std(listener).expect("tokio accepts the listener");
                axum::serve(listener, app(&folder)).await
            })
        });
        address
    }

    #[test]
    fn every_response_has_the_headers() {
        let address = serve_fixture("policy");
        for (request, status, policy) in [
            ("GET /", "200", POLICY),
            ("GET /a.js", "200", POLICY),
            ("GET /embed.html", "200", EMBED.1),
            ("GET /404.html", "200", NOT_FOUND.1),
            ("GET /none", "404", NOT_FOUND.1),
            ("POST /", "405", POLICY),
            ("GET /../secret.txt", "404", NOT_FOUND.1),
        ] {
            let response = send(address, request);
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
    fn files_have_their_content_types() {
        let address = serve_fixture("types");
        for (path, content_type) in [
            ("/", "text/html"),
            ("/a.js", "text/javascript"),
            ("/a.wasm", "application/wasm"),
            ("/a.css", "text/css"),
        ] {
            let response = send(address, &format!("GET {path}"));
            let line = format!("\r\ncontent-type: {content_type}");
            assert!(response.contains(&line), "{path}: {response}");
        }
    }

    #[test]
    fn an_unknown_address_is_answered_with_the_404_page() {
        let response = send(serve_fixture("absent"), "GET /none");
        assert!(response.starts_with("http/1.1 404"), "{response}");
        assert!(response.ends_with("\r\n\r\nbody"), "{response}");
    }

    #[test]
    fn nothing_outside_the_folder_is_served() {
        let address = serve_fixture("outside");
        for path in [
            "/../secret.txt",
            "/%2e%2e/secret.txt",
            "/..%2fsecret.txt",
            "//../secret.txt",
        ] {
            let response = send(address, &format!("GET {path}"));
            assert!(!response.contains("\r\n\r\nsecret"), "{path}: {response}");
            assert!(!response.starts_with("http/1.1 200"), "{path}: {response}");
        }
    }

    #[test]
    fn pages_and_server_configurations_have_the_same_policies() {
        for (file, expected) in [
            ("www/index.html", [1, 0, 0]),
            ("www/embed.html", [0, 1, 0]),
            ("www/public/404.html", [0, 0, 1]),
            ("deploy/_headers", [3, 2, 0]),
            ("deploy/nginx.conf", [2, 1, 1]),
        ] {
            let path = format!("{}/../{file}", env!("CARGO_MANIFEST_DIR"));
            let text = fs::read_to_string(path).expect("file can be read");
            let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
            let counts = [POLICY, EMBED.1, NOT_FOUND.1].map(|policy| words.matches(policy).count());
            assert_eq!(counts, expected, "{file}");
        }
    }
}
