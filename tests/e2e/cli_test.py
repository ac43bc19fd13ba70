#!/usr/bin/env python3
"""The command line on a running network: what each verb does, and how it ends when the answer is no."""
import contextlib
import hashlib
import json
import os
import pathlib
import signal
import unittest

import edxml
import network_case
from network_case import COMMUNE, DEPARTMENT, DISTRICT, OFFICE, PLANNING, PROVINCE, TRUC, run


class Cli(network_case.NetworkCase):
    numbers = iter(range(1, 1000))

    def document(self, sender=DEPARTMENT, to=(OFFICE,), number=None, subject="V/v kiểm thử"):
        """A signed document as a file, and its number/notation."""
        number = number or next(self.numbers)
        plain, signed = self.path(f"{sender}-{number}.plain"), self.path(f"{sender}-{number}.edxml")
        plain.write_text(edxml.document(sender, *to, number=number, subject=subject), encoding="utf-8")
        self.truc("sign", plain, "-o", signed, as_=sender)
        return signed, f"{number}/TEST"

    def send(self, **what):
        sender = what.get("sender", DEPARTMENT)
        file, code = self.document(**what)
        return self.objects("send", file, as_=sender)[0], file, code

    def arrived(self, sent, recipient):
        """Waits until it is in the recipient's inbox."""
        self.eventually(lambda: [i["id"] for i in self.objects("receive", "--max", "1000", as_=recipient)],
                        lambda ids: sent["id"] in ids)

    def refused(self, *arguments, expect=1, **options):
        """The one object that says why not."""
        return self.objects(*arguments, expect=expect, **options)[-1]


