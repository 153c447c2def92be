"""A certificate authority for one run, for https on loopback."""

import ssl
from pathlib import Path


def server_context(ca_file: Path) -> ssl.SSLContext:
    """Make a certificate for localhost, and write its authority's to ``ca_file``."""
    import trustme  # brings all of cryptography with it, which plain http has no use for

    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost", "127.0.0.1", "::1").configure_cert(context)
    authority.cert_pem.write_to_path(str(ca_file))
    return context
