"""Reverse proxies that end TLS with a certificate of their own."""

import base64
import subprocess
import urllib.parse

from installation import PASSWORD, Browser, Installation, request, rpc
from suite.https import overlay

IMAGES = {"nginx:stable", "haproxy:lts"}
FORGED = {
    "X-Forwarded-For": "203.0.113.66",
    "X-Forwarded-Proto": "http",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Port": "1",
    "X-Real-IP": "203.0.113.66",
    "Forwarded": "for=203.0.113.66;host=evil.example;proto=http",
    "X-Request-Id": "forged-4711",
}


def behind(lab, kind, config, **environment):
    """An installation behind a proxy with a wildcard certificate."""
    it = Installation(lab.engine, f"docker-compose.{kind}.yml", extra=[config], **environment)
    folder = it.directory / "certificates"
    folder.mkdir()
    key, certificate = folder / "proxy.key", folder / "proxy.crt"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
         "-nodes", "-days", "30", "-subj", "/CN=*.example.com",
         "-addext", "subjectAltName=DNS:*.example.com,DNS:localhost",
         "-keyout", key, "-out", certificate], capture_output=True, check=True,
    )
    if kind != "nginx":
        (folder / "proxy.pem").write_text(certificate.read_text() + key.read_text())
        key.unlink()
        certificate.unlink()
        (folder / "proxy.pem").chmod(0o644)
    else:
        key.chmod(0o644)
    return it


def check(it):
    """What a user does, through the proxy."""
    it.up()
    it.set_up(domain="tests.example.com")
    import ssl
    import socket
    context = ssl._create_unverified_context()
    with socket.create_connection(("127.0.0.1", 443)) as raw, \
            context.wrap_socket(raw, server_hostname="tests.example.com") as tls:
        shown = ssl.DER_cert_to_PEM_cert(tls.getpeercert(True))
    ours = (it.directory / "certificates").glob("proxy.[cp][re][tm]")
    assert shown in next(ours).read_text(), "the proxy does not show its own certificate"
    for host in ("tests.example.com", "TESTS.example.com"):
        reply = request(f"http://{host}/plan/1/", address="127.0.0.1")
        assert reply.status == 301, reply.status
        assert reply.headers["location"].lower() == "https://tests.example.com/plan/1/"
    browser = Browser("https://tests.example.com/", address="127.0.0.1")
    page = browser.log_in("anna")
    assert page.status == 200 and "/accounts/login/" not in browser.url, browser.url
    assert browser.url.startswith("https://tests.example.com/"), browser.url
    assert rpc(browser, "Auth.login", "anna", PASSWORD)
    assert rpc(browser, "KiwiTCMS.version")
    # neither files of people nor those of the pages change on their way
    content = b"plain, whatever it is called"
    file = rpc(browser, "User.add_attachment", "page.html", base64.b64encode(content).decode())
    url = urllib.parse.urljoin("https://tests.example.com/", file["url"])
    reply = request(url, address="127.0.0.1")
    assert reply.status == 200 and reply.body == content, (reply.status, reply.text[:200])
    assert reply.all("content-type") == ["text/plain"], reply.headers
    reply = request("https://tests.example.com/static/images/favicon.svg", address="127.0.0.1")
    assert reply.status == 200 and len(reply.all("etag")) == 1, reply.headers
    assert not reply.all("cache-control"), reply.headers
    reply = request("https://tests.example.com/accounts/login/", address="127.0.0.1")
    for name in ("content-type", "x-frame-options", "x-content-type-options",
                 "content-security-policy"):
        assert len(reply.all(name)) == 1, (name, reply.all(name))
    return reply


def opa_050_opa_031_opa_033_seed_048_seed_049_nginx(lab):
    """The shape of nginx: Host and X-Real-IP passed on, 8080 redirects, 8443 goes to 8443."""
    with behind(lab, "nginx", "nginx.conf") as it:
        check(it)
        # as large as a file that is sent by the API
        big = request("https://tests.example.com/json-rpc/", "POST",
                      {"Content-Type": "application/json"}, b" " * 7_000_000 + b"{}", "127.0.0.1")
        assert big.status != 413, big.status
        before = len(it.logs())
        request("https://tests.example.com/accounts/login/", headers=FORGED, address="127.0.0.1")
        assert "203.0.113.66" not in it.logs()[before:]


