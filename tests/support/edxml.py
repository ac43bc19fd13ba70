"""edXML messages (QCVN 102:2016/BTTTT) for tests, and their signature by the xmlsec1 program."""
import base64
import itertools
import subprocess
import tempfile
from xml.sax.saxutils import escape

NAMESPACE = "http://www.mic.gov.vn/TBT/QCVN_102_2016"
DSIG = "http://www.w3.org/2000/09/xmldsig#"
RSA = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
ECDSA = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"
HEADER_END = "</edXML:edXMLHeader>"

_numbers = itertools.count(1)


def element(name, *content):
    """Content that is not an element must be given escaped."""
    return f"<edXML:{name}>{''.join(content)}</edXML:{name}>"


def organization(role, code):
    return element(role, element("OrganId", escape(code)), element("OrganName", "Cơ quan " + escape(code))) + "\n"


def message(header, behind="", body="", enclosed=""):
    return (f'<?xml version="1.0" encoding="UTF-8"?>\n<edXML xmlns="{NAMESPACE}">\n'
            f'<edXML:edXMLEnvelope xmlns:edXML="{NAMESPACE}">\n<edXML:edXMLHeader>\n'
            f"<edXML:MessageHeader>\n{header}</edXML:MessageHeader>\n{behind}{HEADER_END}\n{body}"
            f"</edXML:edXMLEnvelope>\n{enclosed}</edXML>\n")


def acts(acts_on=None, removed=(), added=(), replaces=()):
    """What stands in Bussiness beside its type: the earlier document, the ReceiverList of an update, and of a replacement
    pairs of a DocumentId and the agencies for which it is replaced."""
    def receiver(code, kind):
        return element("Receiver", element("OrganId", escape(code)), element("ReceiverType", kind))

    text = element("DocumentId", escape(acts_on)) if acts_on else ""
    if removed or added:
        receivers = [receiver(code, "0") for code in removed] + [receiver(code, "1") for code in added]
        text += element("BussinessDocumentInfo", element("DocumentReceiver", "1"), element("ReceiverList", *receivers))
    if replaces:
        text += element("ReplacementInfoList", *(
            element("ReplacementInfo", element("DocumentId", escape(document_id)),
                    element("OrganIdList", *(element("OrganId", escape(code)) for code in codes)))
            for document_id, codes in replaces))
    return text


def document(sender, *recipients, number=None, document_id=None, subject="V/v kiểm tra", priority=0, business=0,
             attachment=None, without=(), date="2026/11/02", **acting):
    """A document; `number` is unique in this process unless given. `attachment` are bytes; `without` names children of
    MessageHeader to leave out; `acting`: see acts()."""
    number = str(number or next(_numbers))
    document_id = document_id or f"{sender},{date},{number}/TEST"
    parts = {
        "From": organization("From", sender),
        "To": "".join(organization("To", code) for code in recipients),
        "DocumentId": element("DocumentId", escape(document_id)),
        "Code": element("Code", element("CodeNumber", number), element("CodeNotation", "TEST")),
        "PromulgationInfo": element("PromulgationInfo", element("Place", "Ninh Thuận"),
                                    element("PromulgationDate", date)),
        "Subject": element("Subject", escape(subject)),
        "OtherInfo": element("OtherInfo", element("Priority", str(priority))),
    }
    header = "\n".join(text for name, text in parts.items() if name not in without) + "\n"
    business = element("TraceHeaderList", element("TraceHeader", element("OrganId", escape(sender)),
                                                  element("Timestamp", f"{date} 09:00:00")),
                       element("Bussiness", element("BussinessDocType", str(business)), acts(**acting))) + "\n"
    if attachment is None:
        return message(header, business)
    reference = element("Reference", element("ContentId", "cid:1"), element("ContentType", "application/pdf"),
                        element("AttachmentName", "a.pdf"))
    body = f'<edXML:edXMLBody><edXML:edXMLManifest version="1.0">{reference}</edXML:edXMLManifest></edXML:edXMLBody>\n'
    enclosed = ("<AttachmentEncoded><Attachment><ContentId>cid:1</ContentId><AttachmentName>a.pdf</AttachmentName>"
                "<ContentType>application/pdf</ContentType><ContentTransferEncoded>"
                f"{base64.b64encode(attachment).decode()}</ContentTransferEncoded></Attachment></AttachmentEncoded>\n")
    return message(header, business, body, enclosed)


def status(sender, original_sender, document_id, code="01", description="Đã đến", without=()):
    """A status about a document. `without` names children of MessageHeader to leave out."""
    about = document_id.rpartition(",")[2]  # number/notation, in what document() makes
    parts = {
        "From": organization("From", sender),
        "ResponseFor": element("ResponseFor", element("OrganId", original_sender), element("Code", escape(about if "/" in about else "1/TEST")),
                               element("PromulgationDate", "2026/11/02"), element("DocumentId", escape(document_id))),
        "StatusCode": element("StatusCode", code),
        "Description": element("Description", escape(description)),
        "Timestamp": element("Timestamp", "2026/11/02 10:00:00"),
    }
    return message("\n".join(text for name, text in parts.items() if name not in without) + "\n")


def _template(algorithm, key_info):
    return (f'<Signature xmlns="{DSIG}"><SignedInfo>'
            '<CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>'
            f'<SignatureMethod Algorithm="{algorithm}"/><Reference URI=""><Transforms>'
            f'<Transform Algorithm="{DSIG}enveloped-signature"/>'
            '<Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/></Transforms>'
            '<DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><DigestValue/></Reference></SignedInfo>'
            f"<SignatureValue/><KeyInfo>{key_info}</KeyInfo></Signature>\n")


def is_rsa(certificate):
    text = subprocess.run(["openssl", "x509", "-in", certificate, "-noout", "-text"], capture_output=True, text=True,
                          check=True).stdout
    return "Public Key Algorithm: rsaEncryption" in text


def sign(text, certificate, key, key_info="<X509Data/>"):
    """The message as bytes, with an enveloped signature at the end of its header."""
    algorithm = RSA if is_rsa(certificate) else ECDSA
    with tempfile.NamedTemporaryFile("w", suffix=".xml", encoding="utf-8") as file:
        file.write(text.replace(HEADER_END, _template(algorithm, key_info) + HEADER_END))
        file.flush()
        run = subprocess.run(["xmlsec1", "--sign", "--privkey-pem", f"{key},{certificate}", file.name],
                             capture_output=True, check=False)
    if run.returncode != 0:
        raise RuntimeError(run.stderr.decode())
    return run.stdout
