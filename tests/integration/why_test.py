"""Why a delivery is not at its end, or how it ended: each situation is set up on running nodes, and the sentence has to be
the one that is true then, in both languages, and say who must act."""
import re
import time
import unittest

from broker_case import ERRORS
from network import DISTRICT, GOVERNMENT, INFORMATION, PLANNING, PROVINCE
from refusing_neighbour import RefusingNeighbour
from why_case import WhyCase


class AtHome(WhyCase):
    """One node: what lies in an inbox, and how it ends."""

    RUNNING = ("ninhthuan",)

    @classmethod
    def prepare(cls):
        cls.deadline("ninhthuan", 'urgent = "2s"')

    def said_of(self, told, *expected, **options):
        return self.assert_why("ninhthuan", self.delivery(told), *expected, **options)

    def test_01_it_lies_in_the_inbox(self):
        told = self.send(PROVINCE, INFORMATION)
        self.said_of(told, f"The delivery to {INFORMATION} is in its inbox here since <TIME>; the recipient's system has not "
                     "taken it yet.",
                     f"Lượt giao tới {INFORMATION} nằm trong hộp đến ở đây từ <TIME>; hệ thống của bên nhận chưa lấy.",
                     "recipient")

    def test_02_it_lies_there_beyond_its_deadline(self):
        told = self.send(PROVINCE, INFORMATION, priority=1)
        self.said_of(told, f"The delivery to {INFORMATION} is in its inbox here since <TIME> and was due at <TIME>: the "
                     "recipient's system has not taken it.",
                     f"Lượt giao tới {INFORMATION} nằm trong hộp đến ở đây từ <TIME>, đã quá hạn <TIME>: hệ thống của bên "
                     "nhận chưa lấy.", "recipient")

    def test_03_it_is_held_there_and_released(self):
        told = self.send(PROVINCE, INFORMATION)
        self.assertEqual(self.act("ninhthuan", "hold", id=self.delivery(told)), 1)
        self.said_of(told, f"The delivery to {INFORMATION} has come to its inbox here, but root has held it since <TIME>, "
                     "because: theo lệnh 12; the recipient sees it when an administrator releases it.",
                     f"Lượt giao tới {INFORMATION} đã tới hộp đến ở đây nhưng root giữ lại từ <TIME>, lý do: theo lệnh 12; "
                     "bên nhận sẽ thấy khi quản trị viên nhả.", "administrator")
        self.assertEqual(self.inbox(INFORMATION, told), [])
        self.assertEqual(self.client(INFORMATION).get(f"/v1/inbox/{self.delivery(told)}/content").code, "not_found")
        self.assertEqual(self.act("ninhthuan", "release", ids=[self.delivery(told)]), 1)
        self.accept(INFORMATION, self.arrives(INFORMATION, told))

    def test_04_it_was_handed_over(self):
        told = self.send(PROVINCE, INFORMATION)
        self.accept(INFORMATION, self.arrives(INFORMATION, told))
        self.said_of(told, f"The delivery to {INFORMATION} has ended: the recipient's system took it at <TIME>.",
                     f"Lượt giao tới {INFORMATION} đã xong: hệ thống của bên nhận đã nhận lúc <TIME>.", None)

    def test_05_it_was_rejected(self):
        told = self.send(PROVINCE, INFORMATION)
        self.client(INFORMATION).acknowledge(self.delivery(told), "rejected", reason="đầy")
        self.said_of(told, f"The delivery to {INFORMATION} has ended: the recipient's system refused it at <TIME>: đầy.",
                     f"Lượt giao tới {INFORMATION} đã kết thúc: hệ thống của bên nhận từ chối lúc <TIME>: đầy.", "sender")

    def test_06_an_administrator_had_it_expire(self):
        told = self.send(PROVINCE, INFORMATION)
        self.assertEqual(self.act("ninhthuan", "expire", id=told["id"]), 1)
        self.said_of(told, f"The delivery to {INFORMATION} has ended: root, an administrator, had it expire at <TIME>: theo "
                     "lệnh 12.",
                     f"Lượt giao tới {INFORMATION} đã kết thúc: quản trị viên root cho hết hạn lúc <TIME>: theo lệnh 12.",
                     "sender")

    def test_07_it_was_sent_again_and_repeats_another(self):
        told = self.send(PROVINCE, INFORMATION)
        self.accept(INFORMATION, self.arrives(INFORMATION, told))
        made = self.order("ninhthuan", "resend", id=self.delivery(told), reason="mất dữ liệu").json
        self.said_of(told, f"The delivery to {INFORMATION} has ended: the recipient's system took it at <TIME>. It was sent "
                     f"again as delivery {made['delivery_id']}.",
                     f"Lượt giao tới {INFORMATION} đã xong: hệ thống của bên nhận đã nhận lúc <TIME>. Đã được gửi lại bằng "
                     f"lượt giao {made['delivery_id']}.", None)
        self.assert_why("ninhthuan", made["delivery_id"],
                        f"The delivery to {INFORMATION} is in its inbox here since <TIME>; the recipient's system has not "
                        f"taken it yet. It repeats delivery {self.delivery(told)}, which had ended.",
                        f"Lượt giao tới {INFORMATION} nằm trong hộp đến ở đây từ <TIME>; hệ thống của bên nhận chưa lấy. "
                        f"Lượt giao này gửi lại lượt {self.delivery(told)} đã kết thúc.", "recipient")
        [item] = self.inbox(INFORMATION, told)
        self.assertEqual(item["delivery_id"], made["delivery_id"])
        self.accept(INFORMATION, item)

    def test_08_its_content_must_be_kept(self):
        told = self.send(PROVINCE, INFORMATION)
        self.accept(INFORMATION, self.arrives(INFORMATION, told))
        self.assertEqual(self.order("ninhthuan", "legal-hold", id=told["id"], hold=True, reason="vụ án 12").status, 200)
        self.said_of(told, f"The delivery to {INFORMATION} has ended: the recipient's system took it at <TIME>. Its content "
                     "must not be removed here (root: vụ án 12).",
                     f"Lượt giao tới {INFORMATION} đã xong: hệ thống của bên nhận đã nhận lúc <TIME>. Không được hủy nội "
                     "dung ở đây (root: vụ án 12).", None)

    def test_09_nothing_is_open(self):
        told = self.send(PROVINCE, INFORMATION, PLANNING)
        self.accept(INFORMATION, self.arrives(INFORMATION, told))
        self.client(PLANNING).acknowledge(self.delivery(told, 1), "rejected", reason="đầy")
        [item] = self.said("ninhthuan", told["id"])
        self.assertEqual((item["text"], item["state"], item["who"]),
                         ("All 2 deliveries have ended: 1 handed over, 1 rejected.", "ended", None))


