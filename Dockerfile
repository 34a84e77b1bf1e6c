# One image for web, worker and beat; docker-compose.yml says which is which.
FROM python:3.13-slim

ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    XDG_CACHE_HOME=/tmp/cache \
    VAR_DIR=/srv/rollout

# What WeasyPrint loads for PDF, and the typeface of reports.
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-inter \
    && rm -rf /var/lib/apt/lists/*

WORKDIR /app
COPY requirements.txt ./
RUN pip install --require-hashes -r requirements.txt && python -m compileall -q /usr/local/lib/python3.13/site-packages

COPY manage.py pyproject.toml LICENSE ./
COPY static static
COPY templates templates
COPY rollout rollout
COPY consultation consultation
COPY assessments assessments
COPY cecert_site cecert_site

# Static files belong to the code, so they stay in the image; only keys and mail are volumes under /srv/rollout.
# The secret key made on the way is not kept: a real one comes with SECRET_KEY_FILE.
RUN python -m compileall -q rollout consultation assessments cecert_site \
    && SECRET_KEY=only-for-collecting-static-files python manage.py collectstatic --noinput --verbosity 0 \
    && useradd --system --uid 10001 --home-dir /srv/rollout --shell /usr/sbin/nologin rollout \
    && install -d -o rollout -g rollout -m 700 /srv/rollout/keys /srv/rollout/mail

USER rollout
EXPOSE 8000
CMD ["python", "manage.py", "serve", "--host", "0.0.0.0", "--port", "8000"]
