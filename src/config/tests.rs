use super::*;

/// Names with values.
type Settings<'a> = &'a [(&'a str, &'a str)];

fn load(environment: Settings, flags: Settings) -> Result<Config, String> {
    let environment = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let flags: Vec<_> = flags.iter().map(|(key, value)| (*key, (*value).to_owned())).collect();
    Config::load(None, environment, &flags).map_err(|error| error.to_string())
}

#[test]
fn the_documented_file_is_the_default() {
    let config = load(&[], &[]).unwrap();
    assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
    assert!(config.demo);
    let ready = config.at_ports(1, 2);
    assert_eq!((ready.url.as_str(), ready.content_url.as_str()), ("http://localhost:1", "http://127.0.0.1:2"));
}

#[test]
fn a_flag_is_stronger_than_a_variable_and_a_variable_than_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("some.toml");
    std::fs::write(&file, "data = \"/file\"\nworkers = 3\n[provider]\nname = \"From the file\"\n").unwrap();
    let environment = [("ENDURING_DATA", "/variable"), ("ENDURING_PROVIDER_TIME_ZONE", "Europe/Vienna")];
    let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let config = Config::load(Some(&file), environment.clone(), &[("data", "/flag".to_owned())]).unwrap();
    assert_eq!(config.data, Path::new("/flag"));
    assert_eq!(config.provider.name, "From the file");
    assert_eq!(config.provider.time_zone, "Europe/Vienna");
    assert_eq!(config.workers, 3);
    assert_eq!(Config::load(Some(&file), environment, &[]).unwrap().data, Path::new("/variable"));
}

#[test]
fn a_variable_can_give_a_list() {
    let portals =
        r#"[{issuer = "https://p.example", algorithm = "HS256", key = "0123456789012345678901234567890123"}]"#;
    assert_eq!(load(&[("ENDURING_PORTALS", portals)], &[]).unwrap().portals.len(), 1);
}