class AgencySide(Cli):
    def test_what_is_sent_is_received_reported_on_and_traced(self):
        sent, file, _ = self.send(to=(OFFICE, PROVINCE))
        self.assertEqual([r["code"] for r in sent["recipients"]], [OFFICE, PROVINCE])
        box = self.path("box")
        self.arrived(sent, OFFICE)
        item = next(i for i in self.objects("receive", "--dir", box, "--ack", as_=OFFICE) if i["id"] == sent["id"])
        self.assertEqual((box / f"{item['delivery_id']}.edxml").read_bytes(), file.read_bytes())
        self.assertTrue(item["acknowledged"])
        self.assertEqual(self.objects("receive", as_=OFFICE), [])

        reported = self.objects("status", item["delivery_id"], "03", as_=OFFICE)[0]
        self.assertEqual((reported["signature"], reported["warnings"]), ("valid", []))
        self.arrived(reported, DEPARTMENT)

        ended = self.eventually(lambda: self.objects("trace", sent["id"]),
                                lambda rows: "ContentHandover" in [e["event"] for e in rows])
        events = [(e["event"], e["to"]) for e in ended]
        self.assertIn(("ContentHandover", [OFFICE]), events)
        self.assertNotIn(("ContentHandover", [PROVINCE]), events)
        seen_by_recipient = self.objects("trace", item["delivery_id"], as_=OFFICE)
        self.assertNotIn([PROVINCE], [e["to"] for e in seen_by_recipient])

    def test_an_unsigned_status_is_taken_and_marked(self):
        sent, _, _ = self.send()
        delivery = sent["recipients"][0]["delivery_id"]
        self.arrived(sent, OFFICE)
        self.assertEqual(self.objects("status", delivery, "01", "--unsigned", as_=OFFICE)[0]["signature"], "absent")

    def test_refusing_a_document_needs_a_reason(self):
        sent, _, _ = self.send()
        delivery = sent["recipients"][0]["delivery_id"]
        self.arrived(sent, OFFICE)
        self.assertEqual(self.refused("status", delivery, "02", as_=OFFICE)["code"], "reason_missing")
        self.truc("status", delivery, "02", "--reason", "Thiếu phụ lục", as_=OFFICE)

    def test_the_sender_asks_a_document_back(self):
        sent, _, _ = self.send()
        delivery = sent["recipients"][0]["delivery_id"]
        self.arrived(sent, OFFICE)
        self.assertEqual(self.refused("status", delivery, "13", as_=DEPARTMENT)["code"], "reason_missing")
        asked = self.objects("status", delivery, "13", "--reason", "Nhầm phụ lục", as_=DEPARTMENT)[0]
        self.assertEqual([r["code"] for r in asked["recipients"]], [OFFICE])
        self.assertEqual(asked["warnings"], [])
        answered = self.objects("status", delivery, "15", as_=OFFICE)[0]
        self.assertEqual([r["code"] for r in answered["recipients"]], [DEPARTMENT])

    def test_a_status_needs_a_delivery_of_ones_own(self):
        sent, _, _ = self.send()
        delivery = sent["recipients"][0]["delivery_id"]
        self.arrived(sent, OFFICE)
        self.assertEqual(self.refused("status", delivery, "01", as_=PLANNING)["code"], "not_found")
        self.assertEqual(self.refused("status", sent["id"], "01", as_=OFFICE, expect=2)["code"], "usage")

    def test_check_tells_what_would_happen_and_stores_nothing(self):
        file, code = self.document()
        self.assertEqual(self.objects("check", file, as_=DEPARTMENT)[0]["repeated"], False)
        self.assertEqual(self.refused("trace", code)["code"], "not_found")
        self.truc("send", file, as_=DEPARTMENT)
        self.assertEqual(self.objects("check", file, as_=DEPARTMENT)[0]["repeated"], True)

    def test_one_refused_file_does_not_keep_the_others_back(self):
        good, _ = self.document()
        bad, _ = self.document(to=("000.00.98.H43", "000.00.99.H43"))
        last, _ = self.document()
        told = self.objects("send", good, bad, last, as_=DEPARTMENT, expect=1)
        self.assertEqual([o.get("code") for o in told], [None, "recipient_unknown", None])
        self.assertEqual(len(told[1]["causes"]), 2)
        self.assertTrue(told[1]["id"].startswith("ninhthuan.1."))

    def test_a_refusal_tells_a_person_who_must_act_and_the_receipt(self):
        bad, _ = self.document(to=("000.00.99.H43",))
        for language, words in (("C.UTF-8", ("who must act", "the sender", "receipt")),
                                ("vi_VN.UTF-8", ("ai xử lý", "bên gửi", "biên nhận"))):
            done = run(TRUC, "--network", self.file, "--as", DEPARTMENT, "send", bad, LANG=language)
            self.assertEqual(done.returncode, 1)
            for word in ("recipient_unknown", "000.00.99.H43", "ninhthuan.1.") + words:
                self.assertIn(word, done.stderr)

    def test_acknowledging_needs_a_place_to_keep_it(self):
        self.assertEqual(self.refused("receive", "--ack", as_=OFFICE, expect=2)["code"], "usage")

    def test_without_a_network_file_the_files_are_named(self):
        who = self.agency(DEPARTMENT)
        file, _ = self.document()
        options = ["--node", self.node["http"], "--cert", who["certificate"], "--key", who["key"]]
        self.assertEqual(run(TRUC, *options, "send", file).returncode, 2)
        self.assertEqual(run(TRUC, *options, "--ca", self.network["ca"], "send", file).returncode, 0)
        self.assertEqual(run(TRUC, *options, "--ca", self.network["agency_ca"], "send", file).returncode, 3)


class Ids(Cli):
    def test_every_name_of_a_document_leads_to_it(self):
        sent, _, code = self.send()
        delivery = sent["recipients"][0]["delivery_id"]
        for name in ([sent["id"]], [delivery], [sent["document_id"]], [code, "--from", DEPARTMENT]):
            self.assertEqual({e["id"] for e in self.objects("trace", *name)}, {sent["id"]}, name)

    def test_a_documents_name_does_not_mean_the_statuses_about_it(self):
        sent, _, _ = self.send()
        self.arrived(sent, OFFICE)
        self.truc("status", sent["recipients"][0]["delivery_id"], "01", as_=OFFICE)
        self.assertEqual({e["id"] for e in self.objects("trace", sent["document_id"])}, {sent["id"]})

    def test_several_matches_are_listed_and_none_is_guessed(self):
        one, _, code = self.send(number=777)
        two, _, _ = self.send(number=777, sender=PLANNING)
        told = self.objects("trace", code, expect=1)
        self.assertEqual({o["id"] for o in told[:-1]}, {one["id"], two["id"]})
        self.assertEqual(told[-1]["code"], "ambiguous")
        self.assertEqual({e["id"] for e in self.objects("trace", code, "--from", PLANNING)}, {two["id"]})

    def test_nothing_by_that_name_is_1(self):
        for name in ("00000000-0000-7000-8000-000000000000", "9999/KHONG-CO", "no such thing"):
            self.assertEqual(self.refused("trace", name)["code"], "not_found")


