//! The sample in a real browser and the real player: with the keyboard alone, closed half-way, and to its end.

use crate::harness::{Browser, TestApp};
use enduring::service::RegistrationId;
use enduring::service::catalogue::samples;
use enduring::service::learning::registrations;
use enduring::service::people::demo;
use enduring::service::playing::launches;
use fantoccini::key::Key;
use runtime::Mode;
use serde_json::{Value, json};

/// The right answer to each question.
pub const ANSWERS: [(&str, &str); 10] = [
    ("check-pattern", "f"),
    ("check-score", "4"),
    ("check-threshold", "b"),
    ("check-modifiable", "a,b,d"),
    ("check-valve", "c"),
    ("check-dose", "a"),
    ("case-treat", "b"),
    ("case-dose", "a"),
    ("case-bleeding", "a,b,c"),
    ("case-review", "c"),
];

/// The first question on the page that waits for an answer.
const OPEN: &str = "form.question:not(.locked):not([hidden] *)";

/// A learner at the sample.
struct Learner {
    app: TestApp,
    browser: Browser,
    registration: RegistrationId,
}

impl Learner {
    async fn start() -> Self {
        let app = TestApp::start();
        let [id] = samples::load(&app.app).await.unwrap()[..] else { panic!("one sample") };
        let account = demo::account(&app.app, demo::PEOPLE[0]).await.unwrap();
        let registration = registrations::register(&app.app, id, &account).await.unwrap().id;
        Self { app, browser: Browser::start().await, registration }
    }

    /// Opens the player, and goes into the frame of the content.
    async fn open(&self) {
        let launched = launches::launch(&self.app.app, self.registration, None, Mode::Normal, None).await.unwrap();
        self.browser.goto(&launched.url).await;
        self.browser.see("iframe#content").await;
        self.browser.client.enter_frame(0).await.unwrap();
        self.browser.see("#contents button[aria-current]").await;
    }

    /// Closes the window's page, as a learner who is called away.
    async fn leave(&self) {
        self.browser.client.enter_parent_frame().await.unwrap();
        self.browser.goto("about:blank").await;
    }

    async fn press(&self, key: Key) {
        self.type_in(&char::from(key).to_string()).await;
    }

    async fn type_in(&self, keys: &str) {
        self.browser.client.active_element().await.unwrap().send_keys(keys).await.unwrap();
    }

    async fn focus_is_on(&self, css: &str) -> bool {
        self.browser.run(&format!("return document.activeElement.matches({})", json!(css))).await == json!(true)
    }

    /// Presses Tab until the focus is on what `css` finds.
    async fn tab_to(&self, css: &str) {
        for _ in 0..120 {
            if self.focus_is_on(css).await {
                return;
            }
            self.press(Key::Tab).await;
        }
        panic!("{css} cannot be reached with the keyboard");
    }

    /// Answers the first open question on the page, with the keyboard.
    async fn answer(&self) {
        let id = self.browser.run(&format!("return document.querySelector('{OPEN}').dataset.question")).await;
        let (_, answer) = ANSWERS.into_iter().find(|(question, _)| id == *question).unwrap();
        self.tab_to(&format!("{OPEN} input")).await;
        let values =
            self.browser.run("return [...document.activeElement.form.querySelectorAll('input')].map(i => i.value)");
        let values: Vec<String> = serde_json::from_value(values.await).unwrap();
        if self.focus_is_on("input[type=number]").await {
            self.type_in(answer).await;
        } else if self.focus_is_on("input[type=radio]").await {
            self.type_in(" ").await;
            for _ in values.iter().take_while(|value| *value != answer) {
                self.press(Key::Down).await;
            }
        } else {
            for value in &values {
                self.tab_to(&format!("input[value={value}]")).await;
                if answer.split(',').any(|chosen| chosen == value) {
                    self.type_in(" ").await;
                }
            }
        }
        self.tab_to("button[type=submit]").await;
        self.press(Key::Enter).await;
        self.browser.until(&format!("return document.querySelector('{OPEN}')?.dataset.question !== {id}")).await;
    }

    async fn open_questions(&self) -> u64 {
        let open = self.browser.run(&format!("return document.querySelectorAll('{OPEN}').length")).await;
        open.as_u64().unwrap()
    }

    /// Reads the page, answers its questions, and turns to the next. Returns whether there was one.
    async fn work(&self) -> bool {
        while self.open_questions().await > 0 {
            self.answer().await;
        }
        if self.browser.run("return document.getElementById('next').hidden").await == json!(true) {
            return false;
        }
        self.tab_to("#next").await;
        self.press(Key::Enter).await;
        assert!(self.focus_is_on("h1").await, "a turn of the page takes the focus to its heading");
        true
    }

