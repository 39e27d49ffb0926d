//! The files of packages: found by the table of paths alone, in ranges, typed by a fixed table, and confined.

use super::{enrol, import, launch, one_sco, page};
use crate::harness::{TestApp, status_and_json};

const FILES: [(&str, &[u8]); 7] = [
    ("media/clip.mp4", b"0123456789"),
    ("data/slides.js.gz", b"\x1f\x8b not really"),
    ("shell.php", b"<?php system($_GET['c']); ?>"),
    ("sw.js", b"self.addEventListener('fetch', () => {});"),
    ("Pictures/Caf\u{e9} 1.PNG", b"png"),
    ("odd.thing", b"?"),
    ("picture.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"),
];

#[actix_web::test]
async fn a_file_is_found_by_its_name_and_by_nothing_else() {
    let app = TestApp::start();
    let registration = enrol(&app, import(&app, &one_sco(&FILES)).await).await;
    let here = launch(&app, registration.id, None).await;
    for (path, status, media) in [
        ("index.html", 200, "text/html"),
        ("INDEX.HTML", 200, "text/html"),
        ("index.html?a=/../x", 200, "text/html"),
        ("media/clip.mp4", 200, "video/mp4"),
        ("data/slides.js.gz", 200, "application/gzip"),
        ("shell.php", 200, "text/plain"),
        ("Pictures/Caf%C3%A9%201.PNG", 200, "image/png"),
        ("pictures/cafe%CC%81%201.png", 200, "image/png"),
        ("odd.thing", 200, "application/octet-stream"),
        ("picture.svg", 200, "image/svg+xml"),
        ("", 404, ""),
        ("media", 404, ""),
        ("media/", 404, ""),
        ("..%2findex.html", 404, ""),
        ("..%5cindex.html", 404, ""),
        ("index.html%00", 404, ""),
        ("%2569ndex.html", 404, ""),
        ("index.html;x", 404, ""),
        ("%ff", 404, ""),
        ("nothing.html", 404, ""),
    ] {
        let answer = app.client.get(format!("{}{path}", page(&here).await.files)).send().await.unwrap();
        assert_eq!(answer.status(), status, "{path}");
        if status == 200 {
            let headers = answer.headers();
            assert_eq!(headers["content-type"], media, "{path}");
            assert_eq!(headers["x-content-type-options"], "nosniff");
            assert_eq!(headers["cross-origin-resource-policy"], "same-origin");
            assert!(headers.get("content-encoding").is_none() && headers.get("set-cookie").is_none(), "{path}");
            let policy = headers["content-security-policy"].to_str().unwrap();
            assert_eq!(policy, "frame-ancestors 'self'", "a package is not restricted on its own origin");
        }
    }
    app.stop().await;
}

#[actix_web::test]
async fn ranges_heads_and_tags_are_as_http_wants_them() {
    let app = TestApp::start();
    let registration = enrol(&app, import(&app, &one_sco(&FILES)).await).await;
    let clip = format!("{}media/clip.mp4", page(&launch(&app, registration.id, None).await).await.files);
    let whole = app.client.get(&clip).send().await.unwrap();
    assert_eq!(
        (&whole.headers()["accept-ranges"], &whole.headers()["content-length"]),
        (&"bytes".parse().unwrap(), &"10".parse().unwrap())
    );
    let etag = whole.headers()["etag"].clone();
    assert_eq!(whole.text().await.unwrap(), "0123456789");

    for (range, status, content_range, body) in [
        ("bytes=2-4", 206, "bytes 2-4/10", "234"),
        ("bytes=8-", 206, "bytes 8-9/10", "89"),
        ("bytes=-1", 206, "bytes 9-9/10", "9"),
        ("bytes=10-", 416, "bytes */10", ""),
        ("bytes=0-1,3-4", 200, "", "0123456789"),
    ] {
        let answer = app.client.get(&clip).header("range", range).send().await.unwrap();
        assert_eq!(answer.status(), status, "{range}");
        let got = answer.headers().get("content-range").map_or("", |value| value.to_str().unwrap()).to_owned();
        assert_eq!((got.as_str(), answer.text().await.unwrap().as_str()), (content_range, body), "{range}");
    }
    let stale =
        app.client.get(&clip).header("range", "bytes=2-4").header("if-range", "\"other\"").send().await.unwrap();
    assert_eq!(stale.status(), 200);
    let known = app.client.get(&clip).header("if-none-match", etag).send().await.unwrap();
    assert_eq!(known.status(), 304);
    let head = app.client.head(&clip).send().await.unwrap();
    assert_eq!((head.status().as_u16(), &head.headers()["content-length"]), (200, &"10".parse().unwrap()));
    assert_eq!(head.text().await.unwrap(), "");
    app.stop().await;
}

#[actix_web::test]
async fn a_large_file_comes_whole_and_in_parts() {
    let app = TestApp::start();
    let large: Vec<u8> = (0..5_000_000_u32).map(|n| (n % 251).to_le_bytes()[0]).collect();
    let registration = enrol(&app, import(&app, &one_sco(&[("large.bin", &large)])).await).await;
    let address = format!("{}large.bin", page(&launch(&app, registration.id, None).await).await.files);
    assert!(app.client.get(&address).send().await.unwrap().bytes().await.unwrap() == large);
    let part = app.client.get(&address).header("range", "bytes=1000000-3999999").send().await.unwrap();
    assert!(part.bytes().await.unwrap() == large[1_000_000..4_000_000]);
    app.stop().await;
}

#[actix_web::test]
async fn the_content_origin_takes_no_service_worker_no_foreign_cookie_and_no_other_name() {
    let app = TestApp::start();
    let registration = enrol(&app, import(&app, &one_sco(&FILES)).await).await;
    let here = launch(&app, registration.id, None).await;
    let worker = app
        .client
        .get(format!("{}sw.js", page(&here).await.files))
        .header("service-worker", "script")
        .send()
        .await
        .unwrap();
    let (status, problem) = status_and_json(worker).await;
    assert_eq!((status, problem["code"].as_str()), (403, Some("service-worker-refused")));

    let player = page(&here).await;
    for path in ["player/open", "player", "anything", "player/x/clock.js"] {
        let address = format!("{}/{path}", player.origin);
        let worker = app.client.get(address).header("service-worker", "script").send().await.unwrap();
        assert_eq!(worker.status(), 403, "{path}");
    }
    let foreign =
        app.client.get(format!("{}/player", player.origin)).header("cookie", "enduring=1").send().await.unwrap();
    assert_eq!(status_and_json(foreign).await.1["code"], "launch-unknown", "the app's cookie opens nothing");
    let own = player.http.get(format!("{}/player", player.origin)).send().await.unwrap();
    assert!(own.headers().get("set-cookie").is_none());
    assert!(own.headers()["content-security-policy"].to_str().unwrap().contains("script-src 'self'"));
    assert_eq!(own.headers()["cache-control"], "no-store");
    assert_eq!(own.headers()["cross-origin-opener-policy"], "same-origin-allow-popups");
    for dest in ["empty", "iframe", "script"] {
        let asked = player.http.get(format!("{}/player", player.origin)).header("sec-fetch-dest", dest);
        assert_eq!(asked.send().await.unwrap().status(), 403, "content could read the key in it: {dest}");
    }

    let foreign = player.files.replace(&app.content_url, &app.url);
    for address in [format!("{foreign}index.html"), format!("{}/player", app.url), format!("{}/player/commit", app.url)]
    {
        let status = app.client.get(&address).send().await.unwrap().status();
        assert_eq!(status, 404, "the app never serves what belongs to the content origin: {address}");
    }
    app.stop().await;
}
