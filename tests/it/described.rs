//! Answers against the published description of the interface (OpenAPI): each status and each body that a
//! story meets is one that the document tells of.

use serde_json::{Value, json};

/// An answer whose status and body the document describes.
pub struct Answer {
    pub status: u16,
    /// `Retry-After`, or empty.
    pub wait: String,
    pub body: String,
}

impl Answer {
    /// Reads an answer to that operation and compares it with the document.
    ///
    /// # Panics
    /// It is not described.
    pub async fn of(answer: reqwest::Response, method: &str, path: &str) -> Answer {
        let header = |name| {
            let value = answer.headers().get(name).and_then(|v| v.to_str().ok());
            value.unwrap_or_default().to_owned()
        };
        let (status, wait) = (answer.status().as_u16(), header("retry-after"));
        let kind = header("content-type");
        let kind = kind.split(';').next().unwrap_or_default().to_owned();
        let body = answer.text().await.unwrap();
        let api: Value = serde_json::from_str(tongcha_schema::OPENAPI).unwrap();
        let told = &api["paths"][path][method]["responses"][status.to_string()];
        assert!(
            told.is_object(),
            "{method} {path}: {status} is not described"
        );
        let described = &told["content"][&kind]["schema"];
        assert_eq!(
            described.is_null(),
            body.is_empty(),
            "{path} {status} {kind}: {body}"
        );
        assert_eq!(
            told["headers"].is_null(),
            wait.is_empty(),
            "{path} {status}"
        );
        if kind == "application/json" {
            let whole = json!({"allOf": [described], "components": api["components"]});
            let schema = jsonschema::validator_for(&whole).unwrap();
            let value: Value = serde_json::from_str(&body).unwrap();
            if let Err(error) = schema.validate(&value) {
                panic!(
                    "{path} {status}: {error} at {}: {body}",
                    error.instance_path
                );
            }
        }
        Answer { status, wait, body }
    }

    /// The body as what it means to be.
    pub fn json<T: serde::de::DeserializeOwned>(&self) -> T {
        serde_json::from_str(&self.body).unwrap()
    }
}
