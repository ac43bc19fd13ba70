"""Certificates for tests, made by the openssl program: good, expired, revoked ones, and those of strangers."""
import hashlib
import pathlib
import ssl
import subprocess

CONFIGURATION = """
[ca]
default_ca = own
[own]
database = {dir}/index.txt
new_certs_dir = {dir}
serial = {dir}/serial
crlnumber = {dir}/crlnumber
certificate = {certificate}
private_key = {key}
default_md = sha256
default_crl_days = 30
policy = any
x509_extensions = end_entity
unique_subject = no
[any]
commonName = supplied
[end_entity]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
"""


def openssl(*arguments):
    run = subprocess.run(["openssl", *map(str, arguments)], capture_output=True, text=True, check=False)
    if run.returncode != 0:
        raise RuntimeError(run.stderr)
    return run.stdout


def make_key(file, kind):
    if kind == "rsa":
        openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", file)
    else:
        openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", file)


class Credentials:
    """A certificate and its key, as files."""

    def __init__(self, certificate, key):
        self.certificate = str(certificate)
        self.key = str(key)

    @property
    def digest(self):
        """The SHA-256 by which the directory knows the certificate."""
        return digest_of(self.certificate)


def digest_of(certificate):
    pem = pathlib.Path(certificate).read_text()
    begin, end = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
    first = pem[pem.index(begin):pem.index(end) + len(end)]
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(first)).hexdigest()


def self_signed(directory, name="stranger", kind="ec"):
    """Of nobody this exchange knows."""
    directory = pathlib.Path(directory)
    key, certificate = directory / f"{name}-key.pem", directory / f"{name}.pem"
    make_key(key, kind)
    openssl("req", "-x509", "-new", "-key", key, "-subj", f"/CN={name}", "-days", "30", "-out", certificate)
    return Credentials(certificate, key)


class Issuer:
    """An authority that signs, with its certificate and key, what a test needs. Keeps its books in `directory`."""

    def __init__(self, certificate, key, directory):
        self.directory = pathlib.Path(directory)
        self._configuration = self.directory / "ca.cnf"
        self._configuration.write_text(CONFIGURATION.format(dir=self.directory, certificate=certificate, key=key))
        (self.directory / "index.txt").write_text("")
        (self.directory / "serial").write_text("70000001\n")
        (self.directory / "crlnumber").write_text("01\n")

    def issue(self, name, kind="ec", not_before=None, not_after="20360101000000Z", uri=None, usage=None):
        """Times as in openssl's ca, e.g. 20200101000000Z; `uri` as its alternative name; `usage` as its only extended one."""
        key, request, certificate = (self.directory / f"{name}{end}" for end in ("-key.pem", ".csr", ".pem"))
        make_key(key, kind)
        openssl("req", "-new", "-key", key, "-utf8", "-subj", f"/CN={name}", "-out", request)
        begin = ["-startdate", not_before] if not_before else []
        more = []
        wanted = [f"subjectAltName = URI:{uri}\n"] * bool(uri) + [f"extendedKeyUsage = {usage}\n"] * bool(usage)
        if wanted:
            extensions = self.directory / f"{name}.ext"
            extensions.write_text("keyUsage = critical,digitalSignature\n" + "".join(wanted))
            more = ["-extfile", extensions]
        openssl("ca", "-batch", "-notext", "-config", self._configuration, "-in", request, "-out", certificate, *begin,
                *more, "-enddate", not_after)
        return Credentials(certificate, key)

    def expired(self, name, kind="ec"):
        return self.issue(name, kind, "20200101000000Z", "20210101000000Z")

    def revocation_list(self, *revoked):
        """The PEM text of a list that holds these and all revoked before."""
        for one in revoked:
            openssl("ca", "-config", self._configuration, "-revoke", one.certificate)
        return openssl("ca", "-config", self._configuration, "-gencrl")
