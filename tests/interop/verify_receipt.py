#!/usr/bin/env python3
"""Verifies receipts of the exchange without any code of the exchange.

    verify_receipt.py --ca CA.pem FILE...

Uses lxml for the canonical form, hashlib for the hashes, the programs xmlsec1 for the signature and openssl for the
certificate's name. Prints one line a file; exit status 1 if any receipt does not hold.
"""
import argparse
import base64
import datetime
import hashlib
import re
import subprocess
import sys
import tempfile

from lxml import etree

RECEIPT = "urn:truc:receipt:1"
DSIG = "http://www.w3.org/2000/09/xmldsig#"
EXCLUSIVE_C14N = "http://www.w3.org/2001/10/xml-exc-c14n#"


class Invalid(Exception):
    """A check that did not hold; the text names it."""


def require(condition, what):
    if not condition:
        raise Invalid(what)


def r(name):
    return "{%s}%s" % (RECEIPT, name)


def ds(name):
    return "{%s}%s" % (DSIG, name)


def children(element, *names):
    """The child elements, which must be exactly these, in this order."""
    found = [c for c in element if isinstance(c.tag, str)]
    require([c.tag for c in found] == list(names), "children of %s" % element.tag)
    return found


def number(text, what):
    require(text is not None and re.fullmatch(r"0|[1-9][0-9]*", text), what)
    return int(text)


def digest(text, what):
    require(text is not None and re.fullmatch(r"[0-9a-f]{64}", text), what)
    return bytes.fromhex(text)


def node_hash(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_from_path(leaf, index, size, path):
    """Climbs from the leaf to the root (RFC 6962, 2.1.1), by the shape of the tree."""
    def climb(index, size, siblings):
        if size == 1:
            require(not siblings, "the path is too long")
            return leaf
        require(siblings, "the path is too short")
        split = 1 << ((size - 1).bit_length() - 1)
        if index < split:
            return node_hash(climb(index, split, siblings[:-1]), siblings[-1])
        return node_hash(siblings[-1], climb(index - split, size - split, siblings[:-1]))

    return climb(index, size, path)


def check_signature_form(head):
    """xmlsec1 says that a signature holds, not what it covers: that is looked at here."""
    signature = head.find(ds("Signature"))
    info, _, key_info = children(signature, ds("SignedInfo"), ds("SignatureValue"), ds("KeyInfo"))
    method, algorithm, reference = children(
        info, ds("CanonicalizationMethod"), ds("SignatureMethod"), ds("Reference"))
    require(method.get("Algorithm") == EXCLUSIVE_C14N, "CanonicalizationMethod")
    require(algorithm.get("Algorithm") == "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256", "SignatureMethod")
    require(reference.get("URI") == "#sth", "Reference/@URI")
    transforms, hash_method, _ = children(reference, ds("Transforms"), ds("DigestMethod"), ds("DigestValue"))
    require([t.get("Algorithm") for t in transforms] == [DSIG + "enveloped-signature", EXCLUSIVE_C14N], "Transforms")
    require(hash_method.get("Algorithm") == "http://www.w3.org/2001/04/xmlenc#sha256", "DigestMethod")
    (data,) = children(key_info, ds("X509Data"))
    (certificate,) = children(data, ds("X509Certificate"))
    return base64.b64decode(certificate.text)


def check_signature(file, ca, time):
    at = datetime.datetime.fromisoformat(time).astimezone(datetime.timezone.utc)
    run = subprocess.run(
        ["xmlsec1", "--verify", "--enabled-key-data", "x509", "--enabled-reference-uris", "same-doc",
         "--trusted-pem", ca, "--verification-gmt-time", at.strftime("%Y-%m-%d %H:%M:%S"),
         "--id-attr:Id", RECEIPT + ":SignedTreeHead", file],
        capture_output=True, text=True, check=False)
    require(run.returncode == 0, "xmlsec1: " + (run.stderr.strip().splitlines() or ["failed"])[0])


def check_certificate_name(der, node):
    with tempfile.NamedTemporaryFile(suffix=".der") as file:
        file.write(der)
        file.flush()
        run = subprocess.run(["openssl", "x509", "-inform", "DER", "-in", file.name, "-noout", "-ext", "subjectAltName"],
                             capture_output=True, text=True, check=False)
    names = [n.strip() for line in run.stdout.splitlines()[1:] for n in line.split(",")]
    nodes = [n for n in names if n.startswith("URI:urn:truc:node:")]
    require(nodes == ["URI:urn:truc:node:" + node], "the certificate is of %s, the log of %s" % (nodes or "no node", node))


def verify(file, ca):
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    document = etree.parse(file, parser)
    require(not document.docinfo.doctype, "DOCTYPE")
    require(len(list(document.iter(ds("Signature")))) == 1, "there must be one Signature")
    require(document.getroot().tag == r("Receipt"), "Receipt")
    event, proof, head = children(document.getroot(), r("Event"), r("InclusionProof"), r("SignedTreeHead"))
    log, tree_size, time, root, _ = children(
        head, r("LogId"), r("TreeSize"), r("Timestamp"), r("RootHash"), ds("Signature"))

    der = check_signature_form(head)
    check_signature(file, ca, time.text)
    check_certificate_name(der, log.text.rpartition(".")[0])

    index = number(proof.get("leafIndex"), "leafIndex")
    size = number(proof.get("treeSize"), "treeSize")
    require(index < size == number(tree_size.text, "TreeSize"), "leafIndex, treeSize and TreeSize")
    require(event.get("Id") == "%s.%d" % (log.text, index), "Event/@Id")
    leaf = hashlib.sha256(b"\x00" + etree.tostring(event, method="c14n", exclusive=True, with_comments=False)).digest()
    path = [digest(n.text, "Node") for n in proof if isinstance(n.tag, str)]
    require(len(path) <= 64, "length of the path")
    require(root_from_path(leaf, index, size, path) == digest(root.text, "RootHash"), "the path does not lead to RootHash")
    return event


def main():
    arguments = argparse.ArgumentParser(description="verify receipts of the exchange with foreign tools only")
    arguments.add_argument("--ca", required=True, help="certificate of the exchange's own authority, PEM")
    arguments.add_argument("files", nargs="+", metavar="FILE")
    given = arguments.parse_args()
    failed = False
    for file in given.files:
        try:
            event = verify(file, given.ca)
            print("%s: valid, %s %s" % (file, event.get("Id"), event.findtext(r("Name"))))
        except (Invalid, etree.XMLSyntaxError, ValueError, OSError) as problem:
            failed = True
            print("%s: NOT VALID: %s" % (file, problem))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
