//! The whole way, page by page.

use super::{ACTIVITY, Person, address_in, load_sample, right, sample, wrong};
use crate::harness::TestApp;

#[actix_web::test]
async fn a_physician_goes_from_front_matter_to_a_certificate_that_anyone_can_check() {
    let app = TestApp::start();
    load_sample(&app.app).await;
    let (activity, person) = (sample(), Person::demo(&app, "learner").await);
    person.get("/").await.shows("Stroke prevention in atrial fibrillation");
    let front_matter = person.get(&format!("/activities/{ACTIVITY}")).await;
    for told in [
        "Sample Accrediting Organization",
        "designates this enduring material for a maximum of 0.75 <em class=\"credit-name\">AMA PRA Category 1 Credit™</em>",
        "Placeholder Pharmaceuticals (invented): Consultant (ended)",
        "have been mitigated",
        "This activity received no commercial support.",
        "<strong>80%</strong>",
        "up to 3",
        "October 1, 2026",
        "September 10, 2026",
        "November 30, 2028",
        "45 minutes",
        "https://doi.org/10.1161/CIR.0000000000001193",
    ] {
        front_matter.shows(told);
    }

    let registration = person.begin(ACTIVITY).await;
    person.get(&registration).await.shows("Work through the activity").shows("4 steps are left");
    person.play(&registration).await;
    person.get(&registration).await.shows("Go to the assessment");

    let failed = person.answer(&registration, &wrong(&activity)).await;
    let feedback = person.get(&failed.location).await;
    feedback.shows("Not passed yet").shows("0 of 10 correct").shows("Read again:");
    assert!(!feedback.html.contains("Correct answer"), "the key is not told before the assessment is passed");
    let passed = person.answer(&registration, &right(&activity)).await;
    person.get(&passed.location).await.shows("You passed").shows("Correct answer").shows("10 of 10 correct");

    assert_eq!(person.evaluate(&registration, &activity).await.location, registration);
    person.get(&format!("{registration}/claim/ama")).await.shows("<option value=\"0.75\"");
    assert_eq!(person.claim(&registration, "ama", "0.50").await.location, registration);

    let done = person.get(&registration).await;
    done.shows("Every rule is met.")
        .shows("0.50 <em class=\"credit-name\">AMA PRA Category 1 Credit™</em>, completed on");
    let credit = address_in(&done.html, "/credits/");
    let certificate = person.get(&credit).await;
    for told in ["Alex Morgan, MD", "Certificate of completion", "Enduring Demonstration Provider", "enduring material"]
    {
        certificate.shows(told);
    }
    let pdf = app.url.clone() + &credit + "/certificate.pdf";
    let pdf = person.client.get(pdf).send().await.unwrap();
    assert_eq!(pdf.headers()["content-type"], "application/pdf");
    assert!(pdf.bytes().await.unwrap().starts_with(b"%PDF-1."));

    let check = address_in(&certificate.html, "/verify/");
    let checked = Person::stranger(&app).get(&check).await;
    checked.shows("This is a sample, not a certificate").shows("A. M.").shows("0.50");
    assert!(!checked.html.contains("Morgan"), "whoever checks learns no more of the name than its initials");
    assert_eq!(Person::stranger(&app).get(&check.to_lowercase().replace('-', "")).await.status, 200);

    person.get("/transcript").await.shows("Stroke prevention").shows("Sample");
    let csv = person.get("/transcript.csv").await;
    csv.shows("\"AMA PRA Category 1 Credit™\",\"0.50\",\"sample\"");
    person.get("/").await.shows("Completed").shows("You have started or completed every activity that is open.");
    app.stop().await;
}

#[actix_web::test]
async fn a_nurse_receives_a_record_of_participation() {
    let app = TestApp::start();
    load_sample(&app.app).await;
    let person = Person::demo(&app, "nurse").await;
    let registration = person.complete(&sample()).await;
    let hub = person.get(&registration).await;
    hub.shows("Confirm your participation");
    let claim = address_in(&hub.html, &format!("{registration}/claim/"));
    let offering = claim.rsplit('/').next().unwrap();
    let amount = person.get(&claim).await.field("amount");
    assert_eq!(person.claim(&registration, offering, &amount).await.status, 303);
    let credit = address_in(&person.get(&registration).await.html, "/credits/");
    let record = person.get(&credit).await;
    record.shows("Record of participation").shows("Jordan Reyes, RN").shows("took part in an enduring material");
    assert!(!record.html.contains("Credit awarded"));
    app.stop().await;
}

#[actix_web::test]
async fn everything_about_a_registration_is_its_learners_alone() {
    let app = TestApp::start();
    load_sample(&app.app).await;
    let (owner, other) = (Person::demo(&app, "learner").await, Person::demo(&app, "nurse").await);
    let registration = owner.begin(ACTIVITY).await;
    for page in ["", "/play", "/front-matter", "/assessment", "/assessment/1", "/evaluation", "/claim/ama"] {
        let answer = other.get(&format!("{registration}{page}")).await;
        assert_eq!(answer.status, 404, "{page}");
    }
    let stranger = Person::stranger(&app).get(&registration).await;
    assert_eq!((stranger.status, stranger.location), (303, format!("/sign-in?next={registration}")));
    app.stop().await;
}

#[actix_web::test]
async fn beginning_twice_is_beginning_once() {
    let app = TestApp::start();
    load_sample(&app.app).await;
    let person = Person::demo(&app, "learner").await;
    let first = person.begin(ACTIVITY).await;
    let again = person.post(&format!("/activities/{ACTIVITY}/begin"), &[("version", "1"), ("read", "yes")]).await;
    assert_eq!(again.location, first);
    person.get(&format!("/activities/{ACTIVITY}")).await.shows("Continue where you left off");
    app.stop().await;
}
