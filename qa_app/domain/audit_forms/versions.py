"""What makes one version of a form the same as another: its canonical JSON, and that text's hash."""

import hashlib
import json
from collections.abc import Callable

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


_KNOWN: dict[str, AuditForm] = {}
MOST_KNOWN = 500


def published_form(sha256: str, read_content: Callable[[], str]) -> AuditForm:
    """The form of a published version, read once in a process: a version never changes, so its hash is enough.

    `read_content` gives the version's JSON, and is called only when the form is not yet known.
    """
    if sha256 not in _KNOWN:
        if len(_KNOWN) >= MOST_KNOWN:
            _KNOWN.clear()
        _KNOWN[sha256] = form_from_json(read_content())
    return _KNOWN[sha256]
