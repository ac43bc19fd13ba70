"""Senders and receivers that outlive the node, and keep their own books of what they were told."""
import dataclasses
import hashlib
import json
import random
import threading
import time
import typing

from node import Deviation, LostAnswer, Unreachable

STATES = {"accepted": "handed_over", "rejected": "rejected"}  # that an outcome leads to


@dataclasses.dataclass
class Message:
    """One message of the pool and what its sender was told about it."""
    file: str
    kind: str
    number: int
    client: str
    sender: str
    recipients: list
    sha256: str = ""
    size: int = 0
    answer: typing.Optional[dict] = None
    lost_answers: int = 0
    repeated: int = 0


@dataclasses.dataclass
class Delivery:
    """What a recipient saw of one delivery, and what it was told when it acknowledged."""
    item: dict
    outcome: str
    answer: typing.Optional[dict] = None
    lost_answers: int = 0


def read_pool(file):
    with open(file, encoding="utf-8") as lines:
        entries = [json.loads(line) for line in lines]
    return [Message(e["file"], e["kind"], e["number"], e["client"], e["from"], [e["to"]]) for e in entries]


class Actor(threading.Thread):
    """A client's thread. A deviation ends it and is kept for the judge."""

    def __init__(self, node, client, seed):
        super().__init__(name="%s %s" % (type(self).__name__, client), daemon=True)
        self.client = client
        self.caller = node.client(client)
        self.random = random.Random(seed)
        self.finishing = threading.Event()
        self.deviation = None

    def run(self):
        try:
            while self.act():
                pass
        except Exception as problem:  # pylint: disable=broad-except
            self.deviation = problem
        finally:
            self.caller.close()

    def act(self):
        raise NotImplementedError

    def persist(self, method, target, body=None, on_loss=lambda: None, **headers):
        """The same request until it is answered: what a client does when an answer is lost."""
        while True:
            try:
                answer = self.caller.call(method, target, body, **headers)
                if answer.status != 503:
                    return answer
            except Unreachable:
                pass
            except LostAnswer:
                on_loss()
            time.sleep(self.random.uniform(0.005, 0.03))


class Sender(Actor):
    """Submits its messages in their order, as many as it is allowed, `pause` seconds apart; some again on purpose."""

    def __init__(self, node, client, messages, seed, pause=0.0):
        super().__init__(node, client, seed)
        self.pause = pause
        self.waiting = list(reversed(messages))
        self.known = []
        self.allowed = threading.Semaphore(0)

    def allow(self, count):
        for _ in range(count):
            self.allowed.release()

    def act(self):
        if self.waiting and self.allowed.acquire(timeout=0.02):
            message = self.waiting.pop()
            self.submit(message)
            self.known.append(message)
            if self.random.random() < 0.1:
                self.submit(message)
            if not self.finishing.is_set():
                time.sleep(self.random.uniform(0, 2 * self.pause))
            return True
        if self.finishing.is_set() and not self.waiting:
            return False
        if self.known:
            self.submit(self.random.choice(self.known))
        time.sleep(self.random.uniform(0, 0.02))
        return True

    def submit(self, message):
        with open(message.file, "rb") as file:
            content = file.read()
        message.sha256 = hashlib.sha256(content).hexdigest()
        message.size = len(content)

        def count_loss():
            message.lost_answers += 1

        lost_before = message.lost_answers
        answer = self.persist("POST", "/v1/documents", content, count_loss, **{"Content-Type": "application/xml"})
        # 201 is said once; after a lost answer it may have been said already.
        new = message.answer is None
        certain = new and message.lost_answers == lost_before
        if answer.status not in ((201,) if certain else (200, 201) if new else (200,)):
            raise Deviation("%s was answered with %s" % (message.file, answer))
        if new:
            message.answer = answer.json
            return
        message.repeated += 1
        if answer.json != message.answer:
            raise Deviation("%s was answered differently the second time: %s" % (message.file, answer))


class Receiver(Actor):
    """Claims, compares the content with its digest, acknowledges. No delivery may come back once it has ended."""

    def __init__(self, node, client, seed):
        super().__init__(node, client, seed)
        self.deliveries = {}

    def act(self):
        answer = self.persist("GET", "/v1/inbox?max=20&claim=2&wait=1")
        if answer.status != 200:
            raise Deviation("inbox: %s" % answer)
        items = answer.json["items"]
        for item in items:
            self.receive(item)
        return bool(items) or not self.finishing.is_set()

    def receive(self, item):
        delivery = self.deliveries.get(item["delivery_id"])
        if delivery is not None and delivery.answer is not None:
            raise Deviation("delivery %s came again after it had ended" % item["delivery_id"])
        if delivery is None:
            outcome = "rejected" if self.random.random() < 0.03 else "accepted"
            delivery = self.deliveries[item["delivery_id"]] = Delivery(item, outcome)
        elif delivery.item != item:
            raise Deviation("delivery %s has changed: %s" % (item["delivery_id"], item))
        content = self.persist("GET", "/v1/inbox/%s/content" % item["delivery_id"])
        if content.status != 200 or hashlib.sha256(content.body).hexdigest() != item["sha256"]:
            raise Deviation("delivery %s has other bytes than promised: %d" % (item["delivery_id"], content.status))
        if self.random.random() < 0.05:
            released = self.acknowledge(delivery, "released")
            if released.status != 200:
                raise Deviation("delivery %s: %s" % (item["delivery_id"], released))
            return
        answer = self.acknowledge(delivery, delivery.outcome)
        if answer.status != 200:
            raise Deviation("delivery %s: %s" % (item["delivery_id"], answer))
        delivery.answer = answer.json
        if self.random.random() < 0.1:
            self.acknowledge_again(delivery)

    def acknowledge(self, delivery, outcome):
        def count_loss():
            delivery.lost_answers += 1

        body = json.dumps({"outcome": outcome, "reason": "crash test" if outcome == "rejected" else ""})
        return self.persist("POST", "/v1/inbox/%s/ack" % delivery.item["delivery_id"], body, count_loss,
                            **{"Content-Type": "application/json"})

    def acknowledge_again(self, delivery):
        same = self.acknowledge(delivery, delivery.outcome)
        if same.status != 200 or same.json != delivery.answer:
            raise Deviation("the same acknowledgement was answered with %s after %s" % (same, delivery.answer))
        other = self.acknowledge(delivery, "accepted" if delivery.outcome == "rejected" else "rejected")
        if other.status != 409:
            raise Deviation("a second outcome was answered with %s" % other)
