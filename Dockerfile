FROM python:3.13-slim AS build
WORKDIR /src
COPY pyproject.toml README.md ./
COPY nsd nsd
RUN python -m venv /opt/nsdctl \
    && /opt/nsdctl/bin/pip install --no-cache-dir --disable-pip-version-check . \
    && /opt/nsdctl/bin/pip uninstall --yes --quiet pip

FROM python:3.13-slim
RUN useradd --system --uid 1053 --user-group --no-create-home --shell /usr/sbin/nologin nsdctl \
    && install --directory --owner=nsdctl --group=nsdctl --mode=0750 /data
COPY --from=build /opt/nsdctl /opt/nsdctl
ENV PATH=/opt/nsdctl/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    NSD_DATA=/data \
    NSD_DNS_LISTEN=0.0.0.0:53,[::]:53 \
    NSD_HTTP_LISTEN=0.0.0.0:8053
USER nsdctl
VOLUME /data
EXPOSE 53/udp 53/tcp 8053/tcp
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8053/health', timeout=2)"]
ENTRYPOINT ["nsdctl"]
CMD ["serve"]
