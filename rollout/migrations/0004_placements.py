from django.db import migrations


def place_everybody(apps, schema_editor):
    """One placement for everybody on a roster, as they stand today: earlier moves were not kept."""
    Person = apps.get_model("rollout", "Person")
    Placement = apps.get_model("rollout", "Placement")
    Team = apps.get_model("rollout", "Team")
    supervisors = set(Team.objects.exclude(supervisor=None).values_list("supervisor_id", flat=True))
    rows = Person.objects.values_list("pk", "team_id", "job_title", "hired_on", "left_on")
    Placement.objects.bulk_create(
        (
            Placement(
                person_id=pk,
                team_id=team,
                job_title=job_title,
                supervises=pk in supervisors,
                # A leaving date before the hiring date was possible: then only the end is known.
                from_on=hired_on if hired_on and (left_on is None or hired_on <= left_on) else None,
                until_on=left_on,
            )
            for pk, team, job_title, hired_on, left_on in rows.iterator()
        ),
        batch_size=500,
    )


class Migration(migrations.Migration):

    dependencies = [
        ('rollout', '0003_rollout_for_life'),
    ]

    operations = [migrations.RunPython(place_everybody, migrations.RunPython.noop)]
