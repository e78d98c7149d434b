#!/usr/bin/env python3
import os
import sys

from dashboard.lib.garbage import look_seldom


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")
    look_seldom()
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
