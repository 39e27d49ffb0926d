//! The authorities that signers of statements must lead to, from the file that the configuration names.

use crate::config::Config;
use crate::service::OpenError;
use std::sync::Arc;
use xapi::trust::Anchors;

/// The authorities; none if the configuration names no file.
pub(in crate::service) fn anchors(config: &Config) -> Result<Option<Arc<Anchors>>, OpenError> {
    let path = &config.xapi.trust_anchors;
    if path.as_os_str().is_empty() {
        return Ok(None);
    }
    let refused = |reason: String| OpenError::TrustAnchors { path: path.display().to_string(), reason };
    let pem = std::fs::read(path).map_err(|error| refused(error.to_string()))?;
    let anchors = Anchors::read(&pem).map_err(|error| refused(error.to_string()))?;
    Ok(Some(Arc::new(anchors)))
}
