"""Debian's nginx with exactly the file of ``deploy/`` in front of a real service."""

from __future__ import annotations

import datetime
import os
import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.console.serve.scene import Server, bearer, serving, token

ROOT = Path(__file__).resolve().parents[3]
NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
NAME = "dispatch.example.org"
PASSWORD = "four quiet rivers meet"

pytestmark = pytest.mark.skipif(not NGINX, reason="nginx is not installed: apt install nginx-light")


def certificate(folder: Path) -> None:
    """Write a self-signed certificate as the file names it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name)
        .public_key(key.public_key()).serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    (folder / "fullchain.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "privkey.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )  # fmt: skip


def free_ports(count: int) -> list[int]:
    held = [socket.socket() for _ in range(count)]
    for one in held:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in held]
    for one in held:
        one.close()
    return ports


def configured(folder: Path, service: int, plain: int, tls: int) -> Path:
    """Write the file with its paths and ports replaced, inside the least nginx.conf there is."""
    text = (ROOT / "deploy" / "nginx.conf").read_text()
    for old, new in (
        ("/etc/ssl/answerable", str(folder)), ("/var/log/nginx", str(folder)),
        ("127.0.0.1:8110", f"127.0.0.1:{service}"),
        ("listen 80;", f"listen 127.0.0.1:{plain};"),
        ("listen 443 ssl", f"listen 127.0.0.1:{tls} ssl"),
    ):  # fmt: skip
        assert old in text, f"the file has no {old}"
        text = text.replace(old, new)
    text = re.sub(r"\n *listen \[::\].*", "", text)
    (folder / "answerable.conf").write_text(text)
    user = "user root;" if os.geteuid() == 0 else ""
    temps = " ".join(
        f"{kind}_temp_path {folder}/{kind};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    main = folder / "nginx.conf"
    main.write_text(
        f"{user} daemon off; pid {folder}/pid; error_log {folder}/main.log;\n"
        f"events {{ worker_connections 256; }}\nhttp {{ {temps} include answerable.conf; }}\n"
    )
    return main


@dataclass
class Site:
    """nginx in front of a service, as a browser sees it."""

    folder: Path
    server: Server
    tls: int
    plain: int
    token: str

    def browser(self, **more) -> httpx.Client:
        context = ssl.create_default_context(cafile=self.folder / "fullchain.pem")
        return httpx.Client(
            base_url=f"https://{NAME}:{self.tls}", verify=context, timeout=20, trust_env=False,
            transport=Near(context), **more,
        )  # fmt: skip


class Near(httpx.HTTPTransport):
    """Reaches every name on this machine, and proves the name by its certificate."""

    def __init__(self, context: ssl.SSLContext) -> None:
        super().__init__(verify=context, trust_env=False)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        extensions = request.extensions | {"sni_hostname": request.url.host}
        there = httpx.Request(
            request.method, request.url.copy_with(host="127.0.0.1"), headers=request.headers,
            stream=request.stream, extensions=extensions,
        )  # fmt: skip
        return super().handle_request(there)


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    certificate(folder)
    text = token(folder / "data", "call_taker")
    (folder / "serve.toml").write_text(
        f'behind_proxy = true\npublic_url = "https://{NAME}"\n[health]\n'
        "metrics_from_loopback = true\n"
    )
    with serving(folder, "--settings", str(folder / "serve.toml")) as server:
        proxy, plain, tls = in_front(folder, int(server.local.rsplit(":", 1)[1]))
        try:
            yield Site(folder, server, tls, plain, text)
        finally:
            proxy.terminate()
            proxy.wait(10)


def in_front(folder: Path, service: int) -> tuple[subprocess.Popen[bytes], int, int]:
    """Start nginx on two ports; on others where somebody took one of them in between."""
    for _ in range(5):
        plain, tls = free_ports(2)
        main = configured(folder, service, plain, tls)
        checked = subprocess.run([NGINX, "-t", "-c", main], capture_output=True, text=True)
        assert checked.returncode == 0, checked.stderr
        proxy = subprocess.Popen([NGINX, "-c", main], stderr=subprocess.DEVNULL)
        while proxy.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", tls)) == 0 and (folder / "pid").exists():
                    return proxy, plain, tls
            time.sleep(0.02)
    raise AssertionError((folder / "main.log").read_text())


def origin(site: Site) -> dict[str, str]:
    return {"origin": f"https://{NAME}:{site.tls}", "sec-fetch-site": "same-origin"}


def test_people_sign_in_by_https_with_a_cookie_that_only_this_host_has(site):
    path = next(line.split("/link/")[1] for line in site.server.said if "/link/" in line)
    with site.browser(headers=origin(site)) as browser:
        form = {"password": PASSWORD, "again": PASSWORD}
        answer = browser.post(f"/link/{path}", data=form)
        assert answer.status_code == 303, answer.text
        kept = answer.headers["set-cookie"]
        assert kept.startswith("__Host-answerable=")
        assert {"Secure", "HttpOnly", "SameSite=Strict", "Path=/"} <= set(kept.split("; "))
        assert browser.get("/account").status_code == 200
    with site.browser(headers=origin(site)) as browser:
        form = {"name": "administrator", "password": PASSWORD, "back": "/account"}
        answer = browser.post("/enter", data=form)
        assert answer.status_code == 303
        assert browser.get("/account").status_code == 200
        assert answer.headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"
        assert "nginx/" not in answer.headers["server"]
        assert answer.headers["content-security-policy"]


def test_a_change_arrives_at_once(site):
    key = "ring-" + os.urandom(4).hex()
    with (
        site.browser(headers=bearer(site.token)) as follower,
        site.browser() as sender,
        follower.stream("GET", "/api/stream") as stream,
    ):
        lines = stream.iter_lines()
        assert next(lines).startswith("retry")
        began_s = time.monotonic()
        command = {"type": "intake.RingCall", "key": key, "line": "1"}
        answer = sender.post("/api/commands", json=command, headers=bearer(site.token))
        assert answer.status_code == 201
        assert any(key in line for line in lines)
        assert time.monotonic() - began_s < 2, "a buffer held it back"


def test_a_part_of_a_file_is_a_part_of_it(site):
    with site.browser() as browser:
        page = browser.get("/enter").text
        path = re.search(r'href="(/static/[^"]+\.css)"', page)[1]
        whole = browser.get(path)
        assert whole.status_code == 200
        assert int(whole.headers["content-length"]) > 100


def test_a_name_that_is_not_ours_is_served_nowhere(site):
    context = ssl.create_default_context(cafile=site.folder / "fullchain.pem")
    with pytest.raises(ssl.SSLError), socket.create_connection(("127.0.0.1", site.tls)) as line:
        context.wrap_socket(line, server_hostname="evil.example")
    with site.browser() as browser:
        answer = browser.get("/enter", headers={"host": "evil.example"})
        assert answer.status_code == 421
    told = httpx.get(f"{site.server.local}/enter", headers={"host": "evil.example"})
    assert told.status_code == 421


def test_what_a_browser_says_of_its_own_address_is_not_believed(site):
    lies = {"x-forwarded-for": "127.0.0.1", "forwarded": "for=127.0.0.1", "x-real-ip": "::1",
            "x-forwarded-proto": "http"}  # fmt: skip
    with site.browser() as browser:
        assert browser.get("/nowhere-at-all", headers=lies).status_code == 404
        assert browser.get("/health/ready", headers=lies).status_code == 404
        assert browser.get("/metrics", headers=lies).status_code == 404
    near = httpx.get(f"{site.server.local}/metrics", headers={"x-forwarded-for": "203.0.113.9"})
    assert near.status_code == 401, "passed on for another: not from here"
    assert httpx.get(f"{site.server.local}/metrics").status_code == 200


def test_an_address_that_is_not_a_trusted_proxy_cannot_speak_for_another(scene):
    """The same as above, seen from the server's side: uvicorn's reading of our settings."""
    from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

    from answerable.console.serve.run_serve import uvicorn_settings

    settings = scene(behind_proxy=True, proxies=("10.0.0.5",)).settings
    seen: list[tuple[str, str]] = []

    async def app(scope, receive, send):
        seen.append((scope["client"][0], scope["scheme"]))

    import asyncio

    trusting = ProxyHeadersMiddleware(app, uvicorn_settings(settings)["forwarded_allow_ips"])
    lies = [(b"x-forwarded-for", b"203.0.113.9"), (b"x-forwarded-proto", b"https")]
    for address in ("10.0.0.5", "10.0.0.6"):
        scope = {"type": "http", "client": (address, 1), "scheme": "http", "headers": lies}
        asyncio.run(trusting(scope, None, None))
    assert seen == [("203.0.113.9", "https"), ("10.0.0.6", "http")]


def test_plain_http_leads_people_to_https_and_programs_nowhere(site):
    answer = httpx.get(f"http://127.0.0.1:{site.plain}/enter?back=/units", headers={"host": NAME})
    assert answer.status_code == 308
    assert answer.headers["location"] == f"https://{NAME}/enter?back=/units"
    asked = httpx.post(f"http://127.0.0.1:{site.plain}/api/commands", headers={"host": NAME})
    assert asked.status_code == 403
    assert "location" not in asked.headers


def test_what_is_too_long_is_refused_at_the_proxy(site):
    with site.browser() as browser:
        assert browser.post("/api/commands", content=b"x" * 2_000_000).status_code == 413


def test_the_proxy_s_log_has_no_path_and_no_query(site):
    with site.browser() as browser:
        number = browser.get("/link/geheimes-wort?q=geheim").headers["x-request-id"]
    log = site.folder / "answerable.log"
    until_s = time.monotonic() + 5
    while number not in log.read_text() and time.monotonic() < until_s:
        time.sleep(0.05)
    text = log.read_text() + (site.folder / "answerable-error.log").read_text()
    assert number in text
    assert "geheim" not in text
    assert "/link" not in text


def test_guessing_is_slowed_down_at_the_proxy(site):
    with site.browser(headers=origin(site)) as browser:
        statuses = [browser.get("/link/wrong").status_code for _ in range(90)]
    assert statuses[0] == 404
    assert statuses[-1] == 429
