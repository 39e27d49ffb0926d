//! Clients by other authors do a round trip: the npm packages `@xapi/xapi` and `tincanjs`, and `tincan` of PyPI, by scripts
//! in `clients/`. `scripts/test` installs them.

use super::Lrs;
use std::path::Path;
use std::process::Command;
use tokio::task::spawn_blocking;

/// Runs `script` by `interpreter`, which finds the client in `installed`.
async fn run(interpreter: &str, script: &str, installed: &str) {
    let lrs = Lrs::start().await;
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (clients, installed) = (root.join("tests/it/xapi/clients"), root.join(installed));
    assert!(installed.is_dir(), "./scripts/test installs {}", installed.display());
    let endpoint = format!("{}/xapi/", lrs.server.url);
    let mut command = Command::new(interpreter);
    command.env("PYTHONPATH", installed).current_dir(clients).args([script, &endpoint, &lrs.key, &lrs.secret]);
    let output = spawn_blocking(move || command.output()).await.unwrap().unwrap();
    let said = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&said));
    assert!(!lrs.list(&[]).await.is_empty());
}

const NODE_MODULES: &str = "tests/it/xapi/clients/node_modules";

#[actix_web::test]
async fn the_xapi_js_wrapper_does_a_round_trip() {
    run("node", "xapi-js.mjs", NODE_MODULES).await;
}

#[actix_web::test]
async fn the_xapi_js_wrapper_reads_attachments_of_statements_that_came_in_several_lines() {
    run("node", "attachments.mjs", NODE_MODULES).await;
}

#[actix_web::test]
async fn tincanjs_does_a_round_trip() {
    run("node", "tincan.cjs", NODE_MODULES).await;
}

#[actix_web::test]
async fn tincan_of_python_does_a_round_trip() {
    run("python3", "tincan_client.py", "target/tools/python").await;
}
