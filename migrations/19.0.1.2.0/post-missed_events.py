"""The enrolment job looks once for steps that missed their event in an update of the past."""


def migrate(cr, version):
    cr.execute(
        """
        UPDATE marketing_activity SET update_date = now() AT TIME ZONE 'UTC'
        WHERE update_date IS NULL AND trigger_type NOT IN ('begin', 'activity')
        """
    )
