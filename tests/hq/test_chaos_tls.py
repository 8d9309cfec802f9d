"""Certificates that prove nothing, and addresses that are not safe."""

from __future__ import annotations

import json
import re
import ssl
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from core.errors import BrokenWorldError, RefusedError
from core.hq.database import Database, sqlite_url
from core.shop.enrolment import enrol
from core.sync import transport
from core.sync.transport import HttpTransport, checked_url
from tests.builders import WATER
from tests.cli import ROOT
from tests.head_office import HeadOffice
from tests.hq import chaos_faults as chaos
from tests.hq.chaos_proxy import ChaosProxy, Tunnel
from tests.hq.chaos_street import THOROUGH, Office, Till

# TLS.


@dataclass(frozen=True)
class Paper:
    """A certificate, its key, and the files of both."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey
    files: tuple[Path, Path]

    @property
    def context(self) -> ssl.SSLContext:
        """Who shows it."""
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        made.load_cert_chain(*self.files)
        return made


def paper(
    folder: Path, name: str, by: Paper | None = None, *, host: str = "localhost", days: tuple[int, int] = (-1, 30)
) -> Paper:
    """A certificate for a host, valid from one day to another from now; without somebody who signs it, his own."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now, public = datetime.now(UTC), key.public_key()
    signer, signed = (by.key, by.certificate.subject) if by else (key, subject)
    made = (
        x509.CertificateBuilder(signed, subject, public, x509.random_serial_number())
        .not_valid_before(now + timedelta(days=days[0]))
        .not_valid_after(now + timedelta(days=days[1]))
        .add_extension(x509.BasicConstraints(ca=by is None, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
        .sign(signer, hashes.SHA256())
    )
    files = (folder / f"{name}.pem", folder / f"{name}.key")
    files[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return Paper(made, key, files)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Paper:
    return paper(tmp_path_factory.mktemp("authority"), "authority")


@pytest.fixture
def trusted(authority: Paper, monkeypatch: pytest.MonkeyPatch) -> Paper:
    """The only authority that this machine believes."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.files[0]))
    monkeypatch.setenv("SSL_CERT_DIR", str(authority.files[0].parent / "none"))
    return authority


def unknown(folder: Path, authority: Paper) -> Paper:
    return paper(folder, "unknown", paper(folder, "another"))


PAPERS: dict[str, tuple[Callable[[Path, Paper], Paper], str]] = {
    "its own": (lambda folder, _: paper(folder, "own"), "self.signed"),
    "of an unknown authority": (unknown, "unable to get local issuer"),
    "for another host": (lambda folder, by: paper(folder, "else", by, host="example.com"), "mismatch"),
    "for a part of the host": (lambda folder, by: paper(folder, "part", by, host="*.localhost"), "mismatch"),
    "expired": (lambda folder, by: paper(folder, "old", by, days=(-9, -1)), "expired"),
    "not yet valid": (lambda folder, by: paper(folder, "new", by, days=(1, 9)), "not yet valid"),
    "signed by one that is no authority": (
        lambda folder, by: paper(folder, "leaf", paper(folder, "middle", by)),
        "unable to get local issuer",
    ),
}


def test_a_certificate_that_proves_nothing_is_refused(office, trusted, tmp_path):
    with office.till(tmp_path, enrolled=False) as till:
        for make, said in PAPERS.values():
            with ChaosProxy(office.head.address, make(tmp_path, trusted).context) as proxy:
                with pytest.raises(BrokenWorldError, match="hq_unreachable") as refused:
                    till.enrol(url=f"https://localhost:{proxy.port}")
                assert re.search(said, str(refused.value))
                assert not proxy.requests


def test_a_certificate_is_for_a_name_and_proves_no_other(office, trusted, tmp_path):
    with office.till(tmp_path, enrolled=False, tls=paper(tmp_path, "good", trusted).context) as till:
        with pytest.raises(BrokenWorldError, match="hq_unreachable"):
            till.enrol(url=f"https://127.0.0.1:{till.proxy.port}")
        with pytest.raises(BrokenWorldError, match="hq_unreachable"):
            till.enrol(url=f"http://localhost:{till.proxy.port}")
        assert not till.proxy.requests
        till.enrol(url=f"https://localhost:{till.proxy.port}")
        with closing(HttpTransport(till.known.url)) as way:
            safe = replace(till, way=way)
            safe.sell((WATER, 1))
            for fault in (chaos.lost, chaos.unanswered, chaos.answer_cut(200), chaos.answer_cut(10, rudely=True)):
                assert not safe.sync(fault).reached
            safe.settle()


def test_plain_words_are_not_taken_for_tls(till, monkeypatch):
    till.sell((WATER, 1))
    monkeypatch.setattr(transport, "CONNECT_SECONDS", 0.2)
    with closing(HttpTransport(till.proxy.address.replace("http:", "https:"))) as way:
        assert not replace(till, way=way).sync().reached
    assert not till.proxy.requests
    till.settle()


class SafeOffice(HeadOffice):
    """Head office with a certificate."""

    papers: tuple[Path, Path]

    def start(self) -> str:
        self.folder.mkdir(parents=True)
        with (self.folder / "serve.log").open("a") as log:
            self._process = subprocess.Popen(
                [
                    sys.executable, str(ROOT / "main.py"), "hq", "serve", "--listen", "127.0.0.1:0", "--json",
                    "--home", str(self.folder), "--tls-cert", str(self.papers[0]), "--tls-key", str(self.papers[1]),
                ],
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )  # fmt: skip
        assert self._process.stdout
        told = self._process.stdout.readline()
        assert told, (self.folder / "serve.log").read_text()[-2000:]
        self.address = json.loads(told)["address"]
        return self.address


def test_head_office_with_a_certificate(authority, monkeypatch, tmp_path):
    head = SafeOffice(tmp_path / "hq")
    head.papers = paper(tmp_path, "office", authority).files
    address = head.start()
    assert address.startswith("https://127.0.0.1:")
    port = int(address.rsplit(":", 1)[1])
    try:
        with ExitStack() as opened:
            db = opened.enter_context(closing(Database(sqlite_url(head.folder / "hq.db"))))
            tunnel = opened.enter_context(Tunnel(port))
            office = Office(head, db)
            till = opened.enter_context(office.till(tmp_path, enrolled=False))
            for url in (f"https://localhost:{port}", address, f"http://127.0.0.1:{port}"):
                with pytest.raises(BrokenWorldError, match="hq_unreachable"):
                    till.enrol(url=url)
            monkeypatch.setenv("SSL_CERT_FILE", str(authority.files[0]))
            with pytest.raises(BrokenWorldError, match="hq_unreachable"):
                till.enrol(url=address)
            till.enrol(url=f"https://localhost:{tunnel.port}")
            _cut_everywhere(replace(till, way=opened.enter_context(closing(HttpTransport(till.known.url)))), tunnel)
            monkeypatch.delenv("SSL_CERT_FILE")
            till.sell((WATER, 1))
            without = replace(till, way=opened.enter_context(closing(HttpTransport(till.known.url))))
            done = without.sync()
            assert (done.reached, done.waiting) == (False, 1)
    finally:
        head.stop()


def _cut_everywhere(till: Till, tunnel: Tunnel) -> None:
    """The connection ends after any number of bytes of TLS."""
    till.sell((WATER, 1))
    till.sync()
    for at in range(0, tunnel.carried + 200, 13 if THOROUGH else 131):
        till.sell((WATER, 1))
        tunnel.most = at
        till.sync()
    tunnel.most = None
    till.settle()


BAD_URLS = (
    "http://10.0.0.1", "http://example.com", "http://192.168.0.9:8765", "http://127.0.0.1.example.com",
    "http://localhost.example.com", "http://127.0.0.1@example.com", "http://example.com#@127.0.0.1", "http://0.0.0.0",
    "http://[::ffff:10.0.0.1]", "http://[fe80::1]", "http://127.1", "http://2130706433", "http://0x7f.1", "http://",
    "ftp://127.0.0.1", "file:///etc/passwd", "127.0.0.1:8765", "//127.0.0.1", "https://", "https://u:p@example.com",
    "https://example.com/path", "https://example.com?q", "https://example.com#f", "https://example.com:port",
    "https://example.com:99999", "https://[::1", "javascript:alert(1)", "", " ",
)  # fmt: skip


@pytest.mark.parametrize("url", BAD_URLS)
def test_what_is_not_safe_is_refused_before_anything_is_said(terminal, url):
    def never(_: str) -> HttpTransport:
        raise AssertionError("spoke")

    with pytest.raises(RefusedError, match="bad_hq_url"):
        checked_url(url)
    with pytest.raises(RefusedError, match="bad_hq_url"):
        enrol(terminal, url, "token", never)