#[test]
fn every_error_names_the_source_of_the_value() {
    let long = "0".repeat(65);
    let cases: &[(Settings, Settings, &str)] = &[
        (&[("ENDURING_LISTEN", "nowhere")], &[], "ENDURING_LISTEN"),
        (&[("ENDURING_DEMO", "maybe")], &[], "ENDURING_DEMO cannot be used: write true or false"),
        (&[("ENDURING_WORKERS", "-1")], &[], "ENDURING_WORKERS"),
        (&[("ENDURING_LISTN", "127.0.0.1:1")], &[], "ENDURING_LISTN is not a setting"),
        (&[], &[("content_listen", "x")], "--content-listen"),
        (&[], &[("listen", "0.0.0.0:80")], "url cannot be used: give the address at which browsers reach the server"),
        (&[], &[("listen", "0.0.0.0:80"), ("url", "http://cme.example.org")], "--no-demo"),
        (&[], &[("url", "https://cme.example.org")], "--no-demo"),
        (&[], &[("url", "http://localhost:1/")], "write scheme, host and port only"),
        (&[], &[("url", "http://127.0.0.1:1")], "its host name must differ"),
        (&[("ENDURING_PROVIDER_ID", &long)], &[], "provider.id"),
        (&[("ENDURING_PROVIDER_TIME_ZONE", "Mars/Base")], &[], "is not a time zone"),
        (&[("ENDURING_PROVIDER_LOCALE", "de-AT")], &[], "\"de-AT\" is not a supported locale; write en-US or en-GB"),
        (&[("ENDURING_XAPI_DEFAULT_VERSION", "1.1")], &[], "write 1.0.3 or 2.0.0"),
        (&[("ENDURING_PORTALS", r#"[{issuer="a",algorithm="HS256",key="short"}]"#)], &[], "shorter than 32 bytes"),
        (&[("ENDURING_PORTALS", r#"[{issuer="a",algorithm="none",key=""}]"#)], &[], "not one of HS256"),
        (
            &[("ENDURING_PORTALS", r#"[{issuer="api",algorithm="HS256",key=""}]"#)],
            &[],
            "choose another name for the portal",
        ),
        (
            &[("ENDURING_PORTALS", r#"[{issuer="demo",algorithm="HS256",key=""}]"#)],
            &[],
            "choose another name for the portal",
        ),
        (&[("ENDURING_CORS_ORIGINS", r#"["*"]"#)], &[], "cors.origins cannot be used: write scheme, host and port"),
        (&[("ENDURING_CORS_ORIGINS", r#"["https://a.example/"]"#)], &[], "cors.origins"),
        (&[("ENDURING_CORS_ORIGINS", r#"["https://A.example"]"#)], &[], "in lower case"),
        (&[("ENDURING_CORS_ORIGINS", r#"["null"]"#)], &[], "cors.origins"),
        (&[("ENDURING_LIMITS_ADDRESS_HEADER", "not a header")], &[], "not a header name"),
        (&[("ENDURING_LIMITS_BURST", "5")], &[], "limits.requests_per_second too"),
        (&[("ENDURING_LIMITS_BODY_BYTES", "100")], &[], "at least 1024"),
        (&[("ENDURING_LIMITS_STATEMENTS_PER_BATCH", "0")], &[], "at least 1"),
        (&[("ENDURING_CONFIG", "/no/such/file")], &[], "/no/such/file cannot be read"),
    ];
    for (environment, flags, expected) in cases {
        let refusal = load(environment, flags).unwrap_err();
        assert!(refusal.contains(expected), "{refusal:?} should say {expected:?}");
    }
}

#[test]
fn the_url_of_the_store_can_be_in_a_separate_file() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("store");
    let path = file.to_str().unwrap();
    let from_file = || load(&[("ENDURING_STORE_FILE", path)], &[]);
    std::fs::write(&file, "mongodb://u:secret@h/db\n").unwrap();
    assert_eq!(from_file().unwrap().store, "mongodb://u:secret@h/db");
    assert_eq!(load(&[], &[("store_file", path)]).unwrap().store, "mongodb://u:secret@h/db");

    let both = load(&[("ENDURING_STORE_FILE", path)], &[("store", "./data")]).unwrap_err();
    assert!(both.contains("store_file cannot be used: store is set too"), "{both}");
    for (holds, reason) in [("\n", "it is empty"), ("mongodb://u:secret@h/db\nsecret", "more than one line")] {
        std::fs::write(&file, holds).unwrap();
        let refusal = from_file().unwrap_err();
        assert!(refusal.contains(path) && refusal.contains(reason) && !refusal.contains("secret"), "{refusal}");
    }
    std::fs::remove_file(&file).unwrap();
    let missing = from_file().unwrap_err();
    assert!(missing.contains(path) && missing.contains("No such file"), "{missing}");
}

#[test]
fn a_url_where_a_path_should_be_is_not_repeated() {
    for key in ["data", "store_file"] {
        let refusal = load(&[], &[(key, "mongodb://u:secret@h/db")]).unwrap_err();
        assert!(refusal.starts_with(key) && !refusal.contains("secret"), "{refusal}");
    }
}

#[test]
fn an_issuer_that_could_be_forged_or_could_pose_as_this_server_is_rejected() {
    let issuers = |text: &str, flags: Settings| load(&[("ENDURING_ISSUERS", text)], flags);
    let own = [("url", "https://cme.example.org"), ("demo", "false")];
    let good = r#"[{issuer = "https://id.example", scopes = ["all"]}]"#;
    let config = issuers(good, &own).unwrap();
    let issuer = &config.issuers[0];
    assert_eq!(issuer.algorithms, [Algorithm::RS256, Algorithm::ES256]);
    assert!(issuers(r#"[{issuer = "https://cme.example.org/realm", scopes = ["all"]}]"#, &own).is_ok());
    for (text, expected) in [
        (r#"[{issuer = "https://cme.example.org", scopes = ["all"]}]"#, "is this server itself"),
        (r#"[{issuer = "https://CME.example.org/", scopes = ["all"]}]"#, "is this server itself"),
        (r#"[{issuer = "http://id.example", scopes = ["all"]}]"#, "must be an address that begins with https://"),
        (r#"[{issuer = "id.example", scopes = ["all"]}]"#, "must be an address"),
        (r#"[{issuer = "http://localhost@evil.example", scopes = ["all"]}]"#, "must be an address"),
        (r#"[{issuer = "https://a.example", scopes = []}]"#, "issuers.scopes"),
        (r#"[{issuer = "https://a.example", scopes = ["everything"]}]"#, "unknown variant `everything`"),
        (r#"[{issuer = "https://a.example", scopes = ["all"], algorithms = []}]"#, "issuers.algorithms"),
        (r#"[{issuer = "https://a.example", scopes = ["all"], algorithms = ["HS256"]}]"#, "unknown variant `HS256`"),
        (r#"[{issuer = "https://a.example", scopes = ["all"], algorithms = ["none"]}]"#, "unknown variant `none`"),
        (
            r#"[{issuer = "https://a.example", scopes = ["all"], jwks_url = "http://a.example/keys"}]"#,
            "issuers.jwks_url",
        ),
        (
            r#"[{issuer = "https://a.example", scopes = ["all"]}, {issuer = "https://a.example", scopes = ["state"]}]"#,
            "listed twice",
        ),
    ] {
        let refusal = issuers(text, &own).unwrap_err();
        assert!(refusal.contains(expected), "{refusal:?} should say {expected:?}");
    }
    // The default address is this server's own, too.
    let refusal = issuers(r#"[{issuer = "http://localhost:8080", scopes = ["all"]}]"#, &[]).unwrap_err();
    assert!(refusal.contains("is this server itself"), "{refusal}");
}

#[test]
fn an_unknown_key_is_rejected_with_its_file() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("enduring.toml");
    std::fs::write(&file, "[provider]\nnam = \"x\"\n").unwrap();
    let refusal = Config::load(Some(&file), [], &[]).unwrap_err().to_string();
    assert!(refusal.contains("enduring.toml") && refusal.contains("nam"), "{refusal}");
}

#[test]
fn a_public_demonstration_must_be_requested() {
    let public = [("url", "https://cme.example.org"), ("content_url", "https://cme-content.example.net")];
    assert!(load(&[], &[public[0], public[1], ("demo", "true")]).is_ok_and(|config| config.demo));
    assert!(load(&[], &[public[0], public[1], ("demo", "false")]).is_ok_and(|config| !config.demo));
}

#[test]
fn evidence_is_kept_for_as_long_as_accreditors_may_ask_for_it() {
    assert_eq!(load(&[], &[]).unwrap().retention.years, 7);
    assert_eq!(load(&[("ENDURING_RETENTION_YEARS", "6")], &[]).unwrap().retention.years, 6);
    let refusal = load(&[("ENDURING_RETENTION_YEARS", "5")], &[]).unwrap_err();
    assert!(refusal.contains("retention.years") && refusal.contains("6 years"), "{refusal}");
}
