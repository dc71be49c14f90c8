"""What the demo's campaigns say and do, in the form of campaign templates."""

from lxml import etree

BLOCK = "marketing_automation.mailing_block"


def body(title, button, *paragraphs):
    """A mail made of the blocks of the campaign templates.

    :return: its QWeb template
    """
    text = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return etree.fromstring(
        f"""<t><t t-call="{BLOCK}_layout">
            <t t-call="{BLOCK}_header"/>
            <t t-call="{BLOCK}_title">{title}</t>
            <t t-call="{BLOCK}_text"><p>Hello <t t-out="recipient"/>,</p>{text}</t>
            <t t-call="{BLOCK}_button"><t t-set="url" t-value="website_url"/>{button}</t>
            <t t-call="{BLOCK}_footer"/>
        </t></t>"""
    )


def step(name, trigger="begin", delay="0 hours", children=(), **what):
    """An activity: its mailing, its server action, or how it steers is in ``what``."""
    number, unit = delay.split()
    return {
        "name": name,
        "trigger_type": trigger,
        "interval_number": int(number),
        "interval_type": unit,
        "children": children,
        **what,
    }


INVITATION = {
    "subject": "You are invited: open house in our showroom",
    "preview": "Coffee, cake and everything new.",
    "template": body(
        "Open house",
        "Tell us that you come",
        "On the last Saturday of the month our showroom is open for you all day.",
        "See the new shelves and counters, try them, and have a coffee with us.",
    ),
}
SECOND_INVITATION = {
    "subject": "Still a place for you at our open house",
    "preview": "We would like to see you.",
    "template": body(
        "There is still a place for you",
        "Tell us that you come",
        "Our open house is next Saturday. It would be nice to see you there.",
    ),
}
WELCOME = {
    "subject": "Welcome among our shops",
    "preview": "Furniture that sells, made for small shops.",
    "template": body(
        "Welcome among our shops",
        "See what others have built",
        "More than two hundred small shops have been fitted by us, each in its own way.",
        "Soon you get our catalog. Until then, see what others have made of it.",
    ),
}
CATALOG = {
    "subject": "Our catalog for shops like yours",
    "preview": "Shelves, counters and lights, with all sizes.",
    "template": body(
        "The catalog for small shops",
        "Open the catalog",
        "Shelves, counters, lights: all sizes and prices in one place.",
        "Tell us what you have in mind, and we draw it for you, free of charge.",
    ),
}
REMINDER = {
    "subject": "Have you seen our catalog?",
    "preview": "It takes two minutes.",
    "template": body(
        "Two minutes for your shop",
        "Have a look",
        "A few days ago we wrote to you, and our email may have got lost.",
        "Here is the catalog once more. Is there something in it for your shop?",
    ),
}
SAMPLES = {
    "subject": "Wood, steel, linen: samples for your shop",
    "preview": "Feel it before you build with it.",
    "template": body(
        "Feel it before you build",
        "Order from the samples",
        "Thank you for asking for our sample box. It is on its way to you.",
        "Hold the samples next to your floor and your walls, in daylight and in the evening.",
    ),
}
SHOP_STORY = {
    "subject": "How a bakery got its new counter in nine days",
    "preview": "From the first sample to the first customer.",
    "template": body(
        "Nine days to a new counter",
        "See how they did it",
        "Thank you for asking for our sample box. It is on its way to you.",
        "With the same box a bakery chose its counter. Nine days later they sold bread on it.",
    ),
}
THANKS = {
    "subject": "Thank you for your order",
    "preview": "What happens next.",
    "template": body(
        "Thank you for your order",
        "Follow your order",
        "Our workshop has begun. You hear from us on the day on which your order leaves it.",
        "Is there anything that you would like to change? Reply within two days.",
    ),
}
SAMPLES_TEXT = {
    "subject": "Question about the samples",
    "text": "Hello {{ object.name }}, did you find your wood in our box? Here you see it in shops:"
    " https://www.example.com/shops",
}
TEXT_MESSAGE = {
    "subject": "Short link to the catalog",
    "text": "Hello {{ object.name }}, our catalog on your phone: https://www.example.com/catalog",
}


