"""Robots by the name that their browser gives (``User-Agent``).

Odoo looks for words such as "bot" and "preview" anywhere in it, which are in the names of
phones (CUBOT) and of people's browsers (Instagram's own) too. Here a robot is what is on
a kept list, or follows one of the three conventions of robots. Everybody else is a person.
The image proxies of Gmail and Yahoo are not on the list: they load the pixel because a
person has opened the message.
"""

import re

# Name and, with a slash, version; name behind "compatible"; or an address, preceded by a plus,
# at which one may learn about the robot. No browser of a person does either.
CONVENTIONS = (
    r"\b(?!cubot)[\w.-]*(?:bot|crawler|spider)/v?\d",
    r"\(compatible; [\w.-]*(?:bot|crawler|spider);",
    r"\+https?://",
)
# Search engines
SEARCH_ENGINES = (
    r"^(?:google|bing|msn|yandex|baidu|duckduck)bot\b",
    r"\b(?:adsbot|mediapartners|apis|feedfetcher|googleother)-?google\b",
    r"\bgoogle-(?:pagerenderer|inspectiontool|safety|extended)\b",
    r"\byahoo! slurp\b",
    r"\bbaiduspider\b",
)
# Previews of links in chats and social networks; their own browsers have other names.
PREVIEWS = (
    r"\b(?:bingpreview|skypeuripreview|microsoftpreview|msteams-linkpreview)\b",
    r"\bfacebookexternalhit\b|\bfacebookcatalog\b|\bmeta-externalagent\b",
    r"^whatsapp/",
    r"^slackbot\b|^slack-imgproxy\b",
    r"^(?:telegram|twitter|linkedin|discord|viber|snapchat)bot\b",
    r"\b(?:embedly|iframely|trendsmapresolver)\b",
    r"^snap url preview service\b",
)
# Mail security that says that it scans. Browsers in which its customers read pages apart
# from their own machine (isolation) have the vendor's name as well: these are people.
MAIL_SCANNERS = (
    r"\bbarracuda (?:sentinel|central|link ?protect|networks)",
    r"\bbarracudacentral\b",
    r"\bmimecast (?:url|targeted|ttp|link)\b",
    r"\bproofpoint (?:url|targeted|tap|link)\b",
    r"\b(?:trendmicro|trend micro) (?:url|web reputation)",
    r"\bcisco (?:url|secure email|ironport)",
)
# Programs and libraries that fetch pages
PROGRAMS = (
    r"^(?:curl|wget|libwww-perl|lwp::simple|httpie|go-http-client|java|apache-httpclient)/",
    r"^(?:okhttp|guzzlehttp|postmanruntime|php|ia_archiver)\b|^ruby$",
    r"^(?:python-requests|python-urllib|python-httpx|aiohttp|scrapy|node-fetch|axios|got)\b",
    r"\bpython/\d[\d.]* aiohttp/",
    r"\b(?:headlesschrome|phantomjs)/",
)

ROBOT = re.compile(
    "|".join((*CONVENTIONS, *SEARCH_ENGINES, *PREVIEWS, *MAIL_SCANNERS, *PROGRAMS)), re.I
)


def is_robot(user_agent):
    """
    :param str user_agent: what a visitor's browser says that it is

    >>> is_robot("Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)")
    True
    >>> is_robot("Mozilla/5.0 (Linux; Android 11; CUBOT_X30) Chrome/120.0 Mobile Safari/537.36")
    False
    """
    return bool(ROBOT.search(user_agent))
