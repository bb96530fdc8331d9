//! Tests of the settings: the shipped sample, every mistake at once, no secret in the file.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
#![expect(clippy::panic, reason = "a panic is a failed test")]

use super::*;
use std::fs;

const SAMPLE: &str = include_str!("../../../deploy/config/agent.toml");

/// A folder with everything that the sample names.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [
        ("node.key", NodeKey::from_bytes(&[1; 32]).to_pem()),
        ("seal.key", format!("{}=\n", "A".repeat(43))),
        ("push.token", "0123456789abcdef\n".to_owned()),
        (
            "db.url",
            "postgres://reader:x@127.0.0.1:5432/spxt\n".to_owned(),
        ),
        (
            "qz.url",
            "mysql://tongcha:x@127.0.0.1:3306/qianzhi\n".to_owned(),
        ),
    ] {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        close(&path, 0o600);
    }
    fs::create_dir(folder.path().join("exchange")).unwrap();
    folder
}

fn close(path: &Path, mode: u32) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }
}

fn read(text: &str, folder: &Path) -> Result<Settings, Vec<Mistake>> {
    let around = Surroundings {
        base: folder,
        env: &|name| (name == "SEAL").then(|| format!("{}=", "A".repeat(43))),
    };
    Settings::read(text, &around)
}

/// The sample with its absolute paths led into the folder.
fn sample(folder: &Path) -> String {
    let here = folder.display().to_string();
    SAMPLE
        .replace("/etc/tongcha", &here)
        .replace("/var/lib/tongcha", &here)
        .replace("/srv", &here)
}

#[test]
fn a_unit_reads_its_own_copy_of_a_secret() {
    let folder = folder();
    let handed = tempfile::tempdir().unwrap();
    let other = NodeKey::from_bytes(&[7; 32]);
    let copy = handed.path().join("node.key");
    fs::write(&copy, other.to_pem()).unwrap();
    close(&copy, 0o400);
    // Under the unit the file itself may not be readable at all.
    fs::remove_file(folder.path().join("node.key")).unwrap();
    let credentials = handed.path().display().to_string();
    let around = Surroundings {
        base: folder.path(),
        env: &|name| (name == "CREDENTIALS_DIRECTORY").then(|| credentials.clone()),
    };
    let settings = Settings::read(&sample(folder.path()), &around);
    let settings = settings.map_err(|m| m[0].to_string()).unwrap();
    assert_eq!(settings.key.public(), other.public());
}

#[test]
fn a_password_with_signs_of_an_address_is_told_and_not_shown() {
    let folder = folder();
    for password in ["p@ss", "a#b", "a/b", "a?b"] {
        let url = folder.path().join("db.url");
        fs::write(
            &url,
            format!("postgres://reader:{password}@127.0.0.1:5432/spxt\n"),
        )
        .unwrap();
        let mistakes = read(&sample(folder.path()), folder.path()).err().unwrap();
        assert!(!mistakes.is_empty(), "{password}");
        for mistake in &mistakes {
            let told = mistake.to_string();
            assert!(
                told.contains("tongcha keys url") && !told.contains(password),
                "{told}"
            );
        }
    }
}

#[test]
fn a_line_that_cannot_be_read_is_named_and_not_shown() {
    let folder = folder();
    let text = "[node]\nname = \"431321/a\"\nurl = \"postgres://o:SECRET@h/d\n";
    let told = read(text, folder.path()).err().unwrap()[0].to_string();
    assert!(told.contains("第3行") && told.contains("line 3"), "{told}");
    assert!(!told.contains("SECRET"), "{told}");
}