def open_house(guests):
    """A short campaign for the contacts with a tag."""
    second = step("Second invitation", "mail_not_open", "4 days", mailing=SECOND_INVITATION)
    return {
        "name": "Open house in the showroom",
        "model": "res.partner",
        "domain": [("category_id", "in", guests.ids)],
        "activities": [step("Invitation", mailing=INVITATION, children=[second])],
    }


def new_shops(shops, interested, wrong, call):
    """From the first email to a call.

    :param shops: tag of those who take part
    :param interested: server action for those who click
    :param wrong: server action for addresses that bounce
    :param call: server action that schedules a call
    """
    text_message = step(
        "Text message",
        "mail_not_click",
        "4 days",
        mailing=TEXT_MESSAGE,
        children=[step("Call", "sms_click", "1 hours", server_action=call)],
    )
    catalog = step(
        "Catalog",
        "mail_open",
        "2 days",
        mailing=CATALOG,
        children=[
            step("Tag as interested", "mail_click", server_action=interested),
            step("Call back", "mail_reply", server_action=call),
            text_message,
        ],
    )
    reminder = step(
        "Reminder",
        "mail_not_open",
        "5 days",
        mailing=REMINDER,
        children=[step("Tag after the reminder", "mail_click", server_action=interested)],
    )
    bounce = step("Tag for a check", "mail_bounce", server_action=wrong)
    return {
        "name": "New shops: from the first email to a call",
        "model": "res.partner",
        "domain": [("category_id", "in", shops.ids), ("email", "!=", False)],
        "activities": [
            step("Welcome", delay="1 hours", mailing=WELCOME, children=[catalog, reminder, bounce])
        ],
    }


def sample_box(asked, ordered, call):
    """From a box of samples to the first order: two letters are tried, and a control group.

    :param asked: tag of those who take part
    :param ordered: tag of those who have ordered
    :param call: server action that schedules a call
    """
    last_word = step(
        "Wait for Tuesday",
        activity_type="wait",
        branch="otherwise",
        wait_type="time",
        wait_weekday="1",
        time_of_day=10,
        children=[
            step(
                "Text message",
                branch="met",
                mailing=SAMPLES_TEXT,
                children=[step("Leave in peace", "activity", "3 days", activity_type="exit")],
            )
        ],
    )
    clicked = {
        key: {
            "name": f"Clicked letter {key.upper()}",
            "branch_type": "event",
            "event": "mail_click",
            "event_activity_id": key,
        }
        for key in ("a", "b")
    }
    call_them = step(
        "Call",
        branch="a",
        key="call",
        server_action=call,
        children=[
            step(
                "Wait once more",
                "activity_done",
                activity_type="goto",
                goto_activity_id="order",
                max_visits=2,
            )
        ],
    )
    call_others = step(
        "Call them, too", activity_type="goto", branch="b", goto_activity_id="call", max_visits=2
    )
    wait = step(
        "Wait for the order",
        "activity",
        activity_type="wait",
        key="order",
        wait_type="filter",
        wait_domain=[("category_id", "in", ordered.ids)],
        wait_limit=True,
        wait_limit_number=5,
        children=[
            step("Thank you", branch="met", mailing=THANKS),
            step(
                "Are they interested?",
                activity_type="condition",
                branch="timeout",
                branches=clicked,
                children=[call_them, call_others, last_word],
            ),
        ],
    )
    merge = step("Wait, too", "activity", activity_type="goto", goto_activity_id="order")
    return {
        "name": "Sample box: until the first order",
        "model": "res.partner",
        "domain": [("category_id", "in", asked.ids), ("email", "!=", False)],
        "activities": [
            step(
                "Which letter sells?",
                activity_type="split",
                split_winner="click",
                split_winner_after_number=4,
                split_winner_min_runs=60,
                branches={
                    "a": {"name": "A: the samples", "branch_type": "random", "weight": 45},
                    "b": {"name": "B: a story", "branch_type": "random", "weight": 45},
                    "control": {
                        "name": "Control group",
                        "branch_type": "random",
                        "weight": 10,
                        "is_holdout": True,
                    },
                },
                children=[
                    step("Letter A", branch="a", key="a", mailing=SAMPLES, children=[wait]),
                    step("Letter B", branch="b", key="b", mailing=SHOP_STORY, children=[merge]),
                ],
            )
        ],
    }