class OnItsWay(WhyCase):
    """Three nodes: who has it, and why not the next one."""

    RUNNING = ("vpcp", "ninhthuan", "thuannam")

    @classmethod
    def prepare(cls):
        for node in cls.RUNNING:
            cls.deadline(node, 'very_urgent = "4s"')

    def test_10_it_is_in_the_inbox_of_another_node(self):
        told = self.send(GOVERNMENT, DISTRICT)
        self.at_government(told, f"The delivery to {DISTRICT} is in the recipient's inbox at thuannam since <TIME>, and its "
                           "system has not taken it yet.",
                           f"Lượt giao tới {DISTRICT} đã nằm trong hộp đến của bên nhận ở thuannam từ <TIME>, hệ thống của "
                           "bên nhận chưa lấy.", "recipient")

    def test_11_it_is_there_and_overdue(self):
        told = self.send(GOVERNMENT, DISTRICT, priority=2)
        self.at_government(told, f"The delivery to {DISTRICT} is in the recipient's inbox at thuannam since <TIME>, and its "
                           "system has not taken it yet; it was due at <TIME>: ask there.",
                           f"Lượt giao tới {DISTRICT} đã nằm trong hộp đến của bên nhận ở thuannam từ <TIME>, hệ thống của "
                           "bên nhận chưa lấy; đã quá hạn <TIME>: cần hỏi nút đó.", "recipient")

    def test_12_it_is_with_a_node_on_the_way(self):
        self.stop("thuannam")
        told = self.send(GOVERNMENT, DISTRICT)
        self.at_government(told, f"The delivery to {DISTRICT} is with ninhthuan since <TIME>, and no evidence of what became "
                           "of it there has come back yet.",
                           f"Lượt giao tới {DISTRICT} do ninhthuan giữ từ <TIME>, chưa có bằng chứng về kết quả gửi về.",
                           "network")

    def test_13_it_is_held_at_a_node_on_the_way(self):
        self.stop("thuannam")
        told = self.send(GOVERNMENT, DISTRICT)
        self.eventually(lambda: self.states(GOVERNMENT, told)[DISTRICT], lambda state: state == "relayed")
        self.assertGreaterEqual(self.act("ninhthuan", "hold", to="thuannam"), 1)
        self.assert_why("ninhthuan", self.delivery(told),
                        f"The delivery to {DISTRICT} waits at ninhthuan: root has held it since <TIME>, because: theo lệnh 12; "
                        "it goes on when an administrator releases it, and it expires at <TIME>.",
                        f"Lượt giao tới {DISTRICT} dừng ở ninhthuan: root giữ lại từ <TIME>, lý do: theo lệnh 12; sẽ đi tiếp "
                        "khi quản trị viên nhả, và hết hạn lúc <TIME>.", "administrator")
        self.at_government(told, f"The delivery to {DISTRICT} is with ninhthuan, and is held there since <TIME>, because: "
                           "theo lệnh 12; it goes on when an administrator there releases it, and it expires at <TIME>.",
                           f"Lượt giao tới {DISTRICT} do ninhthuan giữ và đang bị giữ lại ở đó từ <TIME>, lý do: theo lệnh "
                           "12; sẽ đi tiếp khi quản trị viên ở đó nhả, và hết hạn lúc <TIME>.", "administrator")
        self.assertGreaterEqual(self.act("ninhthuan", "release", recipient=DISTRICT), 1)