#[test]
fn the_shipped_sample_is_read() {
    let folder = folder();
    let settings = match read(&sample(folder.path()), folder.path()) {
        Ok(settings) => settings,
        Err(mistakes) => panic!("{}", mistakes[0]),
    };
    let names: Vec<&str> = settings.sources.iter().map(SourceSettings::name).collect();
    assert_eq!(names, ["chuangkou", "guotu", "qianzhi", "yewu", "tuisong"]);
    assert_eq!(settings.node, "431321/zwzx");
    assert_eq!(settings.keep, Duration::days(30));
    let SourceSettings::DbTable(table) = &settings.sources[1] else {
        panic!("the second source is a table");
    };
    assert_eq!(table.watermark, "gxsj");
    assert_eq!(table.zone, CHINA);
    let SourceSettings::FlagTable(flags) = &settings.sources[2] else {
        panic!("the third source is a table with a flag");
    };
    assert_eq!((&*flags.flag, &*flags.taken), ("REC_FLAG", "1"));
    assert_eq!(flags.answered_at.as_deref(), Some("RESPONSETIME"));
    assert_eq!(flags.answer, None);
    let SourceSettings::ChangeTable(changes) = &settings.sources[3] else {
        panic!("the fourth source is a table with triggers");
    };
    assert_eq!(changes.changes, "spxt.tongcha_change_t_bjxx");
}

#[test]
fn a_table_is_read_by_its_watermark_or_by_its_flag() {
    let folder = folder();
    let both =
        sample(folder.path()).replace("flag = \"REC_FLAG\"", "flag = \"F\"\nwatermark = \"w\"");
    let again = sample(folder.path()).replace("taken = \"1\"", "taken = \"0\"");
    let neither = sample(folder.path()).replace("watermark = \"gxsj\"", "");
    for (text, places) in [
        (both, vec!["source[3].watermark"]),
        (again, vec!["source[3].taken"]),
        (neither, vec!["source[2].watermark"]),
    ] {
        let mistakes = read(&text, folder.path()).err().unwrap();
        let found: Vec<&str> = mistakes.iter().map(|m| m.at.as_str()).collect();
        assert_eq!(found, places);
    }
}

#[test]
fn all_mistakes_are_told_at_once_with_hints() {
    let folder = folder();
    close(&folder.path().join("node.key"), 0o644);
    let text = r#"
        pause_seconds = 0
        [node]
        name = "ZWZX"
        org = "12441500196720244X"
        key_file = "node.key"
        [hub]
        name = "431321/hub"
        url = "hub.example"
        [outbox]
        file = "outbox.db"
        seal = "secret"
        seal_env = "NONE"
        kepp_days = 3
        [[source]]
        name = "a"
        kind = "xml_dir"
        dir = "nowhere"
        [[source]]
        name = "b"
        kind = "ftp"
        [[source]]
        name = "c"
        kind = "http_push"
        listen = "here"
        token_env = "SEAL"
    "#;
    let mistakes = read(text, folder.path()).err().unwrap();
    let places: Vec<&str> = mistakes.iter().map(|m| m.at.as_str()).collect();
    assert_eq!(
        places,
        [
            "node.name",
            "node.org",
            "node.key_file",
            "hub.url",
            "outbox.seal",
            "outbox.seal_env",
            "outbox.kepp_days",
            "pause_seconds",
            "source[1].dir",
            "source[2].kind",
            "source[3].listen",
        ]
    );
    for mistake in &mistakes {
        let texts = [&mistake.what, &mistake.hint];
        assert!(
            texts.iter().all(|t| !t.0.is_empty() && !t.1.is_empty()),
            "{mistake}"
        );
    }
    assert!(mistakes[6].hint.1.contains("keep_days"), "{}", mistakes[6]);
    let told = mistakes.iter().map(ToString::to_string).collect::<String>();
    assert!(!told.contains("secret\""), "a secret is shown");
}

#[test]
fn a_marker_is_a_full_stop_and_letters() {
    let folder = folder();
    let with = |marker: &str| {
        let line = format!("marker = \"{marker}\"");
        let text = sample(folder.path()).replace("# marker = \".ok\"", &line);
        assert!(text.contains(&line));
        read(&text, folder.path())
    };
    let SourceSettings::XmlDir(config) = &with(".done").ok().unwrap().sources[0] else {
        panic!("the first source of the sample is a directory");
    };
    assert_eq!(config.marker.as_deref(), Some(".done"));
    for bad in ["ok", ".", "./ok", ".o k", ".abcdefghijklmnopqrstuvwxyz"] {
        let mistakes = with(bad).err().unwrap();
        let places: Vec<&str> = mistakes.iter().map(|m| m.at.as_str()).collect();
        assert_eq!(places, ["source[1].marker"], "{bad}");
    }
}

