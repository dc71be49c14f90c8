"""Bodies of webhook calls: how they are read, and what is kept of them."""

import json

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ..tools.payload import (
    BLANK,
    MAX_DEPTH,
    MAX_SHOWN,
    blank,
    get_unmapped,
    get_value,
    join,
    read_call,
    read_payload,
    split,
)
from ..tools.refusals import REFUSALS, Refusal

SECRET = "s3cr3tvalue"
texts = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12
) | st.sampled_from(["/", "~", "~1", "a/b~c", "0", "", "é"])
numbers = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=12,
)
quick = settings(
    max_examples=200,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


@tagged("post_install", "-at_install")
class TestPayload(BaseCase):
    def refuse(self, function, *args, **kwargs):
        """The key of the reason for which something is refused."""
        with self.assertRaises(Refusal) as caught:
            function(*args, **kwargs)
        self.assertIn(caught.exception.reason, REFUSALS)
        return caught.exception.reason

    # ------------------------------------------------------------
    # Reading
    # ------------------------------------------------------------

    def test_what_is_no_json(self):
        for body in (
            b"",
            b"{",
            b"\xff\xfe",
            b'{"id": NaN}',
            b'{"id": Infinity}',
            b'{"id": 1e999}',
            b'{"id": ' + b"9" * 5000 + b"}",
            b"{'id': 1}",
            b'{"id": 1} {}',
        ):
            with self.subTest(body=body[:20]):
                self.assertEqual(self.refuse(read_payload, body), "broken_json")

    def test_what_is_no_object(self):
        for body in (b"[]", b"1", b"null", b'"x"', b"true"):
            with self.subTest(body=body):
                self.assertEqual(self.refuse(read_payload, body), "wrong_type")

    def test_depth(self):
        def nested(depth):
            return b'{"a":' * depth + b"1" + b"}" * depth

        read_payload(nested(MAX_DEPTH))
        self.assertEqual(self.refuse(read_payload, nested(MAX_DEPTH + 1)), "too_deep")
        for depth in (1_000, 100_000):
            self.assertEqual(self.refuse(read_payload, nested(depth)), "too_deep")
            self.assertEqual(
                self.refuse(read_payload, b'{"a":' + b"[" * depth + b"]" * depth + b"}"),
                "too_deep",
            )

    def test_texts_that_cannot_be_kept(self):
        for body in (b'{"a": "x\\u0000"}', b'{"a\\u0000": 1}', b'{"a": [{"b": "\\ud800"}]}'):
            with self.subTest(body=body):
                self.assertEqual(self.refuse(read_payload, body), "bad_text")
        self.assertEqual(read_payload(b'{"a": "\\ud83d\\ude00"}'), {"a": "\U0001f600"})

    def test_anything(self):
        @quick
        @given(st.binary(max_size=40) | st.text(max_size=40).map(str.encode))
        @example(b'{"id": 1}')
        def check(body):
            try:
                self.assertIsInstance(read_payload(body), dict)
            except Refusal as refusal:
                self.assertIn(refusal.reason, REFUSALS)

        check()

    # ------------------------------------------------------------
    # Places
    # ------------------------------------------------------------

    def test_each_value_has_a_place(self):
        def walk(value, place):
            yield place, value
            items = {dict: dict.items, list: enumerate}.get(type(value))
            for name, item in items(value) if items else ():
                yield from walk(item, join(place, name))

        @quick
        @given(st.dictionaries(texts, values, max_size=4))
        def check(payload):
            for place, value in walk(payload, ""):
                if place:
                    self.assertEqual(get_value(payload, place), value)

        check()

    def test_what_is_no_place(self):
        for place in ("", "a", "a/b", "/~", "/~2", "/\0"):
            with self.subTest(place=place), self.assertRaises(ValueError):
                split(place)

    def test_nothing_is_there(self):
        payload = {"a": [{"b": None}], "c": "text"}
        for place in ("/x", "/a/1", "/a/-", "/a/01", "/a/0/x", "/c/0", "/a/-1", "/a/" + "9" * 50):
            with self.subTest(place=place):
                self.assertIs(get_value(payload, place, self), self)
        self.assertIsNone(get_value(payload, "/a/0/b", self))

    # ------------------------------------------------------------
    # Schema
    # ------------------------------------------------------------

    def test_who(self):
        for payload, by, value in (
            ({"id": 12}, "id", 12),
            ({"external_id": "crm.lead_1"}, "external_id", ("crm", "lead_1")),
            ({"external_id": "__import__.a.b"}, "external_id", ("__import__", "a.b")),
            ({"find": {"email": "a@example.com"}, "id": None}, "find", "a@example.com"),
        ):
            with self.subTest(payload=payload):
                call = read_call(payload, "email")
                self.assertEqual((call.by, call.value, call.key), (by, value, ""))

    def test_who_elsewhere(self):
        """What other programs call “id” is none of ours."""
        payload = {"id": "evt_1", "order": {"number": 7, "mail": "a@example.com"}}
        call = read_call(payload, "email", "/order/mail", "/order/number")
        self.assertEqual((call.by, call.value, call.key), ("find", "a@example.com", "7"))

    def test_who_is_not_understood(self):
        for payload, reason in (
            ({}, "nobody"),
            ({"id": None}, "nobody"),
            ({"find": {"email": ""}}, "nobody"),
            ({"find": {"email": None}}, "nobody"),
            ({"id": 1, "find": {"email": "a"}}, "several"),
            ({"id": True}, "wrong_type"),
            ({"id": "1"}, "wrong_type"),
            ({"id": 1.0}, "wrong_type"),
            ({"id": [1]}, "wrong_type"),
            ({"external_id": "lead"}, "wrong_type"),
            ({"external_id": "a.b; DROP"}, "wrong_type"),
            ({"external_id": 1}, "wrong_type"),
            ({"find": "a"}, "wrong_type"),
            ({"find": {}}, "wrong_type"),
            ({"find": {"email": "a", "name": "b"}}, "wrong_type"),
            ({"find": {"email": ["a"]}}, "wrong_type"),
            ({"find": {"email": True}}, "wrong_type"),
            ({"find": {"password": "a"}}, "not_mapped"),
            ({"find": {"parent_id.email": "a"}}, "not_mapped"),
            ({"id": 1, "key": ""}, "wrong_type"),
            ({"id": 1, "key": " "}, "wrong_type"),
            ({"id": 1, "key": "x" * 201}, "wrong_type"),
            ({"id": 1, "key": ["x"]}, "wrong_type"),
            ({"id": 1, "key": True}, "wrong_type"),
            ({"id": 1, "key": 10**300}, "wrong_type"),
        ):
            with self.subTest(payload=payload):
                self.assertEqual(self.refuse(read_call, payload, "email"), reason)
        self.assertEqual(self.refuse(read_call, {"find": {"x": 1}}, ""), "not_mapped")

    def test_key(self):
        for key, kept in ((" S12 ", "S12"), (7, "7"), (None, "")):
            self.assertEqual(read_call({"id": 1, "key": key}, "").key, kept)

    def test_values_without_a_field(self):
        payload = {"values": {"name": "A", "address": {"city": "B"}, "job": "C"}}
        places = ["/values/name", "/values/address/city"]
        self.assertEqual(get_unmapped(payload, places), "/values/job")
        self.assertIsNone(get_unmapped(payload, [*places, "/values/job"]))
        self.assertIsNone(get_unmapped({"other": 1}, []))
        self.assertEqual(self.refuse(get_unmapped, {"values": [1]}, []), "wrong_type")

    # ------------------------------------------------------------
    # What is kept
    # ------------------------------------------------------------

    def test_secrets_are_blanked(self):
        for payload in (
            {"password": SECRET},
            {"newPassword": SECRET},
            {"user": {"API-Key": SECRET, "api_key": [SECRET]}},
            {"headers": {"Authorization": f"Bearer {SECRET}"}},
            {"note": f"Authorization: Bearer {SECRET}"},
            {"card": {"number": SECRET}},
            {"creditCardNumber": SECRET},
            {"url": f"https://example.com/?a=1&access_token={SECRET}&b=2"},
            {"raw": json.dumps({"client_secret": SECRET})},
            {"raw": json.dumps({"raw": json.dumps({"client_secret": SECRET})})},
            {"fields": [{"name": "Password", "value": SECRET}]},
            {"fields": [{"label": "Card number", "answers": [SECRET]}]},
        ):
            with self.subTest(payload=payload):
                kept = json.dumps(blank(payload))
                self.assertNotIn(SECRET, kept)
                self.assertIn(BLANK, str(blank(payload)))

    def test_the_rest_is_kept(self):
        payload = {"email": "a@example.com", "businessName": "A & B", "tags": ["x", 1, None, True]}
        self.assertEqual(blank(payload), payload)

    def test_what_is_kept_is_short(self):
        for payload in (
            {"a": "x" * 10**6},
            {"a" * 10**6: 1},
            {f"a{i}": "x" * 1000 for i in range(1000)},
            {"a": [["x" * 1000] * 1000] * 1000},
            {"secret" * 10**5: "token=" * 10**5},
            {"a": "token" * 10**5, "b": "-" * 10**6},
        ):
            self.assertLessEqual(len(json.dumps(blank(payload), ensure_ascii=False)), MAX_SHOWN)

    def test_anything_is_kept(self):
        @quick
        @given(st.dictionaries(texts, values, max_size=4))
        def check(payload):
            json.dumps(blank(payload), allow_nan=False)

        check()
