import re
from pathlib import Path

from lxml import etree

from odoo.tests import TransactionCase, tagged

from ..tools.tones import DECORATIONS

FOLDER = Path(__file__).parent.parent
COLORS = FOLDER / "static/src/tones/tones.scss"
# Behind what is drawn: sheets, the web client; in dark mode those of Bootstrap and Odoo's charts.
BACKGROUNDS = (("#ffffff", "#f8f9fa"), ("#212529", "#262a36"))
# WCAG 2.1 at level AA: of texts that are not large (1.4.3), and of what is drawn (1.4.11).
TEXT = 4.5
DRAWING = 3


def read_colors():
    """Colours by tone, as the style sheets have them: of drawings and of texts in light mode, and
    of both in dark mode."""
    return {
        tone: colors
        for tone, *colors in re.findall(
            r"^    (\w+): \((#\w{6}), (#\w{6}), (#\w{6})\),$", COLORS.read_text(), re.MULTILINE
        )
    }


def get_luminance(color):
    """WCAG 2.1, relative luminance."""
    channels = [int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (
        value / 12.92 if value <= 0.03928 else ((value + 0.055) / 1.055) ** 2.4
        for value in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def get_contrast(one, other):
    lighter, darker = sorted([get_luminance(one), get_luminance(other)], reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@tagged("post_install", "-at_install")
class TestTones(TransactionCase):
    """A colour means one thing everywhere, and can be read."""

    def test_colors_can_be_read(self):
        light, dark = BACKGROUNDS
        for tone, colors in read_colors().items():
            for color, backgrounds, least in zip(
                colors, (light, light, dark), (DRAWING, TEXT, TEXT), strict=True
            ):
                for background in backgrounds:
                    with self.subTest(tone=tone, color=color, background=background):
                        self.assertGreaterEqual(get_contrast(color, background), least)

    def test_colors_differ(self):
        for colors in zip(*read_colors().values(), strict=True):
            self.assertEqual(len(set(colors)), len(colors))

    def test_each_tone_has_a_color(self):
        self.assertEqual(set(read_colors()), set(DECORATIONS))

    def test_each_state_has_a_tone(self):
        tones = self.env["marketing.activity"].get_workflow_rules()["tones"]
        for model in ("marketing.campaign", "marketing.participant", "marketing.trace"):
            for name in {"state", "outcome"} & set(self.env[model]._fields):
                keys = dict(self.env[model]._fields[name]._description_selection(self.env))
                self.assertLessEqual(set(keys), set(tones[model]))
            self.assertLessEqual(set(tones[model].values()), set(DECORATIONS))

    def test_other_branch_is_no_error(self):
        tones = self.env["marketing.activity"].get_workflow_rules()["tones"]["marketing.trace"]
        self.assertNotIn(DECORATIONS[tones["elsewhere"]], ("danger", "warning"))
        self.assertNotEqual(tones["elsewhere"], tones["error"])

    def test_badges_say_the_same(self):
        """Each list and card shows a state as charts and journeys do."""
        tones = self.env["marketing.activity"].get_workflow_rules()["tones"]
        badges = 0
        for model, names in (
            ("marketing.campaign", ["state"]),
            ("marketing.participant", ["state"]),
            ("marketing.trace", ["state", "outcome"]),
        ):
            views = self.env["ir.ui.view"].search(
                [("model", "in", (model, "marketing.participant", "marketing.campaign"))]
            )
            for view in views.filtered(lambda view: "marketing_automation." in view.xml_id):
                for badge in self._get_badges(view, model, names):
                    badges += 1
                    with self.subTest(view=view.xml_id, field=badge.get("name")):
                        self._check_badge(badge, tones[model], model)
        self.assertGreater(badges, 5)

    def _get_badges(self, view, model, names):
        arch = etree.fromstring(view.arch_db)
        for badge in arch.xpath("//field[@widget='badge']"):
            parents = [node.get("name") for node in badge.iterancestors("field")]
            of_model = view.model
            for name in reversed(parents):
                of_model = self.env[of_model]._fields[name].comodel_name
            if of_model == model and badge.get("name") in names:
                yield badge

    def _check_badge(self, badge, tones, model):
        name = badge.get("name")
        keys = dict(self.env[model]._fields[name]._description_selection(self.env))
        for key in keys:
            found = [
                attribute.removeprefix("decoration-")
                for attribute, condition in badge.attrib.items()
                if attribute.startswith("decoration-")
                and re.search(rf"{name} (== '{key}'|in \([^)]*'{key}'[^)]*\))", condition)
            ]
            self.assertEqual(found, [DECORATIONS[tones[key]]], key)
