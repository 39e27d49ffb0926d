//! A visit to every route of the program, as its users would make it.

use super::questions::{Asker, Subject, taken};
use crate::cluster::portal;
use crate::credit::office;
use crate::harness::Player;
use crate::harness::{BinApp, program};
use crate::learner::{ACTIVITY, Person, address_in, replace_sample, right, sample, wrong};
use base::hash::Sha256;
use enduring::config::Portal;
use enduring::service::App;
use enduring::service::catalogue::activities;
use reqwest::Method;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// How long a worker may take on a busy machine.
const PATIENCE: Duration = Duration::from_mins(2);

pub(super) struct Tour<'a> {
    pub(super) program: &'a BinApp,
    pub(super) asker: &'a Asker,
    /// The same data, in this process.
    pub(super) app: &'a App,
    pub(super) portal: &'a Portal,
}

impl Tour<'_> {
    /// Returns what filters can be tested with afterwards.
    pub(super) async fn visit_everything(&self) -> Subject {
        replace_sample(&self.program.url).await;
        let coordinator = self.person("coordinator").await;
        self.see_what_anybody_sees().await;
        self.arrive_from_the_portal().await;
        let registration = self.learn().await;
        self.upload().await;
        self.publish_and_decide(&coordinator).await;
        let subject = self.use_the_record_store(&registration).await;
        self.read_reports(&coordinator).await;
        let account = self.automate(&registration).await;
        self.keep_credentials(&coordinator).await;
        self.act_by_two(&coordinator).await;
        self.spend_attempts(&coordinator).await;
        self.void(&coordinator, &registration).await;
        see(&coordinator, &["/desk/audit", "/desk/audit.csv"]).await;
        self.erase(&coordinator, &account).await;
        for command in [&["export", "everything.jsonl", "--from"][..], &["credential", "list", "--store"]] {
            let mut running = program(self.program.directory());
            let output = running.args(command).arg(&self.app.config.store).output().unwrap();
            assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
        }
        assert_eq!(coordinator.post("/sign-out", &[]).await.status, 303);
        subject
    }

    async fn person(&self, who: &str) -> Person {
        Person::demo_at(&self.program.url, who).await
    }

    async fn see_what_anybody_sees(&self) {
        let stranger = Person::visitor(&self.program.url);
        see(&stranger, &["/sign-in", "/demo/learner", "/about", "/verify", "/healthz", "/readyz", "/metrics"]).await;
        let style = address_in(&stranger.get("/sign-in").await.html, "/assets/");
        see(
            &stranger,
            &[&style, "/about/licenses.txt", "/api/v1/keys", "/.well-known/jwks.json", "/api/v1/openapi.json"],
        )
        .await;
    }

    /// Once by a link, once by a form.
    async fn arrive_from_the_portal(&self) {
        let token = |name: &str| portal::token(self.portal, name, &self.program.url, self.app.clock.now());
        let by_link = Person::visitor(&self.program.url).get(&format!("/launch?token={}", token("Dana"))).await;
        let by_form = Person::visitor(&self.program.url);
        let by_form = by_form.post_from("cross-site", "/launch", &[("token", &token("Robin"))]).await;
        assert_eq!((by_link.status, by_form.status), (303, 303));
    }

    /// All steps of a learner, with every other page. Returns the path of the registration.
    async fn learn(&self) -> String {
        let (learner, activity) = (self.person("learner").await, sample());
        see(&learner, &["/", &format!("/activities/{ACTIVITY}")]).await;
        let registration = learner.begin(ACTIVITY).await;
        let place = |rest: &str| format!("{registration}/{rest}");
        see(&learner, &[&registration, &place("front-matter")]).await;
        assert_eq!(learner.post(&place("front-matter"), &[("read", "yes")]).await.status, 303);
        assert_eq!(learner.post(&place("play"), &[]).await.status, 303);
        self.look_into_the_player(&learner, &registration).await;
        learner.play(&registration).await;
        save_draft(&learner, &place("assessment"), &["attempt", "edition"]).await;
        let graded = learner.answer(&registration, &right(&activity)).await;
        see(&learner, &[&graded.location]).await;
        save_draft(&learner, &place("evaluation"), &["edition"]).await;
        assert_eq!(learner.evaluate(&registration, &activity).await.status, 303);
        see(&learner, &[&place("claim/ama")]).await;
        assert_eq!(learner.claim(&registration, "ama", "0.75").await.status, 303);
        let credit = address_in(&learner.get(&registration).await.html, "/credits/");
        let check = address_in(&learner.get(&credit).await.html, "/verify/");
        let paper = format!("{credit}/certificate.pdf");
        let answer = learner.client().get(format!("{}{paper}", self.program.url)).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        see(&learner, &[&check, "/transcript", "/transcript.csv", "/"]).await;
        registration
    }

    /// What the player of one launch requests from the content origin.
    async fn look_into_the_player(&self, learner: &Person, registration: &str) {
        let id = registration.rsplit('/').next().unwrap();
        let items = self.asker.get(&format!("/api/v1/registrations/{id}")).await["items"].clone();
        let launched = learner.get(&format!("{registration}/play")).await.location;
        let player = Player::open(&launched).await;
        let style = address_in(&player.html, "/player/");
        taken(player.http.get(format!("{}{style}", self.program.content_url))).await;
        taken(player.http.get(format!("{}css/base.css", player.files))).await;
        for (address, body) in
            [("values", json!({})), ("heartbeat", json!({"attended": 1})), ("item", json!({"item": items[0]["id"]}))]
        {
            let (status, said) = player.post(address, &body).await;
            assert!(status < 300, "{address}: {said}");
        }
    }

    /// A package that is accepted and one that is refused.
    async fn upload(&self) {
        let designer = self.person("designer").await;
        let send = async |bytes: Vec<u8>| {
            let post = designer.client().post(format!("{}/studio/packages", self.program.url)).body(bytes);
            let post = post.header("sec-fetch-site", "same-origin").header("content-type", "application/zip");
            taken(post).await.headers()["location"].to_str().unwrap().to_owned()
        };
        let (accepted, refused) = (send(office::package()).await, send(b"no package".to_vec()).await);
        for place in [&accepted, &refused] {
            see(&designer, &[place, &format!("{place}/report.json")]).await;
        }
        let preview = designer.post(&format!("{accepted}/preview"), &[]).await;
        let player = Player::open(&preview.location).await;
        taken(player.http.get(format!("{}picture.gif", player.files))).await;
        see(&designer, &["/studio"]).await;
    }

    /// Two activities whose credits a person has to decide on: one is published and decided at the desk, the other by the
    /// API.
    async fn publish_and_decide(&self, coordinator: &Person) {
        see(coordinator, &["/desk", "/desk/publish"]).await;
        let package = activities::current(self.app, ACTIVITY).await.unwrap().package_sha256;
        let document = |id: &str| {
            let mut document = sample();
            document["id"] = json!(id);
            document["package"] = json!({"sha256": package});
            document["integrity"]["minimum_seat_fraction"] = json!("0.25");
            document
        };
        let published = [("document", document("by-hand").to_string())];
        let published = published.each_ref().map(|(name, value)| (*name, value.as_str()));
        assert_eq!(coordinator.post("/desk/publish", &published).await.status, 303);
        self.asker.post("/api/v1/activities", &document("by-api")).await;
        let learner = self.person("learner").await;
        for id in ["by-hand", "by-api"] {
            let registration = learner.complete(&document(id)).await;
            assert_eq!(learner.claim(&registration, "ama", "0.75").await.status, 303);
            let desk = registration.replace("/registrations/", "/desk/registrations/");
            see(coordinator, &["/desk", &format!("/desk/activities/{id}")]).await;
            let signal = coordinator.get(&desk).await.field("signal");
            let reason = "They took the live session last month.";
            if id == "by-hand" {
                let fields = [("signal", &*signal), ("verdict", "accepted"), ("reason", reason)];
                assert_eq!(coordinator.post(&format!("{desk}/settle"), &fields).await.status, 303);
            } else {
                let settle = format!("{}/api/v1{registration}/settle", self.program.url);
                let settled = json!({"signals": [signal], "verdict": "accepted", "reason": reason});
                let post = coordinator.client().post(settle).header("sec-fetch-site", "same-origin");
                taken(post.json(&settled)).await;
            }
            learner.get(&registration).await.shows("Credit awarded");
        }
    }

    /// `/xapi`, but for the combinations of filters.
    async fn use_the_record_store(&self, registration: &str) -> Subject {
        let registration = registration.rsplit('/').next().unwrap().to_owned();
        let page = self.asker.get(&format!("/xapi/statements?registration={registration}&limit=5")).await;
        self.asker.get(page["more"].as_str().unwrap()).await;
        let actor = page["statements"][0]["actor"].clone();
        let activity = format!("{}/activities/{ACTIVITY}", self.program.url);
        let [plain, putted, voiding] = [(); 3].map(|()| base::ids::random().to_string());
        let statement = |id: &str| json!({"id": id, "actor": actor, "verb": {"id": "https://verbs.example/read"}, "object": {"id": activity}});
        self.asker.post("/xapi/statements", &json!([statement(&plain)])).await;
        let put = self.asker.ask(Method::PUT, &format!("/xapi/statements?statementId={putted}"));
        taken(put.json(&statement(&putted))).await;
        let mut void = statement(&voiding);
        void["verb"]["id"] = json!("http://adlnet.gov/expapi/verbs/voided");
        void["object"] = json!({"objectType": "StatementRef", "id": putted});
        self.asker.post("/xapi/statements", &void).await;
        for query in [
            format!("statementId={plain}"),
            format!("voidedStatementId={putted}"),
            "attachments=true&limit=2".to_owned(),
            "format=canonical&limit=2".to_owned(),
        ] {
            self.asker.get(&format!("/xapi/statements?{query}")).await;
        }
        for (resource, context, id) in [
            ("activities/state", vec![("activityId", activity.clone()), ("agent", actor.to_string())], "stateId"),
            ("activities/profile", vec![("activityId", activity.clone())], "profileId"),
            ("agents/profile", vec![("agent", actor.to_string())], "profileId"),
        ] {
            let ask =
                |method, query: &[(&str, String)]| self.asker.ask(method, &format!("/xapi/{resource}")).query(query);
            let one = [&context[..], &[(id, "a document".to_owned())]].concat();
            taken(ask(Method::PUT, &one).header("if-none-match", "*").json(&json!({"page": 1}))).await;
            taken(ask(Method::POST, &one).json(&json!({"place": 2}))).await;
            taken(ask(Method::GET, &one)).await;
            let since = [&context[..], &[("since", "2026-01-01T00:00:00Z".to_owned())]].concat();
            for listed in [&context, &since] {
                assert_eq!(taken(ask(Method::GET, listed)).await.json::<Value>().await.unwrap(), json!(["a document"]));
            }
            let etag = taken(ask(Method::GET, &one)).await.headers()["etag"].clone();
            taken(ask(Method::DELETE, &one).header("if-match", etag)).await;
        }
        taken(self.asker.ask(Method::GET, "/xapi/activities").query(&[("activityId", &activity)])).await;
        taken(self.asker.ask(Method::GET, "/xapi/agents").query(&[("agent", actor.to_string())])).await;
        self.asker.get("/xapi/about").await;
        Subject { actor, activity, registration }
    }

    async fn read_reports(&self, coordinator: &Person) {
        let file = b"a file";
        let (id, sha256) = (base::ids::random(), Sha256::of(file));
        let statement = json!({
            "id": id, "actor": {"mbox": "mailto:nurse@example.org"}, "verb": {"id": "https://verbs.example/sent"},
            "object": {"id": "https://campus.example/files"},
            "attachments": [{"usageType": "https://campus.example/file", "display": {"en": "A file"},
                             "contentType": "text/plain", "length": file.len(), "sha2": sha256.to_string()}],
        });
        let body = format!(
            "--b\r\nContent-Type: application/json\r\n\r\n{statement}\r\n--b\r\nContent-Type: text/plain\r\n\
             Content-Transfer-Encoding: binary\r\nX-Experience-API-Hash: {sha256}\r\n\r\na file\r\n--b--\r\n"
        );
        let post = self.asker.ask(Method::POST, "/xapi/statements");
        taken(post.header("content-type", "multipart/mixed; boundary=b").body(body)).await;
        let one = format!("/reports/statements/{id}");
        for page in [
            "/reports",
            "/reports/validate",
            "/reports/statements",
            "/reports/statements?verb=https%3A%2F%2Fverbs.example%2Fsent",
            &one,
            &format!("{one}/exact.json"),
            &format!("{one}/attachments/{sha256}"),
        ] {
            see(coordinator, &[page]).await;
        }
        let check = [("version", "2.0.0"), ("statements", &*statement.to_string())];
        assert_eq!(coordinator.post("/reports/validate", &check).await.status, 200);
    }

    /// What `/api/v1` has for programs. Returns the account of a learner who was registered by it.
    async fn automate(&self, registration: &str) -> String {
        let ask = |path: String| async move { self.asker.get(&format!("/api/v1/{path}")).await };
        let id = registration.rsplit('/').next().unwrap();
        taken(self.asker.ask(Method::POST, "/api/v1/packages").body(office::package())).await;
        let package = ask("packages".into()).await["packages"][0]["id"].clone();
        ask(format!("packages/{}", text(&package))).await;
        self.asker.post(&format!("/api/v1/packages/{}/preview", text(&package)), &json!({})).await;
        ask("activities".into()).await;
        ask(format!("activities/{ACTIVITY}")).await;
        ask(format!("activities/{ACTIVITY}/versions/1")).await;
        let learner = json!({"activity": ACTIVITY, "learner": {"id": "r-1", "name": "Rae", "profession": "nurse"}});
        let created = self.asker.post("/api/v1/registrations", &learner).await;
        self.asker.post("/api/v1/launches", &json!({"registration": created["id"]})).await;
        let session = ask(format!("sessions?registration={id}")).await["sessions"][0]["id"].clone();
        ask(format!("sessions/{}", text(&session))).await;
        let credit = ask(format!("credits?registration={id}")).await["credits"][0].clone();
        ask(format!("credits?activity={ACTIVITY}")).await;
        ask(format!("credits?learner={}", text(&credit["learner"]))).await;
        ask("credits".into()).await;
        for rest in ["", "/evidence", "/evidence/statements"] {
            ask(format!("credits/{}{rest}", text(&credit["id"]))).await;
        }
        ask("ledger/1".into()).await;
        for rest in ["aggregate?group_by=verb&measure=actors", "export.jsonl", "export.csv"] {
            taken(self.asker.ask(Method::GET, &format!("/api/v1/statements/{rest}"))).await.bytes().await.unwrap();
        }
        let statement = json!({"actor": {"mbox": "mailto:a@b.example"}});
        self.asker.post("/api/v1/statements/validate", &statement).await;
        let mut stream = taken(self.asker.ask(Method::GET, "/api/v1/statements/stream?after=0")).await;
        assert!(stream.chunk().await.unwrap().is_some(), "the stream says something");
        text(&created["learner"])
    }

    async fn keep_credentials(&self, coordinator: &Person) {
        let made = coordinator.post("/desk/credentials", &[("name", "Portal"), ("scope", "all/read")]).await;
        assert_eq!(made.status, 201);
        let key = made.html.split_once("id=\"key\" readonly value=\"").unwrap().1.split('"').next().unwrap();
        let one = format!("/desk/credentials/{key}");
        see(coordinator, &["/desk/credentials", &one]).await;
        assert_eq!(coordinator.post(&format!("{one}/rotate"), &[("overlap", "0")]).await.status, 200);
        assert_eq!(coordinator.post(&format!("{one}/revoke"), &[]).await.status, 303);
        let made = self.asker.post("/api/v1/credentials", &json!({"name": "Tool", "scopes": ["all/read"]})).await;
        let one = format!("/api/v1/credentials/{}", text(&made["key"]));
        self.asker.get("/api/v1/credentials").await;
        self.asker.get(&one).await;
        self.asker.post(&format!("{one}/rotate"), &json!({})).await;
        taken(self.asker.ask(Method::DELETE, &one)).await;
    }

    /// Revokes a credit by the API: one proposes it, another declines it, and approves it when it is proposed again.
    async fn act_by_two(&self, coordinator: &Person) {
        let second = self.person("second-coordinator").await;
        let credit = self.asker.get("/api/v1/credits?activity=by-hand").await["credits"][0].clone();
        let act = json!({"act": "revoke", "credit": credit["id"]});
        let wanted = json!({"registration": credit["registration"], "act": act, "reason": "Taken by a colleague."});
        let why = json!({"reason": "The sign-in sheet shows it."});
        for decision in ["decline", "approve"] {
            let proposed = self.order(coordinator, "/api/v1/proposals", &wanted).await;
            let one = format!("/api/v1/proposals/{}", text(&proposed["id"]));
            see(coordinator, &["/api/v1/proposals", &one]).await;
            self.order(&second, &format!("{one}/{decision}"), &why).await;
        }
    }

    /// A learner who needs one more attempt twice, and then a new registration twice.
    async fn spend_attempts(&self, coordinator: &Person) {
        let mut document = sample();
        document["id"] = json!("spent");
        document["package"] = json!({"sha256": activities::current(self.app, ACTIVITY).await.unwrap().package_sha256});
        self.asker.post("/api/v1/activities", &document).await;
        let learner = self.person("learner").await;
        let registration = learner.begin("spent").await;
        learner.play(&registration).await;
        let fail = async || assert_eq!(learner.answer(&registration, &wrong(&document)).await.status, 303);
        for _ in 0..3 {
            fail().await;
        }
        let (desk, api) = (format!("/desk{registration}"), format!("/api/v1{registration}"));
        let reason = "The learner was interrupted.";
        assert_eq!(coordinator.post(&format!("{desk}/grant"), &[("reason", reason)]).await.status, 303);
        fail().await;
        self.order(coordinator, &format!("{api}/attempts"), &json!({"reason": reason})).await;
        let again = coordinator.post(&format!("{desk}/restart"), &[("reason", reason)]).await;
        assert_eq!(again.status, 303, "{}", again.html);
        let begun = again.location.replace("/desk/", "/api/v1/");
        self.order(coordinator, &format!("{begun}/restart"), &json!({"reason": reason})).await;
    }

    /// What a person orders by the API, in their own name.
    async fn order(&self, person: &Person, path: &str, body: &Value) -> Value {
        let post = person.client().post(format!("{}{path}", self.program.url)).header("sec-fetch-site", "same-origin");
        taken(post.json(body)).await.json().await.unwrap()
    }

    /// Voids what the credit rests on.
    async fn void(&self, coordinator: &Person, registration: &str) {
        let desk = registration.replace("/registrations/", "/desk/registrations/");
        let page = coordinator.get(&desk).await.html;
        let void = address_in(page.split_once("V12 ").unwrap().1, &format!("{desk}/propose/void/"));
        see(coordinator, &[&void]).await;
        let voided = coordinator.post(&void, &[("reason", "Claimed by a colleague at the same desk.")]).await;
        assert_eq!(voided.status, 303, "{}", voided.html);
        let (_, proposal) = voided.location.split_once("#proposal-").unwrap();
        let approval = [("decision", "approve"), ("reason", "The sign-in sheet shows it.")];
        let second = self.person("second-coordinator").await;
        let approved = second.post(&format!("/desk/proposals/{proposal}"), &approval).await;
        assert_eq!(approved.status, 303, "{}", approved.html);
        see(coordinator, &[&desk, "/desk"]).await;
    }

    /// One person at the desk, another by the API; waits until it is done.
    async fn erase(&self, coordinator: &Person, account: &str) {
        see(coordinator, &["/desk/privacy"]).await;
        let who = [("account", ""), ("agents", "other-1@example.org")];
        assert_eq!(coordinator.post("/desk/privacy", &who).await.status, 200);
        let sure = [who[0], who[1], ("reason", "They asked."), ("confirmation", "ERASE")];
        assert_eq!(coordinator.post("/desk/privacy/erase", &sure).await.status, 200);
        let place = address_in(&coordinator.get("/desk/privacy").await.html, "/desk/privacy/");
        see(coordinator, &[&place]).await;
        let agents = json!([{"mbox": "mailto:other-2@example.org"}]);
        let wanted = json!({"account": account, "agents": agents, "reason": "They asked."});
        let begun = self.asker.post("/api/v1/erasures", &wanted).await;
        self.asker.get(&format!("/api/v1/erasures/{}", text(&begun["id"]))).await;
        let began = Instant::now();
        while !self.are_erased().await {
            assert!(began.elapsed() < PATIENCE, "the erasures are not done");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    async fn are_erased(&self) -> bool {
        let list = self.asker.get("/api/v1/erasures").await;
        list["erasures"].as_array().unwrap().iter().all(|erasure| erasure["state"] == "done")
    }
}

async fn see(person: &Person, pages: &[&str]) {
    for page in pages {
        let answer = person.get(page).await;
        assert_eq!(answer.status, 200, "{page}: {}", answer.html);
    }
}

/// Saves a form as the script of its page does, with these fields of it alone.
async fn save_draft(person: &Person, place: &str, fields: &[&str]) {
    let form = person.get(place).await;
    let filled: Vec<(&str, String)> = fields.iter().map(|name| (*name, form.field(name))).collect();
    let filled: Vec<(&str, &str)> = filled.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let (status, saved) = person.save(&format!("{place}/draft"), &filled).await;
    assert_eq!(status, 200, "{saved}");
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}
