"""HTTPS: the certificate made at the first start, an own one, and plain HTTP."""

import contextlib
import json
import os
import re
import shutil
import socket
import ssl
import subprocess

from engine import WORK
from installation import OVERRIDE, Browser, Installation, request, until


@contextlib.contextmanager
def scenario(lab):
    with Installation(lab.engine) as installation:
        installation.lab = lab
        installation.up()
        installation.set_up()
        yield installation


def shown():
    """The certificate that the server shows, as PEM."""
    return ssl.get_server_certificate(("localhost", 443))


def openssl(pem, *arguments):
    return subprocess.run(
        ["openssl", "x509", "-noout", *arguments], input=pem, capture_output=True, text=True,
        check=True,
    ).stdout


def pair(folder, *names, kind="DNS", is_authority=True):
    """A new certificate for some names, signed by itself, and its key."""
    folder.mkdir(parents=True, exist_ok=True)
    alternatives = ",".join(f"{kind}:{name}" for name in names)
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
         "-nodes", "-days", "30", "-subj", f"/CN={names[0]}",
         "-addext", f"subjectAltName={alternatives}",
         "-addext", f"basicConstraints=critical,CA:{str(is_authority).upper()}",
         "-keyout", folder / "localhost.key", "-out", folder / "localhost.crt"],
        capture_output=True, check=True,
    )
    (folder / "localhost.key").chmod(0o644)
    return (folder / "localhost.crt").read_text()


def seed_040_https_without_configuration(it):
    """HTTPS works without any configuration."""
    assert request("https://localhost/accounts/login/").status == 200


def seed_041_the_certificate_lasts_ten_years(it):
    """The generated certificate is valid for 3,650 days."""
    from_, until = re.findall(r"=(.*)", openssl(shown(), "-dates"))
    days = (ssl.cert_time_to_seconds(until) - ssl.cert_time_to_seconds(from_)) / 86400
    assert 3650 <= days < 3651, days


def seed_042_the_subject(it):
    """The subject has the known fields, and the container's name as CN."""
    host = it.shell("hostname").strip()
    subject = openssl(shown(), "-subject", "-nameopt", "multiline")
    fields = dict(re.findall(r"^\s*(\w+)\s*= (.*)$", subject, re.M))
    assert fields == {
        "countryName": "BG", "localityName": "Sofia", "organizationName": "Kiwi TCMS",
        "organizationalUnitName": "Quality Engineering", "commonName": host,
    }, fields
    assert re.fullmatch(r"[0-9a-f]{12}", host), host


def authority():
    return request("https://localhost/static/ca.crt")


