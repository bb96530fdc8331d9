//! Who has a session: one-time tokens, and the sessions that they open. Refuses to keep a token or a session's
//! secret as such: both are compared by digest.

use axum::http::{HeaderMap, header};
use sha2::{Digest, Sha256};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tongcha_hub::core::Core;
use tongcha_hub::entry;

/// A session ends so long after its entry, whatever happens in it: a working day with its evening.
const LONGEST: Duration = Duration::from_secs(12 * 3600);
/// A session ends when nothing was asked in it for so long. An open page that updates itself asks.
const IDLE: Duration = Duration::from_secs(3600);
/// Sessions at once; the oldest goes when another begins.
const SESSIONS: usize = 32;

/// The one-time token printed at the start, and the secret from which sessions are made. Both come from 32 random
/// bytes that are handed in; neither tells the other.
pub struct Token {
    text: String,
    secret: [u8; 32],
    cookie: String,
}

impl Token {
    /// A token from 32 random bytes.
    pub fn new(secret: &[u8; 32]) -> Token {
        Token {
            text: part("tongcha token", secret, "", 16),
            secret: *secret,
            // Cookies know no port: two hubs on one machine must not overwrite each other's.
            cookie: format!("tongcha_{}", part("tongcha cookie", secret, "", 4)),
        }
    }

    /// What is printed at start: 32 hexadecimal digits.
    pub fn text(&self) -> &str {
        &self.text
    }
}

fn part(label: &str, secret: &[u8; 32], of: &str, bytes: usize) -> String {
    let digest = Sha256::new()
        .chain_update(label)
        .chain_update(secret)
        .chain_update(of)
        .finalize();
    tongcha_schema::digest::hex(&digest[..bytes])
}

fn digest(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

/// Compares without telling by its time where two texts differ.
fn same(a: &[u8; 32], b: &[u8; 32]) -> bool {
    a.iter().zip(b).fold(0, |sum, (x, y)| sum | (x ^ y)) == 0
}

struct Session {
    digest: [u8; 32],
    began: Instant,
    asked: Instant,
}

impl Session {
    fn is_over(&self, now: Instant) -> bool {
        now - self.began >= LONGEST || now - self.asked >= IDLE
    }
}

/// Keeps the token, whether it was used, and the sessions.
pub(crate) struct Sessions {
    token: Token,
    used: AtomicBool,
    sessions: Mutex<Vec<Session>>,
}

/// What a token came to.
pub(crate) enum Login {
    /// The cookie of a new session.
    Open(String),
    Wrong,
    Used,
}

impl Sessions {
    pub(crate) fn new(token: Token) -> Sessions {
        Sessions {
            token,
            used: AtomicBool::new(false),
            sessions: Mutex::default(),
        }
    }

    /// Opens a session by the token of the start, or by one that was asked for since.
    pub(crate) async fn enter(&self, core: &Core, text: &str) -> Login {
        if same(&digest(text), &digest(&self.token.text)) {
            if self.used.swap(true, Ordering::SeqCst) {
                return Login::Used;
            }
            return Login::Open(self.begin(text, Instant::now()));
        }
        match entry::take(&core.store, text, core.clock.now()).await {
            Ok(true) => Login::Open(self.begin(text, Instant::now())),
            Ok(false) => Login::Wrong,
            Err(error) => {
                tracing::error!(%error, "a token could not be looked up");
                Login::Wrong
            }
        }
    }

    fn begin(&self, token: &str, now: Instant) -> String {
        let secret = part("tongcha session", &self.token.secret, token, 32);
        let mut sessions = self.sessions(now);
        if sessions.len() >= SESSIONS {
            sessions.remove(0);
        }
        sessions.push(Session {
            digest: digest(&secret),
            began: now,
            asked: now,
        });
        format!(
            "{}={secret}; Path=/; Max-Age={}; HttpOnly; SameSite=Strict",
            self.token.cookie,
            LONGEST.as_secs()
        )
    }

    /// The sessions that are not over.
    fn sessions(&self, now: Instant) -> MutexGuard<'_, Vec<Session>> {
        let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        sessions.retain(|session| !session.is_over(now));
        sessions
    }

    /// Whether a request belongs to a session.
    pub(crate) fn knows(&self, headers: &HeaderMap) -> bool {
        self.knows_at(headers, Instant::now())
    }

    fn knows_at(&self, headers: &HeaderMap, now: Instant) -> bool {
        let Some(value) = cookie(headers, &self.token.cookie) else {
            return false;
        };
        let given = digest(value);
        let mut sessions = self.sessions(now);
        let found = sessions.iter_mut().find(|s| same(&s.digest, &given));
        found.map(|session| session.asked = now).is_some()
    }

    /// Ends the session of a request.
    pub(crate) fn leave(&self, headers: &HeaderMap) {
        if let Some(value) = cookie(headers, &self.token.cookie) {
            let given = digest(value);
            self.sessions(Instant::now())
                .retain(|session| !same(&session.digest, &given));
        }
    }

    /// What takes the cookie away.
    pub(crate) fn no_cookie(&self) -> String {
        format!(
            "{}=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict",
            self.token.cookie
        )
    }
}

/// The value of a cookie.
pub(crate) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed step is the test's failure")]
mod tests {
    use super::*;

    fn asking(cookie: &str) -> HeaderMap {
        let pair = cookie.split(';').next().unwrap();
        HeaderMap::from_iter([(header::COOKIE, pair.parse().unwrap())])
    }

    #[test]
    fn a_session_ends_when_nothing_is_asked_or_the_day_is_over() {
        let (sessions, start) = (Sessions::new(Token::new(&[7; 32])), Instant::now());
        let (first, other) = (
            asking(&sessions.begin("a", start)),
            asking(&sessions.begin("b", start)),
        );
        let almost = IDLE - Duration::from_secs(1);
        assert!(sessions.knows_at(&first, start + almost));
        assert!(sessions.knows_at(&first, start + IDLE));
        assert!(
            !sessions.knows_at(&other, start + IDLE),
            "only what is used stays"
        );
        for hour in 2..=12 {
            let at = start + almost * hour;
            assert!(sessions.knows_at(&first, at), "{hour}");
        }
        assert!(
            !sessions.knows_at(&first, start + LONGEST),
            "no session outlives its day"
        );
    }

    #[test]
    fn who_leaves_is_out_and_others_stay() {
        let (sessions, now) = (Sessions::new(Token::new(&[7; 32])), Instant::now());
        let (first, other) = (
            asking(&sessions.begin("a", now)),
            asking(&sessions.begin("b", now)),
        );
        sessions.leave(&first);
        assert!(!sessions.knows(&first) && sessions.knows(&other));
        for n in 0..SESSIONS {
            sessions.begin(&n.to_string(), now);
        }
        assert!(
            !sessions.knows(&other),
            "the oldest goes when there are too many"
        );
    }

    #[test]
    fn a_token_tells_nothing_of_its_sessions() {
        let token = Token::new(&[7; 32]);
        assert_eq!(token.text().len(), 32);
        let text = token.text().to_owned();
        let session = Sessions::new(token).begin(&text, Instant::now());
        let other = Sessions::new(Token::new(&[8; 32])).begin(&text, Instant::now());
        assert!(!session.contains(&text) && session != other);
    }
}