class Evidence(Cli):
    def test_receipts_and_documents_verify_offline_and_changed_ones_do_not(self):
        sent, file, _ = self.send(to=(PROVINCE, OFFICE))
        saved = self.path("receipts")
        self.eventually(lambda: self.objects("receipts", sent["id"], as_=DEPARTMENT), lambda told: len(told) == 4)
        told = self.objects("receipts", sent["id"], "-o", saved, as_=DEPARTMENT)
        self.assertEqual([(r["event"], r["event_id"].split(".")[0]) for r in told],
                         [("SubmissionAcceptance", "ninhthuan"), ("ContentConsignment", "ninhthuan"),
                          ("RelayAcceptance", "vpcp"), ("ContentConsignment", "vpcp")])
        files = sorted(saved.iterdir())
        self.assertEqual({f.stem for f in files}, {r["event_id"] for r in told})
        head = self.path("head.xml")
        head.write_text(self.truc("ledger", "head"), encoding="utf-8")

        authorities = ["--ca", self.network["ca"], "--agency-ca", self.network["agency_ca"]]
        done = run(TRUC, "--json", "verify", *files, head, file, *authorities)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        found = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual([o["kind"] for o in found], ["receipt"] * 4 + ["head", "edoc"])
        self.assertEqual(found[0]["sha256"], hashlib.sha256(file.read_bytes()).hexdigest())

        forged = self.path("forged.xml")
        forged.write_text(files[0].read_text().replace(OFFICE, PROVINCE))
        changed = self.path("changed.edxml")
        changed.write_text(file.read_text(encoding="utf-8").replace("kiểm thử", "kiểm thứ"), encoding="utf-8")
        for wrong, code in ((forged, "receipt_invalid"), (changed, "signature_invalid"), (self.file, "not_xml")):
            done = run(TRUC, "--json", "verify", wrong, *authorities)
            self.assertEqual((done.returncode, json.loads(done.stdout)["code"]), (1, code))
        foreign = run(TRUC, "--json", "verify", files[0], "--ca", self.network["agency_ca"])
        self.assertEqual((foreign.returncode, json.loads(foreign.stdout)["code"]), (1, "certificate_unknown"))

    def test_the_receipt_of_an_acceptance_can_be_kept_at_once(self):
        file, _ = self.document()
        saved = self.path("kept")
        self.truc("send", file, "--save-receipt", saved, as_=DEPARTMENT)
        self.truc("verify", *saved.iterdir())