class NotPassedOn(WhyCase):
    """Two nodes: what does not get from the one to the other."""

    @classmethod
    def prepare(cls):
        cls.deadline("vpcp", 'urgent = "1s"')

    def out_of_reach(self, node, neighbour):
        self.eventually(lambda: self.tree[node].neighbour(neighbour), lambda n: not n["connected"])

    def hold_before_it_goes(self, recipient):
        """A document that the ministry's node holds, which had nobody to give it to until then."""
        self.tree["ninhthuan"].stop()
        told = self.send(GOVERNMENT, recipient)
        self.assertEqual(self.act("vpcp", "hold", id=told["id"]), 1)
        self.tree.start("ninhthuan")
        return told

    def test_14_the_next_node_is_down(self):
        self.stop("ninhthuan")
        self.out_of_reach("vpcp", "ninhthuan")
        told = self.send(GOVERNMENT, PROVINCE)
        self.at_government(told, f"The delivery to {PROVINCE} waits at vpcp: ninhthuan, the next node on its way, has not "
                           "been reachable since <TIME> (<ANY>); it is tried again as soon as the way is open.",
                           f"Lượt giao tới {PROVINCE} đang chờ ở vpcp: không kết nối được tới nút kế tiếp ninhthuan từ "
                           "<TIME> (<ANY>); sẽ thử lại ngay khi có kết nối.", "network")

    def test_15_who_took_it_is_out_of_reach_now(self):
        told = self.send(GOVERNMENT, PROVINCE)
        self.arrives(PROVINCE, told)
        self.stop("ninhthuan")
        self.out_of_reach("vpcp", "ninhthuan")
        self.at_government(told, f"The delivery to {PROVINCE} is in the recipient's inbox at ninhthuan since <TIME>, and its "
                           "system has not taken it yet; and ninhthuan has not been reachable since <TIME> (<ANY>).",
                           f"Lượt giao tới {PROVINCE} đã nằm trong hộp đến của bên nhận ở ninhthuan từ <TIME>, hệ thống của "
                           "bên nhận chưa lấy; và không kết nối được tới ninhthuan từ <TIME> (<ANY>).", "recipient")

    def test_16_it_expired(self):
        self.stop("ninhthuan")
        told = self.send(GOVERNMENT, PROVINCE, priority=1)
        self.at_government(told, f"The delivery to {PROVINCE} has ended: it was not delivered in time and expired at <TIME>: "
                           "Cannot reach the node (unreachable: ninhthuan).",
                           f"Lượt giao tới {PROVINCE} đã kết thúc: không giao được đúng hạn, hết hạn lúc <TIME>: Không kết "
                           "nối được tới nút (unreachable: ninhthuan).", "sender")

    def test_17_an_administrator_had_expire_what_waited(self):
        self.stop("ninhthuan")
        self.out_of_reach("vpcp", "ninhthuan")
        told = self.send(GOVERNMENT, PROVINCE)
        self.assertGreaterEqual(self.act("vpcp", "expire", to="ninhthuan"), 1)
        self.at_government(told, f"The delivery to {PROVINCE} has ended: root, an administrator, had it expire at <TIME>: "
                           "theo lệnh 12.",
                           f"Lượt giao tới {PROVINCE} đã kết thúc: quản trị viên root cho hết hạn lúc <TIME>: theo lệnh 12.",
                           "sender")

    def test_18_its_recipient_was_closed_on_the_way(self):
        code = "000.00.77.H43"
        province = self.tree["ninhthuan"]
        province.change_directory(lambda records: records.append(
            {"agency": {"code": code, "name": "Sở tạm", "node": "ninhthuan"}}))
        province.hang_up()
        self.tree["vpcp"].wait_until(lambda: self.tree["vpcp"].knows(code))
        told = self.hold_before_it_goes(code)
        self.assertEqual(self.order("ninhthuan", f"agencies/{code}/close").status, 200)
        self.assertEqual(self.act("vpcp", "release", id=told["id"]), 1)
        self.at_government(told, f"The delivery to {code} has ended: it could not be delivered, as was found at <TIME>: "
                           "Recipient closed (recipient_closed).",
                           f"Lượt giao tới {code} đã kết thúc: không giao được, xác định lúc <TIME>: "
                           f"{ERRORS['recipient_closed']['title']['vi']} (recipient_closed).",
                           ERRORS["recipient_closed"]["who"])


