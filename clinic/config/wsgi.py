"""The pages, served by granian's WSGI workers."""

import os
from importlib import import_module

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from clinic.config import memory

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.config.settings")
application = get_wsgi_application()
# Brings in every view, which the first request would wait for.
import_module(settings.ROOT_URLCONF)
memory.settle()
