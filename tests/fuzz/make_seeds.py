#!/usr/bin/env python3
"""Makes tests/fuzz/authority.pem and the signed inputs of the corpora edxml and receipt, with openssl and xmlsec1.

The keys are thrown away: whoever needs another signed seed runs this again and commits what it writes.
"""
import hashlib
import pathlib
import subprocess
import tempfile

from lxml import etree

HERE = pathlib.Path(__file__).resolve().parent
SAMPLE = HERE.parent / "data" / "tour" / "cong-van.edxml"
RECEIPT = """<Receipt xmlns="urn:truc:receipt:1"><Event Id="ninhthuan.1.0"><Name>ContentHandover</Name><Time>2030-01-01T08:00:00.000+07:00</Time>\
<Node>ninhthuan</Node><DispatchId>019b7707-4200-7000-8000-000000000001</DispatchId><From>000.00.12.H43</From><To>000.00.00.G22</To></Event>\
<InclusionProof leafIndex="0" treeSize="1"/><SignedTreeHead Id="sth"><LogId>ninhthuan.1</LogId><TreeSize>1</TreeSize>\
<Timestamp>2030-01-01T08:00:00.000+07:00</Timestamp><RootHash>%s</RootHash><ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#">\
<ds:SignedInfo><ds:CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>\
<ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"/><ds:Reference URI="#sth"><ds:Transforms>\
<ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/>\
<ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/></ds:Transforms>\
<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><ds:DigestValue/></ds:Reference></ds:SignedInfo><ds:SignatureValue/>\
<ds:KeyInfo><ds:X509Data><ds:X509Certificate/></ds:X509Data></ds:KeyInfo></ds:Signature></SignedTreeHead></Receipt>"""


def run(*command):
    subprocess.run([str(part) for part in command], check=True, capture_output=True)


def key_and_certificate(work, name, *extensions, issuer=None, days="8400"):
    by = ["-CA", work / f"{issuer}.pem", "-CAkey", work / f"{issuer}.key"] if issuer else []
    options = [part for extension in extensions for part in ("-addext", extension)]
    run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}", "-days", days,
        "-keyout", work / f"{name}.key", "-out", work / f"{name}.pem", *by, *options)
    return f"{work / name}.key,{work / name}.pem"


def sign(work, key, text, target, *options):
    (work / "template.xml").write_text(text, encoding="utf-8")
    run("xmlsec1", "--sign", "--privkey-pem", key, *options, "--output", target, work / "template.xml")


def main():
    with tempfile.TemporaryDirectory() as name:
        work = pathlib.Path(name)
        key_and_certificate(work, "authority", "keyUsage=critical,keyCertSign,cRLSign")
        leaf = ("basicConstraints=critical,CA:FALSE", "keyUsage=critical,digitalSignature")
        agency = key_and_certificate(work, "agency", *leaf, issuer="authority")
        node = key_and_certificate(work, "node", *leaf, "subjectAltName=URI:urn:truc:node:ninhthuan", issuer="authority")
        (HERE / "authority.pem").write_bytes((work / "authority.pem").read_bytes())
        sign(work, agency, SAMPLE.read_text(encoding="utf-8").replace("#rsa-sha256", "#ecdsa-sha256"),
             HERE / "corpus/edxml/signed.edxml")
        event = etree.tostring(etree.fromstring(RECEIPT)[0], method="c14n", exclusive=True)
        sign(work, node, RECEIPT % hashlib.sha256(b"\0" + event).hexdigest(), HERE / "corpus/receipt/receipt.xml",
             "--id-attr:Id", "urn:truc:receipt:1:SignedTreeHead")


if __name__ == "__main__":
    main()