class Withdrawn(WhyCase):
    """Two nodes: recalls in time and too late."""

    def recall(self, told):
        return self.withdraw(1, GOVERNMENT, PROVINCE, told["document_id"])

    def test_19_it_was_recalled_in_time(self):
        told = self.send(GOVERNMENT, PROVINCE)
        self.arrives(PROVINCE, told)
        recall = self.recall(told)
        self.assert_why("vpcp", self.delivery(told),
                        f"The delivery to {PROVINCE} has ended: its sender took the document back at <TIME>, by "
                        f"{recall['id']}, before it was handed over; the recipient has never seen it.",
                        f"Lượt giao tới {PROVINCE} đã kết thúc: bên gửi thu hồi văn bản lúc <TIME>, bằng {recall['id']}, "
                        "trước khi bàn giao; bên nhận chưa hề thấy văn bản.", None)
        self.assert_why("vpcp", self.delivery(recall),
                        f"The delivery to {PROVINCE} has ended: it took its document back at <TIME> before that was handed "
                        "over, so that the recipient has seen neither.",
                        f"Lượt giao tới {PROVINCE} đã kết thúc: đã thu hồi được văn bản lúc <TIME> trước khi bàn giao, nên "
                        "bên nhận không thấy cả hai.", None)

    def test_20_the_recall_came_too_late(self):
        told = self.send(GOVERNMENT, PROVINCE)
        self.accept(PROVINCE, self.arrives(PROVINCE, told))
        recall = self.recall(told)
        self.assert_why("ninhthuan", self.delivery(recall),
                        f"The delivery to {PROVINCE} takes back a document that was handed over before it came (<TIME>); it "
                        "is in the inbox here, and the recipient has to take it and answer with status 15 (agreed) or 16 "
                        "(declined).",
                        f"Lượt giao tới {PROVINCE} thu hồi văn bản đã bàn giao trước khi nó tới (<TIME>); nó đang nằm trong "
                        "hộp đến ở đây, bên nhận cần lấy và trả lời trạng thái 15 (đồng ý) hoặc 16 (từ chối).", "recipient")
        [item] = self.eventually(lambda: self.inbox(PROVINCE, recall), bool)
        self.accept(PROVINCE, item)
        self.assert_why("vpcp", self.delivery(recall),
                        f"The delivery to {PROVINCE} has ended: the recipient's system took it at <TIME>; it takes back a "
                        "document that was handed over before it came (<TIME>), so that the recipient has to answer with "
                        "status 15 (agreed) or 16 (declined).",
                        f"Lượt giao tới {PROVINCE} đã xong: hệ thống của bên nhận đã nhận lúc <TIME>; nó thu hồi văn bản đã "
                        "bàn giao trước khi nó tới (<TIME>), nên bên nhận cần trả lời trạng thái 15 (đồng ý) hoặc 16 (từ "
                        "chối).", "recipient")

    def test_21_what_it_recalls_has_not_come(self):
        recall = self.recall({"document_id": f"{GOVERNMENT},2026/11/02,777/KHAC"})
        self.assert_why("ninhthuan", self.delivery(recall),
                        f"The delivery to {PROVINCE} takes back a document that has not come here; it is in the inbox here, "
                        "and a document that comes later will not be shown.",
                        f"Lượt giao tới {PROVINCE} thu hồi văn bản chưa tới đây; nó đang nằm trong hộp đến ở đây, văn bản "
                        "tới sau sẽ không được đưa vào hộp đến.", "recipient")

    def test_22_a_recalled_document_is_not_sent_again(self):
        told = self.send(GOVERNMENT, PROVINCE)
        self.arrives(PROVINCE, told)
        self.recall(told)
        self.ends(GOVERNMENT, told, "recalled")
        answer = self.order("vpcp", "resend", id=self.delivery(told), reason="thử")
        self.assertEqual((answer.status, answer.code), (409, "withdrawn"))