class Administration(Cli):
    def test_the_books_balance_and_the_log_is_consistent(self):
        before = self.objects("books")[0]
        self.send(to=(PLANNING, PROVINCE))
        after = self.objects("books")[0]
        self.assertTrue(after["balance"])
        self.assertEqual(after["from_agencies"] - before["from_agencies"], 2)
        self.assertEqual(after["in_custody"] - before["in_custody"], 2)
        self.assertEqual(after["end_to_end"]["open"] - before["end_to_end"]["open"], 2)
        self.assertIn(DEPARTMENT, [line["agency"] for line in self.objects("books", "--by", "agency")])
        self.assertIn((PROVINCE, "consigned"), [(q["recipient"], q["state"]) for q in self.objects("queue")])
        self.assertIn("inbox/" + PROVINCE, [i["destination"] for i in self.objects("shape")])
        self.assertTrue(self.objects("ledger", "check")[0]["consistent"])

    def test_agencies_are_found_without_diacritics_and_by_every_code(self):
        self.assertEqual([a["code"] for a in self.objects("agency", "list", "ca na")], ["000.05.36.H43"])
        self.assertEqual(self.objects("agency", "show", "H43.36.05")[0]["name"], "UBND xã Cà Ná")
        self.assertEqual(self.refused("agency", "show", "000.00.99.H43")["code"], "not_found")
        self.truc("agency", "list", "no such agency", expect=1)

    def test_an_agency_is_imported_and_closed(self):
        lines = self.path("agencies.jsonl")
        lines.write_text(json.dumps({"agency": {"code": "000.00.21.H43", "name": "Sở Mới", "node": "ninhthuan"}}))
        self.assertEqual(self.objects("agency", "import", lines)[0]["imported"], 1)
        self.send(to=("000.00.21.H43",))
        self.truc("agency", "close", "000.00.21.H43", "--successor", PROVINCE)
        sent, _, _ = self.send(to=("000.00.21.H43",))
        self.assertEqual(([r["code"] for r in sent["recipients"]], sent["warnings"]),
                         ([PROVINCE], ["redirected_to_successor"]))
        lines.write_text('{"agency": {"code": "!"}}')
        self.assertEqual(self.refused("agency", "import", lines)["code"], "bad_directory")

    def test_clients_are_listed(self):
        self.assertIn("so-tttt", [c["id"] for c in self.objects("client", "list")])
        self.assertEqual(self.objects("client", "show", "so-tttt")[0]["agencies"], [DEPARTMENT])
        self.assertEqual(self.refused("client", "show", "nobody")["code"], "not_found")

    def test_administrators_verbs_need_the_socket(self):
        who = self.agency(DEPARTMENT)
        remote = run(TRUC, "--node", self.node["http"], "--ca", self.network["ca"], "--cert", who["certificate"],
                     "--key", who["key"], "books")
        self.assertEqual(remote.returncode, 2)
        self.assertEqual(run(TRUC, "--socket", self.node["admin"], "books").returncode, 0)

    def test_tables_fit_eighty_columns(self):
        sent, _, _ = self.send(to=(OFFICE, PROVINCE), subject="V/v " + "rất dài " * 40)
        for verb in (["trace", sent["id"]], ["receipts", sent["id"]], ["books"], ["books", "--by", "agency"],
                     ["queue"], ["shape"], ["node", "list"], ["agency", "list"], ["agency", "show", PROVINCE],
                     ["client", "list"]):
            for language in ("C.UTF-8", "vi_VN.UTF-8"):
                for line in self.truc(*verb, LANG=language).splitlines():
                    self.assertLessEqual(len(line), 80, f"{verb}: {line}")


