from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_team_undo_window")]

    operations = [
        migrations.AddField(
            model_name="team",
            name="library_version",
            field=models.PositiveIntegerField(default=0),
        ),
    ]
