//! What a learner does at the sample activity, step by step, with mouse and keyboard.

use crate::harness::{BinApp, Browser};
use crate::learner::replace_sample;
use crate::sample::ANSWERS;
use credit::Activity;
use enduring::service::catalogue::samples;
use serde_json::{Value, json};

/// The first question on the page that waits for an answer.
const OPEN: &str = "form.question:not(.locked):not([hidden] *)";

/// A person in front of their browser.
pub struct Walk {
    pub program: BinApp,
    pub browser: Browser,
    /// What its pictures are called.
    name: &'static str,
}

impl Walk {
    /// The program with its sample, which nobody has to sit through, and a browser that has been nowhere.
    pub async fn begin(name: &'static str) -> Self {
        let program = BinApp::with(&["--demo"]);
        replace_sample(&program.url).await;
        Self { program, browser: Browser::start().await, name }
    }

    /// Keeps pictures of the page.
    pub async fn picture(&self, page: &str) {
        self.browser.picture(&format!("{}-{page}", self.name)).await;
    }

    /// The browser and the program end, and neither has complained.
    pub async fn end(mut self) {
        self.browser.close().await;
        assert_eq!(self.program.terminate().code(), Some(0));
    }

    /// Signs in by the link that the program prints for `person`.
    pub async fn sign_in(&self, person: &str) {
        let address = format!("{}/demo/{person}", self.program.url);
        let printed = self.program.banner.lines().any(|line| line.ends_with(&address));
        assert!(printed, "{}", self.program.banner);
        self.browser.goto(&address).await;
        self.browser.press("Sign in as").await;
        self.browser.see("form[action='/sign-out']").await;
    }

    /// From the start page by the front matter into the activity.
    pub async fn take_up(&self) {
        self.browser.press("View activity").await;
        self.browser.read("Commercial support").await;
        self.picture("front-matter").await;
        self.browser.click("#begin input[name=read]").await;
        self.browser.press("Begin the activity").await;
        self.browser.read("Steps to earn credit").await;
    }

    /// Follows the button of the step that is next.
    pub async fn go_on(&self) {
        self.browser.click(".steps > li[aria-current] a.button").await;
    }

    /// Plays the module to its end and comes back to the overview.
    pub async fn play(&self) {
        self.go_on().await;
        self.enter_content().await;
        while self.work().await {}
        self.browser.read("This module is complete.").await;
        self.browser.client.enter_parent_frame().await.unwrap();
        self.picture("player").await;
        self.browser.click("#exit").await;
        self.browser.read("Steps to earn credit").await;
    }

    /// Into the frame of the content.
    pub async fn enter_content(&self) {
        self.browser.see("iframe#content").await;
        self.browser.client.enter_frame(0).await.unwrap();
        self.browser.see("#contents button[aria-current]").await;
    }

    /// Answers the questions of the module's page, and turns to the next. Returns whether there was one.
    async fn work(&self) -> bool {
        while self.browser.run(&format!("return document.querySelector('{OPEN}') !== null")).await == json!(true) {
            self.answer().await;
        }
        if self.browser.run("return document.getElementById('next').hidden").await == json!(true) {
            return false;
        }
        self.browser.click("#next").await;
        true
    }

    async fn answer(&self) {
        let id = self.browser.run(&format!("return document.querySelector('{OPEN}').dataset.question")).await;
        let (_, answer) = ANSWERS.into_iter().find(|(question, _)| id == *question).unwrap();
        let number = self.browser.run(&format!("return document.querySelector('{OPEN} input').type")).await;
        if number == json!("number") {
            self.browser.fill(&format!("{OPEN} input"), answer).await;
        } else {
            for value in answer.split(',') {
                self.browser.click(&format!("{OPEN} input[value='{value}']")).await;
            }
        }
        self.browser.click(&format!("{OPEN} button[type=submit]")).await;
        self.browser.until(&format!("return document.querySelector('{OPEN}')?.dataset.question !== {id}")).await;
    }

    /// Takes the post-activity assessment, with the right answers but for the first `wrong` questions.
    pub async fn take_assessment(&self, wrong: usize) {
        self.browser.read("Submit for grading").await;
        let assessment = activity().assessment.unwrap();
        for (number, item) in assessment.items.iter().enumerate() {
            let chosen = item.choices.iter().filter(|choice| item.correct.contains(&choice.id) == (number >= wrong));
            for choice in chosen {
                self.choose(&item.stem, &choice.text).await;
            }
        }
        self.browser.press("Submit for grading").await;
    }

    /// Clicks the choice that reads `text` below the question `stem`; the page names neither question nor choice.
    async fn choose(&self, stem: &str, text: &str) {
        const FIND: &str = "
            const below = [...document.querySelectorAll('fieldset')]
                .find(field => field.querySelector('legend').textContent.includes(arguments[0]));
            const label = [...below.querySelectorAll('label.choice')]
                .find(label => label.textContent.trim() === arguments[1]);
            const input = label.querySelector('input');
            return `input[name='${input.name}'][value='${input.value}']`;";
        let css = self.browser.client.execute(FIND, vec![json!(stem), json!(text)]).await.unwrap();
        self.browser.click(css.as_str().unwrap()).await;
    }

    /// Fills in the evaluation.
    pub async fn evaluate(&self) {
        self.browser.see("form[data-autosave$='/evaluation/draft']").await;
        let names = "return [...new Set([...document.querySelectorAll('input[type=radio]')].map(i => i.name))]";
        let names: Vec<String> = serde_json::from_value(self.browser.run(names).await).unwrap();
        for name in names {
            self.browser.click(&format!("input[name='{name}']")).await;
        }
        self.browser.press("Submit the evaluation").await;
    }

    /// Claims `amount`, and opens the certificate that results.
    pub async fn claim(&self, amount: &str) {
        self.browser.click(&format!("#amount option[value='{amount}']")).await;
        self.browser.click("input[name=attested]").await;
        self.browser.press("Claim credit").await;
        self.browser.press("Open the certificate").await;
    }

    /// The state of each rule on the overview, by its title: `met`, `unmet`, `not-applicable`.
    pub async fn rules(&self) -> Value {
        let script = "return Object.fromEntries([...document.querySelectorAll('.rules > li')]
            .map(li => [li.querySelector('strong').textContent, li.dataset.state]))";
        self.browser.run(script).await
    }
}

/// The sample's document.
fn activity() -> Activity {
    serde_json::from_slice(&samples::ALL[0].document().unwrap()).unwrap()
}
