//! The learner's pages in a real browser: by keyboard alone, saved as one goes, and judged by axe-core.

use super::{ACTIVITY, Person, load_sample, right, sample};
use crate::harness::{Browser, TestApp};
use fantoccini::key::Key;
use serde_json::{Value, json};
use std::path::Path;

/// The demonstration's person of this key, signed in by the link that the program prints.
pub async fn signed_in(app: &TestApp, who: &str) -> Browser {
    let browser = Browser::start().await;
    browser.goto(&format!("{}/demo/{who}", app.url)).await;
    browser.press("Sign in as").await;
    browser.see(".viewer").await;
    browser
}

#[actix_web::test]
async fn the_assessment_is_taken_by_keyboard_alone() {
    let app = TestApp::start();
    load_sample(&app.app).await;
    let person = Person::demo(&app, "learner").await;
    let registration = person.begin(ACTIVITY).await;
    person.play(&registration).await;
    let browser = signed_in(&app, "learner").await;
    browser.goto(&format!("{}{registration}/assessment", app.url)).await;
    let answers = right(&sample());
    // Far more steps than the page has places to stop at.
    for _ in 0..200 {
        let at = browser.run(FOCUSED).await;
        let (kind, checked) = (at["kind"].as_str().unwrap_or_default(), at["checked"] == json!(true));
        let wanted = answers.iter().any(|(name, value)| at["name"] == json!(name) && at["value"] == json!(value));
        match kind {
            "submit" if at["text"] == json!("Submit for grading") => {
                press(&browser, Key::Enter).await;
                break;
            }
            "radio" if !wanted => press(&browser, Key::Down).await,
            "radio" | "checkbox" if wanted && !checked => press(&browser, Key::Space).await,
            _ => press(&browser, Key::Tab).await,
        }
    }
    browser.read("You passed").await;
    browser.read("10 of 10 correct").await;
    browser.close().await;
    app.stop().await;
}

/// What has the focus.
const FOCUSED: &str = "const { type, name, value, checked, innerText } = document.activeElement;
    return { kind: type, name, value, checked, text: innerText };";

async fn press(browser: &Browser, key: Key) {
    let focused = browser.client.active_element().await.unwrap();
    focused.send_keys(&char::from(key).to_string()).await.unwrap();
}

#[actix_web::test]
async fn answers_survive_a_window_that_is_closed() {
    let app = TestApp::start();
    load_sample(&app.app).await;
    let person = Person::demo(&app, "learner").await;
    let registration = person.begin(ACTIVITY).await;
    person.play(&registration).await;
    let browser = signed_in(&app, "learner").await;
    let address = format!("{}{registration}/assessment", app.url);
    browser.goto(&address).await;
    browser.click(".choice input[type=radio]").await;
    browser.until("return document.querySelector('[data-saved]').textContent === 'Saved.'").await;
    // Left before the next save was due: the page saves while it goes.
    browser.click("fieldset:last-of-type .choice input").await;
    let both = "return document.querySelectorAll('.choice input:checked').length === 2";
    for _ in 0..20 {
        browser.goto(&app.url).await;
        browser.goto(&address).await;
        if browser.run(both).await == true {
            break;
        }
        // On a busy machine the next page may load before what the last one sent arrives.
    }
    browser.until(both).await;
    browser.close().await;
    app.stop().await;
}

#[actix_web::test]
async fn every_page_is_accessible_at_both_widths_and_in_both_schemes() {
    let app = TestApp::start();
    load_sample(&app.app).await;
    let mut look = Look { browser: Browser::start().await, url: app.url.clone() };
    look.browser.tolerate("Failed to load resource");
    for page in
        ["/", "/sign-in", "/demo/learner", &format!("/activities/{ACTIVITY}"), "/verify", "/verify/AAAA", "/nowhere"]
    {
        look.at(page).await;
    }
    let person = Person::demo(&app, "learner").await;
    look.browser.goto(&format!("{}/demo/learner", app.url)).await;
    look.browser.press("Sign in as").await;
    look.at(&format!("/activities/{ACTIVITY}")).await;
    let registration = person.begin(ACTIVITY).await;
    look.at(&registration).await;
    look.at("/").await;
    person.play(&registration).await;
    look.at(&registration).await;
    look.at(&format!("{registration}/assessment")).await;
    let failed = person.answer(&registration, &super::wrong(&sample())).await;
    look.at(&failed.location).await;
    let passed = person.answer(&registration, &right(&sample())).await;
    look.at(&passed.location).await;
    look.at(&format!("{registration}/evaluation")).await;
    person.evaluate(&registration, &sample()).await;
    look.at(&format!("{registration}/claim/ama")).await;
    person.claim(&registration, "ama", "0.75").await;
    look.at(&registration).await;
    let hub = person.get(&registration).await;
    let (_, credit) = hub.html.split_once("href=\"/credits/").unwrap();
    look.at(&format!("/credits/{}", credit.split('"').next().unwrap())).await;
    look.at("/transcript").await;

    look.browser.goto(&format!("{}/demo/coordinator", app.url)).await;
    look.browser.press("Sign in as").await;
    let desk = registration.replace("/registrations/", "/desk/registrations/");
    for page in ["/desk", "/desk/publish", &format!("/desk/activities/{ACTIVITY}"), &desk, "/desk/privacy"] {
        look.at(page).await;
    }
    // That axe-core does find what is wrong.
    look.browser.run("document.querySelector('main').append(document.createElement('input'))").await;
    assert!(look.axe().await.as_array().is_some_and(|found| !found.is_empty()));
    look.browser.close().await;
    app.stop().await;
}

/// A browser that looks at every page three times.
pub struct Look {
    pub browser: Browser,
    pub url: String,
}

impl Look {
    pub async fn at(&self, path: &str) {
        for (width, scheme) in [(1280, "light"), (390, "light"), (1280, "dark")] {
            self.browser.resize(width).await;
            let features = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
            self.browser.devtools("Emulation.setEmulatedMedia", features).await;
            self.browser.goto(&format!("{}{path}", self.url)).await;
            let wide = self.browser.run("return document.documentElement.scrollWidth").await;
            assert!(wide.as_u64().is_some_and(|wide| wide <= width.into()), "{path} is {wide} wide at {width}");
            let violations = self.axe().await;
            assert_eq!(violations, json!([]), "{path} at {width}, {scheme}");
        }
    }

    /// What axe-core has against the page, by WCAG 2.2 AA and its own good practice.
    pub async fn axe(&self) -> Value {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/axe/node_modules/axe-core/axe.min.js");
        let source = std::fs::read_to_string(file).expect("axe-core is needed: scripts/test installs it");
        self.browser.run(&source).await;
        self.browser.run(RUN_AXE).await;
        self.browser.until("return window.violations !== null").await;
        self.browser.run("return window.violations").await
    }
}

const RUN_AXE: &str = "window.violations = null;
    const standards = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
    axe.run(document, { runOnly: standards }).then(({ violations }) => {
        window.violations = violations.map(({ id, help, nodes }) =>
            `${id}: ${help}: ${nodes.map((node) => node.target.join(' ')).join(', ')}`);
    }, (error) => { window.violations = [String(error)]; });";
