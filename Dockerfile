# syntax=docker/dockerfile:1
FROM python:3.13-slim AS libraries
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /app
COPY requirements.txt .
RUN python -m venv /app/.venv && /app/.venv/bin/pip install --require-hashes -r requirements.txt

FROM python:3.13-slim AS app
ENV PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1 DJANGO_SETTINGS_MODULE=clinic.config.settings STATIC_ROOT=/srv/static
RUN useradd --system --uid 10001 --home-dir /app --shell /usr/sbin/nologin frontdesk \
 && install -d -o frontdesk -g frontdesk /srv/static
WORKDIR /app
COPY --from=libraries /app/.venv /app/.venv
COPY . .
RUN python -m clinic.launch.messages compile
USER frontdesk
EXPOSE 8000
CMD ["granian", "clinic.config.wsgi:application", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", \
     "--workers", "2", "--blocking-threads", "2", "--workers-kill-timeout", "3", "--respawn-failed-workers", \
     "--log-level", "warning"]