class FourLevels(Cli):
    def steps(self, sent, at):
        return [(e["node"], e["event"]) for e in self.objects("trace", sent["id"], at=at)]

    def test_a_trace_is_complete_at_the_origin_and_names_it_elsewhere(self):
        sent, _, _ = self.send(sender=OFFICE, to=(COMMUNE,))
        self.arrived(sent, COMMUNE)
        self.truc("receive", "--dir", self.path("box"), "--ack", as_=COMMUNE)
        way = [("vpcp", "SubmissionAcceptance"), ("ninhthuan", "RelayAcceptance"), ("thuannam", "RelayAcceptance"),
               ("cana", "RelayAcceptance"), ("cana", "ContentConsignment"), ("cana", "ContentHandover")]
        self.eventually(lambda: self.steps(sent, "vpcp"), lambda steps: steps == way)
        for node in ("vpcp", "cana"):
            rows = self.objects("trace", sent["id"], at=node)
            self.assertEqual({(e["origin"], e["id"]) for e in rows}, {("vpcp", sent["id"])})
            self.assertEqual({e["sha256"] for e in rows}, {sent["sha256"]})
        self.assertEqual(self.steps(sent, "cana"), [way[0]] + way[3:])
        screen = self.truc("trace", sent["id"], at="vpcp")
        self.assertLessEqual(len(screen.splitlines()), 24, screen)
        self.assertRegex(screen, COMMUNE + r"  handed_over [0-9:.]{12}  UBND xã Cà Ná\n")
        self.assertRegex(screen, r"cana +taken over, in the inbox .*cana\.1\.\d+-\d+\n")
        self.assertIn("the trace at vpcp, which accepted it, is complete", self.truc("trace", sent["id"], at="cana"))
        self.assertIn("đầy đủ ở vpcp", self.truc("trace", sent["id"], at="thuannam", LANG="vi_VN.UTF-8"))

    def test_why_follows_the_evidence_and_names_who_must_act(self):
        sent, _, code = self.send(sender=OFFICE, to=(COMMUNE, DISTRICT))
        waiting = self.eventually(lambda: self.objects("why", code, "--from", OFFICE, at="vpcp"),
                                  lambda items: all(i["who"] == "recipient" for i in items))
        self.assertEqual([(i["recipient"], i["state"], i["next_at"]) for i in waiting],
                         [(COMMUNE, "relayed", None), (DISTRICT, "relayed", None)])
        self.assertIn("is in the recipient's inbox at cana since", waiting[0]["text"])
        self.assertEqual([i["state"] for i in self.objects("why", sent["id"], at="cana")], ["consigned"])
        told = self.truc("why", sent["id"], at="cana", LANG="vi_VN.UTF-8")
        self.assertIn("ai xử lý: bên nhận", told)
        self.assertIn("tiếp nhận ở vpcp", told)
        for recipient in (COMMUNE, DISTRICT):
            self.truc("receive", "--dir", self.path("box"), "--ack", as_=recipient)
        ended = self.eventually(lambda: self.objects("why", sent["id"], at="vpcp"),
                                lambda items: items[0]["state"] == "handed_over")
        self.assertEqual([i["text"] for i in ended], ["All 2 deliveries have ended: 2 handed over."])
        self.assertEqual(self.refused("why", "9999/KHONG-CO")["code"], "not_found")

    def test_neighbours_are_listed_and_answer(self):
        listed = {n["name"]: n for n in self.objects("node", "list")}
        self.assertEqual({n: (v["connected"], v["dialled_by"], v["version"], v["alarms"]) for n, v in listed.items()},
                         {"vpcp": (True, "ninhthuan", 1, []), "thuannam": (True, "thuannam", 1, [])})
        self.send(sender=OFFICE, to=(OFFICE,))
        answer = self.objects("node", "ping", "vpcp")[0]
        self.assertEqual((answer["name"], answer["version"], answer["log"]), ("vpcp", 1, "vpcp.1"))
        self.assertGreater(answer["ledger_size"], 0)
        self.assertLess(abs(answer["clock_offset_ms"]), 5000)
        self.assertGreaterEqual(answer["round_trip_ms"], 0)
        self.assertEqual(self.refused("node", "ping", "cana")["code"], "not_found")

    def test_what_waits_for_a_node_that_is_down_is_told_and_goes_on_when_it_is_back(self):
        pid = int((pathlib.Path(self.nodes["cana"]["data_dir"]) / "trucd.pid").read_text())
        self.eventually(lambda: [n["connected"] for n in self.objects("node", "list", at="thuannam")], all)
        os.kill(pid, signal.SIGSTOP)  # it holds its connection and does nothing
        try:
            sent, _, _ = self.send(sender=DISTRICT, to=(COMMUNE,))
            item = self.objects("why", sent["id"], at="thuannam")[0]
            self.assertEqual((item["recipient"], item["state"], item["who"]), (COMMUNE, "queued", "network"))
            self.assertIn("cana", item["text"])
            [row] = [i for i in self.objects("shape", at="thuannam") if i["destination"] == "cana"]
            self.assertEqual((row["total"], sum(row["ages"].values())), (1, 1))
            [queued] = [q for q in self.objects("queue", at="thuannam") if q["state"] == "queued"]
            self.assertEqual((queued["destination"], queued["count"]), ("cana", 1))
            os.kill(pid, signal.SIGKILL)
            down = self.eventually(lambda: self.objects("why", sent["id"], at="thuannam")[0],
                                   lambda i: "has not been reachable" in i["text"] or i["state"] != "queued")
            self.assertEqual(down["recipient"], COMMUNE)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
        self.eventually(self.is_ready, bool, self.nodes["cana"])
        self.arrived(sent, COMMUNE)

    def test_a_change_of_the_directory_is_known_everywhere_and_takes_nothing_from_others(self):
        lines = self.path("agencies.jsonl")
        taken = {"code": "003.05.36.H43", "name": "Chiếm mã", "node": "cana", "aliases": ["H43.12"]}
        lines.write_text(json.dumps({"agency": taken}))
        refused = self.refused("agency", "import", lines, at="cana")
        self.assertEqual(refused["code"], "section_conflict")
        self.assertIn("H43.12 belongs to node ninhthuan", refused["detail"])
        self.assertEqual(self.objects("agency", "show", "H43.12", at="cana")[0]["code"], DEPARTMENT)
        lines.write_text(json.dumps({"agency": {**taken, "aliases": []}}))
        self.truc("agency", "import", lines, at="cana")
        self.eventually(lambda: run(TRUC, "--network", self.file, "--at", "vpcp", "agency", "show", taken["code"]),
                        lambda done: done.returncode == 0)
        self.assertEqual([n["alarms"] for n in self.objects("node", "list", at="thuannam")], [[], []])
        sent, _, _ = self.send(sender=OFFICE, to=(taken["code"],))
        self.eventually(lambda: self.objects("why", sent["id"], at="vpcp")[0],
                        lambda i: "in the recipient's inbox at cana" in i["text"])

    def test_a_successor_may_be_at_home_at_another_node(self):
        closed = "000.21.36.H43"
        self.truc("agency", "close", closed, "--successor", PROVINCE, at="thuannam")
        self.eventually(lambda: self.objects("agency", "show", closed, at="vpcp")[0],
                        lambda a: a["successors"] == [PROVINCE])
        sent, _, _ = self.send(sender=OFFICE, to=(closed,))
        self.assertEqual(([r["code"] for r in sent["recipients"]], sent["warnings"]),
                         ([PROVINCE], ["redirected_to_successor"]))
        self.arrived(sent, PROVINCE)

    def test_retry_names_the_lanes(self):
        self.assertEqual(self.objects("retry", "--all")[0]["retried"], ["thuannam", "vpcp"])
        self.assertEqual(self.objects("retry", "--to", "vpcp")[0]["retried"], ["vpcp"])
        self.assertEqual(self.refused("retry", "--to", "cana")["code"], "not_found")
        sent, _, _ = self.send(to=(PROVINCE,))
        self.assertEqual(self.objects("retry", sent["id"], expect=1)[0]["retried"], [])
        for wrong in ([], ["--all", "--to", "vpcp"], ["--all", sent["id"]]):
            self.assertEqual(self.refused("retry", *wrong, expect=2)["code"], "usage")