    async fn heading(&self) -> Value {
        self.browser.run("return document.querySelector('h1').textContent").await
    }

    async fn end(self) {
        self.browser.close().await;
        self.app.stop().await;
    }
}

#[actix_web::test]
async fn the_sample_is_completed_with_the_keyboard_alone_across_two_visits() {
    let learner = Learner::start().await;
    learner.open().await;
    while learner.heading().await != "Case: Ms. Vega" {
        assert!(learner.work().await);
    }
    learner.answer().await;
    learner.answer().await;
    learner.leave().await;

    learner.open().await;
    assert_eq!(learner.heading().await, "Case: Ms. Vega", "the learner is back where they left");
    assert_eq!(learner.open_questions().await, 1, "two decisions are kept, and the third is open");
    assert!(learner.browser.text().await.contains("9 of 12 pages, 8 of 10 questions"));
    while learner.work().await {}
    learner.browser.read("This module is complete.").await;
    learner.tab_to(".standing button").await;
    learner.press(Key::Enter).await;
    learner.browser.client.enter_parent_frame().await.unwrap();
    learner.browser.see("#finished:not([hidden])").await;
    learner.browser.read("You have left this part").await;

    let standing = registrations::status(&learner.app.app, learner.registration).await.unwrap();
    assert!(standing.evidence.completed.contains_key("ITEM-1"), "{:#?}", standing.evidence);
    assert_eq!(standing.evidence.scores.last().unwrap().said.scaled.to_string(), "1");
    learner.end().await;
}

#[actix_web::test]
async fn a_wrong_decision_has_its_consequence_and_can_be_taken_again() {
    let learner = Learner::start().await;
    learner.open().await;
    learner.browser.press("Case: Ms. Vega").await;
    learner.browser.click("input[name=case-treat][value=a]").await;
    learner.browser.click(&format!("{OPEN} button[type=submit]")).await;
    learner.browser.read("Five months later").await;
    assert!(learner.focus_is_on(".outcome h3").await);
    assert!(!learner.browser.text().await.contains("Decision 2"), "the story waits for the decision");
    learner.browser.press("Go back and decide again").await;
    learner.browser.click("input[name=case-treat][value=b]").await;
    learner.browser.click(&format!("{OPEN} button[type=submit]")).await;
    learner.browser.read("She agrees").await;
    learner.browser.read("Decision 2").await;
    learner.leave().await;
    learner.end().await;
}

#[actix_web::test]
async fn every_page_fits_a_desk_and_a_phone() {
    let learner = Learner::start().await;
    learner.open().await;
    let pages =
        learner.browser.run("return document.querySelectorAll('#contents button').length").await.as_u64().unwrap();
    for page in 0..pages {
        learner.browser.run(&format!("document.querySelectorAll('#contents button')[{page}].click()")).await;
        learner.browser.picture(&format!("sample-{}", page + 1)).await;
    }
    learner.leave().await;
    learner.end().await;
}

#[actix_web::test]
async fn the_risk_score_counts_as_the_guidelines_do() {
    // Age, woman, heart failure, hypertension, diabetes, stroke, vascular disease; CHA2DS2-VA and CHA2DS2-VASc.
    let cases = json!([
        [[64, true, false, false, false, false, false], 0, 1],
        [[64, false, false, false, false, false, false], 0, 0],
        [[65, true, false, false, false, false, false], 1, 2],
        [[74, false, false, true, false, false, false], 2, 2],
        [[75, false, false, false, false, false, false], 2, 2],
        [[50, false, false, false, false, true, false], 2, 2],
        [[71, false, false, true, true, false, true], 4, 4],
        [[76, true, false, true, false, false, false], 3, 4],
        [[80, true, true, true, true, true, true], 8, 9]
    ]);
    let learner = Learner::start().await;
    learner.open().await;
    let script = "const [cases, done] = arguments;
        import(new URL('js/calculator.js', location.href).href).then(({ scores }) => done(cases.map(([inputs]) => {
            const [age, woman, heartFailure, hypertension, diabetes, stroke, vascular] = inputs;
            const { va, vasc } = scores({ age, woman, heartFailure, hypertension, diabetes, stroke, vascular });
            return [inputs, va, vasc];
        })));";
    let counted = learner.browser.client.execute_async(script, vec![cases.clone()]).await.unwrap();
    assert_eq!(counted, cases);
    learner.leave().await;
    learner.end().await;
}
