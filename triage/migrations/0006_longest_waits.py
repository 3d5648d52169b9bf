from django.db import migrations


def write_down(apps, schema_editor):
    """What open days were opened with; no preset says another number than ten minutes."""
    Board = apps.get_model("triage", "Board")
    DeskDay = apps.get_model("reception", "DeskDay")
    boards = Board.objects.filter(desk="front").select_related("policy")
    DeskDay.objects.bulk_create(
        (
            DeskDay(
                branch_id=board.branch_id,
                day=board.day,
                max_wait_minutes=board.policy.settings.get("max_wait_minutes", 10),
            )
            for board in boards.iterator()
        ),
        ignore_conflicts=True,
    )


class Migration(migrations.Migration):

    dependencies = [
        ("reception", "0006_days_of_desks"),
        ("triage", "0005_boards_stand"),
    ]

    operations = [migrations.RunPython(write_down, migrations.RunPython.noop)]