def opa_050_nginx_on_another_port(lab):
    """Behind nginx on another port people log in, and stay on host and port."""
    ports = {"KIWI_HTTP_PORT": "8088", "KIWI_HTTPS_PORT": "8444"}
    with behind(lab, "nginx", "nginx.conf", **ports) as it:
        it.up()
        it.set_up(domain="tests.example.com:8444")
        browser = Browser("https://tests.example.com:8444/", address="127.0.0.1")
        page = browser.log_in("anna")
        assert page.status == 200 and browser.url == "https://tests.example.com:8444/", browser.url
        assert rpc(browser, "KiwiTCMS.version")


def opa_051_seed_048_seed_050_haproxy(lab):
    """The shape of HAProxy: X-Forwarded-Proto set and added, HSTS added once, hosts without regard to case."""
    with behind(lab, "haproxy", "haproxy.cfg") as it:
        reply = check(it)
        assert reply.all("strict-transport-security") == ["max-age=15768000"]
        assert reply.all("x-xss-protection") == ["1; mode=block"]


def opa_053_forged_headers_change_nothing(lab):
    """X-Forwarded-*, Forwarded, X-Real-IP and X-Request-Id of anybody change nothing."""
    with Installation(lab.engine) as it:
        it.up()
        it.set_up()
        url = "https://tests.example.com/accounts/login/"
        plain = request(url, address="127.0.0.1")
        forged = request(url, headers=FORGED, address="127.0.0.1")
        assert plain.status == forged.status == 200
        assert "evil.example" not in forged.text + str(forged.headers)
        assert forged.headers["x-request-id"] != "forged-4711"
        for cookie in forged.all("set-cookie"):
            assert "secure" in cookie.lower(), cookie
        redirect = request("http://tests.example.com/", headers=FORGED, address="127.0.0.1")
        assert redirect.status == 301
        assert redirect.headers["location"] == "https://tests.example.com/"
        secure = dict(FORGED, **{"X-Forwarded-Proto": "https", "Forwarded": "proto=https"})
        assert request("http://localhost/", headers=secure).status == 301
        assert "203.0.113.66" not in it.logs() and "forged-4711" not in it.logs()


def opa_052_the_client_behind_a_trusted_proxy(lab):
    """With trust in the proxy, the client's address is the one that the proxy tells."""
    with behind(lab, "nginx", "nginx.conf") as it:
        overlay(it, environment={"KIWI_TRUSTED_PROXIES": "172.16.0.0/12,192.168.0.0/16"})
        request("https://tests.example.com/accounts/login/?seen", headers=FORGED,
                address="127.0.0.1")
        # the engine hands connections of the host on from the gateway of the network
        gateway = it.engine.run(
            "inspect", "-f", "{{range .NetworkSettings.Networks}}{{.Gateway}}{{end}}", "kiwi_web"
        ).stdout.strip()
        proxy = it.engine.run(
            "inspect", "-f", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}",
            "reverse_proxy",
        ).stdout.strip()
        lines = [line for line in it.logs().splitlines() if '"request"' in line]
        assert f'"client":"{gateway}"' in lines[-1] and proxy not in lines[-1], lines[-1]
        assert "203.0.113.66" not in "".join(lines)


def opa_052_plain_http_behind_a_trusted_proxy(lab):
    """A proxy that speaks plain HTTP to 8080 works with trust, without a loop; cookies are secure."""
    with behind(lab, "nginx", "nginx.conf") as it:
        config = it.directory / "nginx.conf"
        config.write_text(config.read_text().replace(
            "proxy_pass https://web:8443;",
            "proxy_set_header Host $http_host;\n"
            "        proxy_set_header X-Forwarded-Proto $scheme;\n"
            "        proxy_set_header Forwarded '';\n"
            "        proxy_set_header X-Forwarded-For $remote_addr;\n"
            "        proxy_pass http://web:8080;",
        ))
        overlay(it, environment={"KIWI_TRUSTED_PROXIES": "172.16.0.0/12,192.168.0.0/16"})
        it.set_up()
        browser = Browser("https://tests.example.com/", address="127.0.0.1")
        page = browser.log_in("anna")
        assert page.status == 200 and "/accounts/login/" not in browser.url, browser.url
        reply = request("https://tests.example.com/accounts/login/", address="127.0.0.1")
        assert all("; Secure" in cookie for cookie in reply.all("set-cookie")), reply.headers
