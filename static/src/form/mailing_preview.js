import { Component, onWillStart, onWillUpdateProps, useState } from "@odoo/owl";
import { useService } from "@web/core/utils/hooks";

/** An email as its recipients see it, made small. */
export class MailingPreview extends Component {
    static template = "marketing_automation.MailingPreview";
    static props = {
        /** id and display name; another object whenever it was saved */
        value: Object,
        edit: Function,
    };

    setup() {
        this.orm = useService("orm");
        this.state = useState({ mailing: null });
        onWillStart(() => this.load(this.props.value));
        onWillUpdateProps(({ value }) => {
            if (value !== this.props.value) {
                return this.load(value);
            }
        });
    }

    async load({ id }) {
        const [mailing] = await this.orm.read("mailing.mailing", [id], ["preview", "body_html"]);
        this.state.mailing = mailing || null;
    }

    /** The page in the frame: scripts do not run in it, links and forms lead nowhere. */
    get page() {
        return `<!DOCTYPE html><meta charset="utf-8"><body style="margin:0;background:#fff">${this.state.mailing.body_html}`;
    }
}