#[test]
fn an_empty_file_names_every_missing_section() {
    let folder = folder();
    let mistakes = read("", folder.path()).err().unwrap();
    let places: Vec<&str> = mistakes.iter().map(|m| m.at.as_str()).collect();
    assert_eq!(places, ["node", "hub", "outbox", "source"]);
    let mistakes = read("[node", folder.path()).err().unwrap();
    assert_eq!(mistakes.len(), 1);
}

#[test]
fn names_of_sources_are_their_own() {
    let folder = folder();
    let text = sample(folder.path()).replace("\"tuisong\"", "\"guotu\"");
    let mistakes = read(&text, folder.path()).err().unwrap();
    assert_eq!(mistakes.len(), 1);
    assert_eq!(mistakes[0].at, "source[5].name");
}

#[test]
fn odbc_is_a_table_where_the_build_has_it_and_never_a_trigger() {
    let folder = folder();
    let secret = folder.path().join("odbc.txt");
    fs::write(&secret, "Driver={x};PWD=hunter2;\n").unwrap();
    close(&secret, 0o600);
    let source = |kind: &str, more: &str| {
        let text = format!(
            "{}\n[[source]]\nname = \"odbc\"\nkind = \"{kind}\"\ndatabase = \"odbc\"\n\
             connection_file = \"odbc.txt\"\ntable = \"t\"\n{more}\n",
            sample(folder.path())
        );
        read(&text, folder.path())
    };
    let table = source("db_table", "watermark = \"gxsj\"");
    let trigger = source("db_trigger", "");
    let told =
        |mistakes: Vec<Mistake>| mistakes.iter().map(ToString::to_string).collect::<String>();
    if cfg!(feature = "source-odbc") {
        assert!(table.is_ok(), "{:?}", table.err().map(told));
        let text = told(trigger.err().unwrap());
        assert!(text.contains("no triggers over ODBC"), "{text}");
    } else {
        for answer in [table, trigger] {
            let text = told(answer.err().unwrap());
            assert!(text.contains("--features source-odbc"), "{text}");
            assert!(!text.contains("hunter2"), "{text}");
        }
    }
}

#[test]
fn the_hubs_key_for_secrecy_is_a_line_of_the_file() {
    use tongcha_schema::seal::{OpeningKey, Suite};
    let folder = folder();
    let with = |line: &str| {
        let text = sample(folder.path()).replace("[hub]\n", &format!("[hub]\n{line}\n"));
        read(&text, folder.path())
    };
    for suite in [Suite::Ed25519, Suite::Sm2] {
        let key = OpeningKey::of(suite, &[2; 32]).unwrap().recipient();
        let settings = with(&format!("secrecy_key = \"{}\"", key.text()))
            .ok()
            .unwrap();
        assert_eq!(settings.secrecy, Some(key));
    }
    let mistakes = with("secrecy_key = \"c2hvcnQ=\"").err().unwrap();
    assert_eq!(
        (mistakes.len(), mistakes[0].at.as_str()),
        (1, "hub.secrecy_key")
    );
}

#[test]
fn a_slow_line_has_hours_and_a_pace() {
    let folder = folder();
    let with = |line: &str| {
        let text = format!("{}\n[line]\n{line}\n", sample(folder.path()));
        read(&text, folder.path())
    };
    let good = with("hours = [\"18:00-08:00\"]\nmost_kib_per_second = 64")
        .ok()
        .unwrap();
    assert!(good.hours.is_some() && good.most_per_second == Some(64 << 10));
    let always = with("").ok().unwrap();
    assert!(always.hours.is_none() && always.most_per_second.is_none());
    let mistakes = with("hours = [\"18-8\"]\nspeed = 1").err().unwrap();
    let at: Vec<&str> = mistakes.iter().map(|m| m.at.as_str()).collect();
    assert_eq!(at, ["line.hours", "line.speed"]);
}