class Endings(Cli):
    def test_usage_errors_end_with_2_and_a_hint(self):
        for wrong in ([], ["no-such-verb"], ["send"], ["send", "no-such-file"], ["status", "x", "99"], ["agency"]):
            done = run(TRUC, *wrong)
            self.assertEqual(done.returncode, 2, wrong)
            self.assertIn("truc --help", done.stderr)

    def test_help_ends_with_0_in_both_languages(self):
        for verb in ([], ["send"], ["agency", "close"], ["demo", "init"]):
            self.assertEqual(run(TRUC, *verb, "--help").returncode, 0)
        self.assertIn("Gửi văn bản", run(TRUC, "--help", LANG="vi_VN.UTF-8").stdout)

    def test_a_node_that_is_not_there_ends_with_3(self):
        self.assertEqual(run(TRUC, "--socket", self.home / "nothing.sock", "books").returncode, 3)

    def test_a_document_cannot_be_signed_twice(self):
        file, _ = self.document()
        self.assertEqual(self.refused("sign", file, as_=DEPARTMENT)["code"], "signature_invalid")

    def test_the_network_file_may_come_from_the_environment(self):
        self.assertEqual(run(TRUC, "--at", "cana", "books", TRUC_NETWORK=str(self.file)).returncode, 0)
        unsaid = run(TRUC, "books", TRUC_NETWORK=str(self.file))
        self.assertEqual(unsaid.returncode, 2)
        self.assertIn("vpcp, ninhthuan, thuannam, cana", " ".join(unsaid.stderr.split()))


if __name__ == "__main__":
    unittest.main()
