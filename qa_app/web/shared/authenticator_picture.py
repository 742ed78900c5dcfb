"""The square picture that an authenticator app reads."""

from io import BytesIO

from qa_app.domain.second_factor import authenticator_address
from qa_app.web.shared.page_furniture import PRODUCT_NAME


def picture_of(secret: str, account: str, site_name: str) -> bytes:
    """The picture for a secret, as SVG without anything inline that our policy forbids."""
    import segno

    issuer = f"{PRODUCT_NAME} {site_name}".strip().replace(":", " ")
    kept = BytesIO()
    code = segno.make(authenticator_address(secret, account=account, issuer=issuer), error="m", micro=False)
    code.save(kept, kind="svg", scale=5, border=4, light="white", svgclass=None, lineclass=None)
    return kept.getvalue()
