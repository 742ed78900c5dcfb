"""What makes one version of a form the same as another: its canonical JSON, and that text's hash."""

import hashlib
import json

from qa_app.domain.audit_forms.form import AuditForm


def canonical_json(form: AuditForm) -> str:
    """The form as one line of JSON: keys sorted, defaults left out, so that equal forms give equal text."""
    return json.dumps(form.to_data(), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def content_hash(form: AuditForm) -> str:
    """SHA-256 of the canonical JSON, in hexadecimal: the same content is the same version."""
    return hashlib.sha256(canonical_json(form).encode()).hexdigest()


def form_from_json(text: str) -> AuditForm:
    """The form that a published version holds."""
    return AuditForm.from_data(json.loads(text))
