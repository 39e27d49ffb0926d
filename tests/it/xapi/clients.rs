//! Clients that nobody here wrote do a round trip: the npm packages `@xapi/xapi` and `tincanjs`, by scripts in `clients/`.
//! `scripts/test` installs them.

use super::Lrs;
use std::path::Path;
use std::process::Command;
use tokio::task::spawn_blocking;

async fn run(script: &str) {
    let lrs = Lrs::start().await;
    let clients = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/xapi/clients");
    assert!(clients.join("node_modules").is_dir(), "run `npm ci` in tests/it/xapi/clients, or ./scripts/test");
    let endpoint = format!("{}/xapi/", lrs.server.url);
    let mut command = Command::new("node");
    command.current_dir(clients).args([script, &endpoint, &lrs.key, &lrs.secret]);
    let output = spawn_blocking(move || command.output()).await.unwrap().unwrap();
    let said = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&said));
    assert!(!lrs.list(&[]).await.is_empty());
}

#[actix_web::test]
async fn the_xapi_js_wrapper_does_a_round_trip() {
    run("xapi-js.mjs").await;
}

#[actix_web::test]
async fn tincanjs_does_a_round_trip() {
    run("tincan.cjs").await;
}
