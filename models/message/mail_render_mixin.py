from odoo import api, models

from ...tools.run import ActionRun, MarketingRun
from ...tools.source import NAMES_SOURCE, NO_SOURCE


class MailRenderMixin(models.AbstractModel):
    _inherit = "mail.render.mixin"

    @api.model
    def _render_eval_context(self):
        """Texts may name the ``source``: what has led the record into the campaign. It is empty
        where there is none, as in a preview."""
        return {**super()._render_eval_context(), "source": NO_SOURCE}

    @api.model
    def _render_template(
        self,
        template_src,
        model,
        res_ids,
        engine="inline_template",
        add_context=None,
        options=None,
    ):
        """Runs of a campaign that have a source get a text of their own."""
        if not NAMES_SOURCE.search(str(template_src or "")):
            return super()._render_template(
                template_src, model, res_ids, engine, add_context, options
            )
        render = super(MailRenderMixin, self.with_context(marketing_source=True))._render_template
        sources = self._get_sources_of_run(model)
        others = [res_id for res_id in res_ids if res_id not in sources]
        rendered = render(template_src, model, others, engine, add_context, options)
        for res_id in res_ids:
            if res_id in sources:
                context = {**(add_context or {}), "source": sources[res_id]}
                rendered |= render(template_src, model, [res_id], engine, context, options)
        return rendered

    @api.model
    def _get_sources_of_run(self, model):
        """The sources of the runs that texts are written for now, by the id of the record."""
        sources = MarketingRun.of(self.env).sources
        action_run = ActionRun.of(self.env)
        if action_run and action_run.model_name == model:
            sources = sources | action_run.sources
        # Each as whoever they were found for reads it, in the language of the text.
        return {
            res_id: source.with_env(source.env(context=self.env.context))
            for res_id, source in sources.items()
        }


class IrQweb(models.AbstractModel):
    _inherit = "ir.qweb"

    def _compile_directive_out(self, el, compile_context, level):
        """Where a run has no source, what is said instead is shown as for an empty field."""
        expression = el.get("t-out") or ""
        if self.env.context.get("marketing_source") and NAMES_SOURCE.search(expression):
            el.set("t-out", f"({expression}) if source else (({expression}) or False)")
        return super()._compile_directive_out(el, compile_context, level)