def seed_043_the_authority_can_be_fetched(it):
    """/static/ca.crt is the authority of the certificate, for everybody on every host."""
    for host in ("localhost", "tcms.example.com"):
        reply = request(f"https://{host}/static/ca.crt", address="127.0.0.1")
        assert reply.status == 200, reply.status
        assert reply.headers["content-type"] == "application/x-x509-ca-cert"
    file, certificate = WORK / "ca.crt", WORK / "shown.crt"
    file.write_text(authority().text)
    certificate.write_text(shown())
    done = subprocess.run(
        ["openssl", "verify", "-CAfile", file, certificate], capture_output=True, text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def seed_044_clients_accept_it_with_the_authority(it):
    """A client that trusts the authority accepts the certificate for localhost."""
    context = ssl.create_default_context(cadata=authority().text)
    assert request("https://localhost/accounts/login/", context=context).status == 200


def seed_045_an_own_certificate(it):
    """A replaced pair in /Kiwi/ssl is used for new connections without a restart."""
    expected = pair(WORK / "own", "localhost")
    for name in ("localhost.key", "localhost.crt"):
        it.engine.run("cp", str(WORK / "own" / name), f"kiwi_web:/Kiwi/ssl/{name}")
    until(lambda: shown() == expected, lambda: it.logs()[-2000:])
    state = it.engine.run("inspect", "-f", "{{.RestartCount}}", "kiwi_web").stdout
    assert state.strip() == "0"


def seed_046_a_mounted_directory(it):
    """An own directory can be mounted at /Kiwi/ssl, read-only too."""
    folder = it.directory / "ssl"
    expected = pair(folder, "tcms.example.com")
    overlay(it, volumes=["./ssl:/Kiwi/ssl:ro"])
    assert shown() == expected


def overlay(it, volumes=(), environment=None):
    """Starts the web container anew with further volumes and variables."""
    lines = ["services:", "  web:"]
    if volumes:
        lines += ["    volumes:", *[f"      - {volume}" for volume in volumes]]
    if environment:
        lines += ["    environment:", *[f"      {k}: \"{v}\"" for k, v in environment.items()]]
    (it.directory / OVERRIDE).write_text("\n".join(lines) + "\n")
    it.compose("up", "-d")
    it.wait()


def seed_051_plain_http_is_redirected(it):
    """http://localhost/ answers 301 to HTTPS."""
    reply = request("http://localhost/plan/1/?x=y")
    assert reply.status == 301 and "301 Moved Permanently" in reply.text
    assert reply.headers["location"] == "https://localhost/plan/1/?x=y"
    assert not reply.all("set-cookie")


def seed_053_the_variable_in_the_compose_file(it):
    """KIWI_DONT_ENFORCE_HTTPS: "true" in the compose file is understood."""
    overlay(it, environment={"KIWI_DONT_ENFORCE_HTTPS": "true"})
    assert request("http://localhost/accounts/login/").status == 200


def seed_052_the_redirect_can_be_switched_off(it):
    """With KIWI_DONT_ENFORCE_HTTPS plain HTTP serves the application, and one can log in."""
    page = Browser("http://localhost/").log_in("anna")
    assert page.status == 200 and "/accounts/login/" not in page.headers.get("location", "")
    assert request("https://localhost/accounts/login/").status == 200


def seed_055_insecure_http_is_warned_of(it):
    """Serving plain HTTP is remarked in the log and on every insecure page."""
    assert "insecure_http_enabled" in it.logs()
    page = Browser("http://localhost/").log_in("anna")
    assert "You are not using a secure connection" in page.text


def seed_054_the_variable_of_docker_run(it):
    """`docker run -e KIWI_DONT_ENFORCE_HTTPS=true` is understood."""
    network = it.engine.run(
        "inspect", "-f", "{{range $k, $v := .NetworkSettings.Networks}}{{$k}}{{end}}", "kiwi_db"
    ).stdout.strip()
    it.engine.run(
        "run", "-d", "--name=kiwi_run", f"--network={network}", "--publish=127.0.0.1:8079:8080",
        "-e", "KIWI_DONT_ENFORCE_HTTPS=true", "-e", "KIWI_DB_HOST=db", "-e",
        "KIWI_DB_PASSWORD=kiwi", it.lab.image,
    )
    try:
        def answers():
            with contextlib.suppress(OSError):
                return request("http://localhost:8079/accounts/login/").status == 200

        until(answers, lambda: it.logs("kiwi_run"))
    finally:
        it.engine.run("rm", "-f", "-v", "kiwi_run", check=False)


def seed_047_making_an_own_certificate(it):
    """`manage.py certificate self-signed` makes a pair for given names."""
    (it.directory / OVERRIDE).unlink()
    it.compose("up", "-d")
    it.wait()
    before = shown()
    it.manage("certificate", "self-signed", "--name", "tests.example.org", "--days", "820")
    until(lambda: shown() != before, lambda: it.logs()[-2000:])
    assert "tests.example.org" in openssl(shown(), "-ext", "subjectAltName")


def seed_056_plain_http_is_no_way_to_live(it):
    """A certificate is fetched from an authority that speaks ACME, by the server itself."""
    gateway = it.engine.run(
        "inspect", "-f", "{{range .NetworkSettings.Networks}}{{.Gateway}}{{end}}", "kiwi_web"
    ).stdout.strip()
    folder = WORK / "authority"
    pair(folder, gateway, kind="IP", is_authority=False)
    (folder / "pebble.json").write_text(json.dumps({"pebble": {
        "listenAddress": f"{gateway}:14000", "managementListenAddress": "127.0.0.1:15000",
        "certificate": str(folder / "localhost.crt"), "privateKey": str(folder / "localhost.key"),
        "httpPort": 80, "tlsPort": 443, "ocspResponderURL": "",
        "externalAccountBindingRequired": False,
    }}))
    shutil.copy(folder / "localhost.crt", it.directory / "authority.crt")
    environment = dict(os.environ, PEBBLE_VA_NOSLEEP="1")
    names = ["pebble-challtestsrv", "-dns01", "127.0.0.1:8053", "-management", "127.0.0.1:8055",
             "-defaultIPv4", "127.0.0.1", "-defaultIPv6", "",
             "-http01", "", "-https01", "", "-tlsalpn01", ""]
    asking = ["pebble", "-config", str(folder / "pebble.json"), "-dnsserver", "127.0.0.1:8053"]
    with contextlib.ExitStack() as running:
        for command in (names, asking):
            process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL,
                                       stderr=subprocess.DEVNULL)
            running.callback(process.wait)
            running.callback(process.kill)
        overlay(it, volumes=["./authority.crt:/Kiwi/secrets/authority.crt:ro"], environment={
            "KIWI_ACME": "true", "KIWI_ACME_AGREE_TOS": "true",
            "KIWI_ACME_DIRECTORY": f"https://{gateway}:14000/dir",
            "KIWI_ACME_CA_FILE": "/Kiwi/secrets/authority.crt",
        })
        it.manage("schedule", "run", "certificates")
        until(
            lambda: "Pebble" in openssl(shown_to("tests.example.com"), "-issuer"),
            lambda: it.logs()[-2000:],
        )
    assert "Pebble" not in openssl(shown_to("localhost"), "-issuer")
    return "from a real authority for tests, which asks on port 80"


def shown_to(host):
    """The certificate that a client of this host is shown, as PEM."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection(("127.0.0.1", 443), 10) as connection, \
            context.wrap_socket(connection, server_hostname=host) as secure:
        return ssl.DER_cert_to_PEM_cert(secure.getpeercert(binary_form=True))