class RefusedByANeighbour(WhyCase):
    """The node of the province is another program, which says what the test wants."""

    RUNNING = ("vpcp", "ninhthuan")

    def setUp(self):
        self.stop("ninhthuan")

    def neighbour(self, *arguments, **options):
        return RefusingNeighbour(self.tree["vpcp"], self.tree["ninhthuan"], *arguments, **options)

    def test_23_it_is_being_offered(self):
        with self.neighbour() as silent:
            told = self.send(GOVERNMENT, PROVINCE)
            silent.wait_until_offered()
            self.at_government(told, f"The delivery to {PROVINCE} is being offered to ninhthuan, which has not answered yet.",
                               f"Lượt giao tới {PROVINCE} đang được chuyển cho ninhthuan, nút này chưa trả lời.", "network")

    def test_24_it_cannot_be_taken_yet(self):
        with self.neighbour("directory_behind", "section vpcp 3"):
            told = self.send(GOVERNMENT, PROVINCE)
            self.at_government(told, f"The delivery to {PROVINCE} waits at vpcp: ninhthuan could not take it yet: "
                               "<ANY> (directory_behind: section vpcp 3); it is tried again <ANY>.",
                               f"Lượt giao tới {PROVINCE} đang chờ ở vpcp: ninhthuan chưa nhận được: <ANY> "
                               "(directory_behind: section vpcp 3); sẽ <ANY>.",
                               ERRORS["directory_behind"]["who"], next_at=True)

    def test_25_the_neighbour_can_take_nothing(self):
        with self.neighbour("no_space", "full"):
            told = self.send(GOVERNMENT, PROVINCE)
            self.at_government(told, f"The delivery to {PROVINCE} waits at vpcp: ninhthuan can take nothing for now, as it "
                               "said <ANY> times in a row: No space left on the node (no_space: full); it is left in peace, "
                               "and it is tried again at <TIME> with one delivery first.",
                               f"Lượt giao tới {PROVINCE} đang chờ ở vpcp: ninhthuan hiện không nhận được gì, đã báo <ANY> "
                               "lần liên tiếp: Nút hết dung lượng (no_space: full); tạm ngừng chuyển tới đó, và sẽ thử lại "
                               "lúc <TIME> bằng một lượt trước.", ERRORS["no_space"]["who"], next_at=True)

    def test_26_the_neighbour_refused_it_for_good(self):
        with self.neighbour("origin_not_home", "vpcp"):
            told = self.send(GOVERNMENT, PROVINCE)
            self.at_government(told, f"The delivery to {PROVINCE} waits at vpcp: ninhthuan refused it for good: <ANY> "
                               "(origin_not_home: vpcp); Truc has held it since <TIME>, until an administrator releases it "
                               "because the cause is gone, or ends it, and it expires at <TIME>.",
                               f"Lượt giao tới {PROVINCE} dừng ở vpcp: ninhthuan từ chối hẳn: <ANY> (origin_not_home: vpcp); "
                               "Truc giữ lại từ <TIME> cho đến khi quản trị viên nhả (khi nguyên nhân đã hết) hoặc kết "
                               "thúc, và hết hạn lúc <TIME>.", ERRORS["origin_not_home"]["who"])

    def test_27_the_neighbour_has_to_be_upgraded(self):
        with self.neighbour(properties={"truc-version": 1}):
            told = self.send(GOVERNMENT, PROVINCE)
            self.at_government(told, f"The delivery to {PROVINCE} waits at vpcp: ninhthuan runs a version that cannot take it "
                               "over, and has to be upgraded.",
                               f"Lượt giao tới {PROVINCE} đang chờ ở vpcp: phiên bản của ninhthuan không nhận chuyển tiếp "
                               "được, cần nâng cấp.", "administrator")

    def test_28_somebody_holds_it_before_it_is_passed_on(self):
        told = self.send(GOVERNMENT, PROVINCE)
        self.assertEqual(self.act("vpcp", "hold", id=self.delivery(told)), 1)
        expected = (f"The delivery to {PROVINCE} waits at vpcp: root has held it since <TIME>, because: theo lệnh 12; it goes "
                    "on when an administrator releases it, and it expires at <TIME>.",
                    f"Lượt giao tới {PROVINCE} dừng ở vpcp: root giữ lại từ <TIME>, lý do: theo lệnh 12; sẽ đi tiếp khi quản "
                    "trị viên nhả, và hết hạn lúc <TIME>.", "administrator")
        self.at_government(told, *expected)
        self.tree.start("ninhthuan")
        time.sleep(1)
        self.at_government(told, *expected)  # the way is open, and it does not go
        self.assertEqual(self.act("vpcp", "release", id=self.delivery(told)), 1)
        self.accept(PROVINCE, self.arrives(PROVINCE, told))
        self.ends(GOVERNMENT, told)


class WithoutAWay(WhyCase):
    def test_29_the_next_node_is_no_neighbour_any_more(self):
        vpcp = self.tree["vpcp"]
        self.tree["ninhthuan"].stop()
        told = self.send(GOVERNMENT, PROVINCE)
        vpcp.stop()
        vpcp.config.write_text(re.sub(r'\[\[neighbours\]\]\nname = "ninhthuan"\n', "", vpcp.config.read_text()))
        vpcp.start()
        self.assert_why("vpcp", self.delivery(told),
                        f"The delivery to {PROVINCE} waits at vpcp: ninhthuan, the next node on its way, is not configured "
                        "as a neighbour here.",
                        f"Lượt giao tới {PROVINCE} đang chờ ở vpcp: nút kế tiếp ninhthuan chưa được cấu hình là nút lân cận "
                        "ở đây.", "administrator")


if __name__ == "__main__":
    unittest.main()
