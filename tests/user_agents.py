"""Real ``User-Agent`` headers, by who has them."""

ANDROID = "Mozilla/5.0 (Linux; Android 12; {}) AppleWebKit/537.36 (KHTML, like Gecko) {}"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15"
    " (KHTML, like Gecko) {}"
)
WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) {}"
CHROME = "Chrome/124.0.0.0 Safari/537.36"
CHROME_MOBILE = "Chrome/124.0.0.0 Mobile Safari/537.36"

PEOPLE = {
    "Firefox": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Chrome": WINDOWS.format(CHROME),
    "Edge": WINDOWS.format(f"{CHROME} Edg/124.0.2478.51"),
    "Safari": IPHONE.format("Version/17.4 Mobile/15E148 Safari/604.1"),
    "Apple Mail": "Mozilla/5.0",
    "Outlook": "Mozilla/4.0 (compatible; ms-office; MSOffice 16)",
    "CUBOT phone": ANDROID.format("CUBOT_X30", CHROME_MOBILE),
    "CUBOT phone, two words": ANDROID.format("CUBOT KINGKONG MINI", CHROME_MOBILE),
    "CUBOT phone with build": ANDROID.format("CUBOT/CUBOT_NOTE_20 Build/RP1A", CHROME_MOBILE),
    "Instagram": IPHONE.format("Mobile/15E148 Instagram 327.1.2.18.92 (iPhone14,5; iOS 17_4; de)"),
    "Instagram, Android": ANDROID.format(
        "SM-G991B", "Version/4.0 Chrome/124.0 Mobile Safari/537.36 Instagram 327.0.0.46 Android"
    ),
    "Facebook": IPHONE.format("Mobile/15E148 [FBAN/FBIOS;FBAV/459.0.0.32;FBDV/iPhone14,5]"),
    "Facebook, Android": ANDROID.format(
        "SM-G991B", f"Version/4.0 {CHROME_MOBILE} [FB_IAB/FB4A;FBAV/459.0.0.50.109;]"
    ),
    "Pinterest": IPHONE.format("Mobile/15E148 [Pinterest/iOS]"),
    "LinkedIn": IPHONE.format("Mobile/15E148 [LinkedInApp]/9.29.6234"),
    "WhatsApp's window": ANDROID.format("SM-G991B", f"{CHROME_MOBILE} WhatsApp/2.24.8.78"),
    "Google app": IPHONE.format("GSA/311.0.622694856 Mobile/15E148 Safari/604.1"),
    "preview of a browser": WINDOWS.format(f"{CHROME} Vivaldi/6.7 Preview"),
    "Safari Technology Preview": IPHONE.format("Version/17.4 Safari/605 TechnologyPreview"),
    "Sophos isolation": WINDOWS.format(f"{CHROME} SophosIsolation/1.0"),
    "Symantec isolation": WINDOWS.format(f"{CHROME} Symantec-WebIsolation"),
    "Forcepoint isolation": WINDOWS.format(f"{CHROME} Forcepoint RBI"),
    "Mimecast isolation": WINDOWS.format(f"{CHROME} Mimecast Browser Isolation"),
    "Proofpoint isolation": WINDOWS.format(f"{CHROME} Proofpoint Isolation"),
    "Gmail's proxy": "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0"
    " (via ggpht.com GoogleImageProxy)",
    "Yahoo's proxy": "YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html",
    "nothing": "",
}

ROBOTS = {
    "Googlebot": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Googlebot, short": "Googlebot",
    "Googlebot, phone": ANDROID.format("Nexus 5X Build/MMB29P", CHROME_MOBILE)
    + " (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "bingbot": "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; bingbot/2.0;"
    " +http://www.bing.com/bingbot.htm) Chrome/116.0.1938.76 Safari/537.36",
    "YandexBot": "Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)",
    "Baiduspider": "Mozilla/5.0 (compatible; Baiduspider/2.0;"
    " +http://www.baidu.com/search/spider.html)",
    "Slurp": "Mozilla/5.0 (compatible; Yahoo! Slurp; http://help.yahoo.com/help/us/ysearch/slurp)",
    "AdsBot": "AdsBot-Google (+http://www.google.com/adsbot.html)",
    "AhrefsBot": "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
    "MJ12bot": "Mozilla/5.0 (compatible; MJ12bot/v1.4.8; http://mj12bot.com/)",
    "Exabot": "Mozilla/5.0 (compatible; Exabot; http://www.exabot.com/go/robot)",
    "Bytespider": ANDROID.format("Nexus 5", "Mobile Safari/537.36")
    + " (compatible; Bytespider; spider-feedback@bytedance.com)",
    "Slackbot": "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "Facebook": "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    "Facebook, short": "facebookexternalhit/1.1",
    "WhatsApp": "WhatsApp/2.23.20.0 A",
    "Telegram": "TelegramBot (like TwitterBot)",
    "Twitter": "Twitterbot/1.0",
    "LinkedIn": "LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient"
    " +http://www.linkedin.com)",
    "Discord": "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)",
    "Pinterest": "Mozilla/5.0 (compatible; Pinterestbot/1.0; +https://www.pinterest.com/bot.html)",
    "Skype": "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5",
    "Bing's preview": "Mozilla/5.0 AppleWebKit/534+ (KHTML, like Gecko) BingPreview/1.0b",
    "Applebot": IPHONE.format(
        "Version/17.4 Safari/605.1.15 (Applebot/0.1; +http://www.apple.com/go/applebot)"
    ),
    "Barracuda": "Barracuda Sentinel (EE)",
    "Barracuda Central": "BarracudaCentral/1.0",
    "Mimecast": "Mozilla/5.0 (compatible; Mimecast URL Protect)",
    "Proofpoint": "Mozilla/5.0 Proofpoint URL Defense",
    "curl": "curl/8.5.0",
    "Wget": "Wget/1.21.3",
    "requests": "python-requests/2.31.0",
    "Go": "Go-http-client/2.0",
    "OkHttp": "okhttp/4.12.0",
    "Guzzle": "GuzzleHttp/7",
    "Ruby": "Ruby",
    "headless": WINDOWS.format("HeadlessChrome/124.0.0.0 Safari/537.36"),
}
