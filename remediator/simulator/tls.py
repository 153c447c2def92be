"""A certificate authority of a day, for https on loopback."""

import ssl
from pathlib import Path

import trustme


def server_context(ca_file: Path) -> ssl.SSLContext:
    """Make a certificate for localhost and write its authority to ``ca_file``."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost", "127.0.0.1", "::1").configure_cert(context)
    authority.cert_pem.write_to_path(str(ca_file))
    return context
