//! `/desk/credentials`, over HTTP and in a browser.

use super::Pair;
use crate::harness::TestApp;
use crate::learner::{Look, Person, signed_in};
use enduring::service::people::credentials::{self, Scope};
use fantoccini::key::Key;

const PATH: &str = "/desk/credentials";

/// The key and the secret that a page shows.
fn shown(html: &str) -> Pair {
    let value = |id: &str| {
        let (_, rest) = html.split_once(&format!("id=\"{id}\" readonly value=\"")).unwrap();
        rest.split('"').next().unwrap().to_owned()
    };
    Pair { key: value("key"), secret: value("secret") }
}

#[actix_web::test]
async fn a_coordinator_makes_a_credential_gives_it_a_new_secret_and_revokes_it() {
    let app = TestApp::start();
    let person = Person::demo(&app, "coordinator").await;
    person.get("/desk").await.shows("href=\"/desk/credentials\"");
    person.get(PATH).await.shows("No program has a credential yet.");
    let wish = [("name", "Portal <1>"), ("scope", "statements/write"), ("scope", "all/read")];
    let made = person.post(PATH, &wish).await;
    assert_eq!(made.status, 201);
    let first = shown(&made.html);
    assert_eq!(first.knock(&app).await, 200);
    let list = person.get(PATH).await;
    list.shows("Portal &#60;1&#62;").shows("statements/write, all/read").shows(&first.key).shows("Valid");
    assert!(!list.html.contains(&first.secret));

    let one = format!("{PATH}/{}", first.key);
    let rotated = person.post(&format!("{one}/rotate"), &[("overlap", "3600")]).await;
    assert_eq!(rotated.status, 200);
    rotated.shows("The old secret works until");
    let second = shown(&rotated.html);
    assert_eq!((first.knock(&app).await, second.knock(&app).await), (200, 200));
    person.get(PATH).await.shows("Two secrets");
    let again = person.post(&format!("{one}/rotate"), &[("overlap", "0")]).await;
    again.shows("The old secret no longer works.");
    let third = shown(&again.html);
    assert_eq!((first.knock(&app).await, second.knock(&app).await, third.knock(&app).await), (401, 401, 200));

    let revoked = person.post(&format!("{one}/revoke"), &[]).await;
    assert_eq!((revoked.status, revoked.location.as_str()), (303, one.as_str()));
    let page = person.get(&one).await;
    page.shows("It stays revoked.");
    assert!(!page.html.contains("<form class") && !page.html.contains(&third.secret));
    assert_eq!(third.knock(&app).await, 401);
    app.stop().await;
}

#[actix_web::test]
async fn what_is_missing_is_said_and_what_was_filled_in_stays() {
    let app = TestApp::start();
    let person = Person::demo(&app, "coordinator").await;
    let refused = person.post(PATH, &[("name", ""), ("scope", "state")]).await;
    assert_eq!(refused.status, 422);
    refused.shows("give the credential a name of 1 to 200 bytes").shows("value=\"state\" checked");
    let refused = person.post(PATH, &[("name", "Portal"), ("scope", "nonsense")]).await;
    assert_eq!(refused.status, 422);
    refused.shows("give the credential at least one scope").shows("value=\"Portal\"");
    assert_eq!(person.get(&format!("{PATH}/nobody")).await.status, 404);
    let pair = Pair::new(&app, &[Scope::State]).await;
    for overlap in ["604801", "-1", "soon", ""] {
        let refused = person.post(&format!("{PATH}/{}/rotate", pair.key), &[("overlap", overlap)]).await;
        assert_eq!(refused.status, 422, "{overlap}");
    }
    app.stop().await;
}

#[actix_web::test]
async fn only_coordinators_keep_credentials_and_no_other_site_in_their_name() {
    let app = TestApp::start();
    let pair = Pair::new(&app, &[Scope::AllRead]).await;
    let one = format!("{PATH}/{}", pair.key);
    let wish = [("name", "n"), ("scope", "all")];
    for who in ["learner", "designer"] {
        let person = Person::demo(&app, who).await;
        assert_eq!((person.get(PATH).await.status, person.get(&one).await.status), (403, 403), "{who}");
        for (path, fields) in [(PATH.to_owned(), &wish[..]), (format!("{one}/rotate"), &[("overlap", "0")][..])] {
            assert_eq!(person.post(&path, fields).await.status, 403, "{who} {path}");
        }
        assert_eq!(person.post(&format!("{one}/revoke"), &[]).await.status, 403, "{who}");
    }
    let person = Person::demo(&app, "coordinator").await;
    assert_eq!(person.post_from("cross-site", PATH, &wish).await.status, 403);
    assert_eq!(person.post_from("cross-site", &format!("{one}/revoke"), &[]).await.status, 403);
    assert_eq!(pair.knock(&app).await, 200);
    assert_eq!(credentials::list(&app.app).await.unwrap().len(), 1);
    app.stop().await;
}

#[actix_web::test]
async fn more_than_a_page_of_them_can_be_walked() {
    let app = TestApp::start();
    for _ in 0..101 {
        Pair::new(&app, &[Scope::State]).await;
    }
    let person = Person::demo(&app, "coordinator").await;
    let rows = |html: &str| html.matches("<th scope=\"row\">").count();
    let first = person.get(PATH).await;
    assert_eq!(rows(&first.html), 100);
    let (_, next) = first.html.split_once("href=\"/desk/credentials?").unwrap();
    let second = person.get(&format!("{PATH}?{}", next.split('"').next().unwrap())).await;
    assert_eq!((rows(&second.html), second.html.contains("More credentials")), (1, false));
    app.stop().await;
}

#[actix_web::test]
async fn the_pages_work_by_keyboard_and_are_accessible() {
    let app = TestApp::start();
    let look = Look { browser: signed_in(&app, "coordinator").await, url: app.url.clone() };
    let browser = &look.browser;
    browser.goto(&format!("{}{PATH}", app.url)).await;
    browser.fill("#name", "Learning portal").await;
    // From the name to the scopes in their order, and from the last of them to the button.
    for scope in Scope::EVERY {
        press(browser, Key::Tab).await;
        if [Scope::StatementsWrite, Scope::StatementsReadMine].contains(&scope) {
            press(browser, Key::Space).await;
        }
    }
    press(browser, Key::Tab).await;
    press(browser, Key::Enter).await;
    browser.read("is shown only once").await;
    browser.picture("desk-credential-secret").await;
    assert_eq!(look.axe().await, serde_json::json!([]));
    let made = browser.run("return ['key', 'secret'].map((id) => document.getElementById(id).value)").await;
    let text = |at: usize| made[at].as_str().unwrap().to_owned();
    let pair = Pair { key: text(0), secret: text(1) };
    assert_eq!(pair.knock(&app).await, 200);
    browser.press("I have saved it").await;
    browser.read("Replace the secret").await;
    browser.picture("desk-credential").await;
    Pair::new(&app, &[Scope::All]).await;
    let gone = Pair::new(&app, &[Scope::StatementsRead]).await;
    credentials::revoke(&app.app, &gone.key).await.unwrap();
    browser.goto(&format!("{}{PATH}", app.url)).await;
    browser.picture("desk-credentials").await;
    for path in ["/desk", PATH, &format!("{PATH}/{}", pair.key), &format!("{PATH}/{}", gone.key)] {
        look.at(path).await;
    }
    look.browser.close().await;
    app.stop().await;
}

async fn press(browser: &crate::harness::Browser, key: Key) {
    let focused = browser.client.active_element().await.unwrap();
    focused.send_keys(&char::from(key).to_string()).await.unwrap();
}
