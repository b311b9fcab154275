# The production image: Python's own, a virtual environment installed by hash, page assets, no compiler, no root.
FROM node:24-slim AS assets
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund

FROM python:3.13-slim AS packages
COPY script/tools/uv.txt requirements.txt /tmp/
RUN pip install --no-cache-dir --require-hashes -r /tmp/uv.txt \
    && uv venv /opt/venv \
    && uv pip sync --no-cache --require-hashes --compile-bytecode --python /opt/venv/bin/python /tmp/requirements.txt

FROM python:3.13-slim
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin cpdisclose
COPY --from=packages /opt/venv /opt/venv
WORKDIR /app
COPY manage.py ./
COPY accounts accounts
COPY audit audit
COPY cpdisclose cpdisclose
COPY disclosures disclosures
COPY docker docker
COPY privacy privacy
COPY sealing sealing
COPY static static
COPY templates templates
COPY --from=assets /app/node_modules node_modules
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 DJANGO_SETTINGS_MODULE=cpdisclose.settings
# Nothing is reached at these addresses: collecting files needs settings, not a database.
RUN SECRET_KEY=build PUBLIC_URL=https://build.invalid DATABASE_URL=postgresql://build.invalid/none \
    python manage.py collectstatic --no-input
USER 10001:10001
EXPOSE 8000
CMD ["gunicorn", "cpdisclose.wsgi", "-c", "python:cpdisclose.gunicorn", "-b", "0.0.0.0:8000"]
