{
    "name": "Marketing Automation: Letters",
    "summary": "An example of a channel: letters on paper, which may come back",
    "version": "19.0.1.0.0",
    "category": "Marketing/Marketing Automation",
    "author": "Marketing Automation Community",
    "website": "https://github.com/OCA/marketing_automation",
    "license": "LGPL-3",
    "depends": ["marketing_automation"],
}
