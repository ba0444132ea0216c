# One image for all services and jobs; what a container does is its command (docs/adr/0012-one-image.md).
FROM oven/bun:1.4.5-slim AS dependencies
WORKDIR /app
COPY package.json bun.lock bunfig.toml ./
COPY common/package.json common/
COPY gateway/package.json gateway/
COPY order/package.json order/
COPY inventory/package.json inventory/
COPY notify/package.json notify/
COPY worker/package.json worker/
COPY infra/package.json infra/
# The lock file names them; nothing of theirs is installed.
COPY client/package.json client/
COPY tools/package.json tools/
RUN bun install --frozen-lockfile --production --ignore-scripts \
      --filter '@orderflow/common' --filter '@orderflow/gateway' --filter '@orderflow/order' \
      --filter '@orderflow/inventory' --filter '@orderflow/notify' --filter '@orderflow/worker' --filter '@orderflow/infra'
# Peers that only a developer needs (compilers, drizzle-kit, types), and what only a compiler or a debugger reads.
RUN cd node_modules/.bun && rm -rf typescript@* @typescript+* drizzle-kit@* @drizzle-team+* esbuild@* @esbuild* @esbuild-kit+* \
      bun-types@* @types+* \
 && find . \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' \) -type f -delete \
 && cd /app && find . -xtype l -delete

FROM oven/bun:1.4.5-slim
WORKDIR /app
# Volumes take the owner of the folder they are first mounted over: what makes the secrets or a backup must be able to write them.
RUN for name in kept postgres databases owners audit operator broker demo gateway order inventory notify worker; do \
      mkdir -p /secrets/$name; done && mkdir -m 700 /backups && chown -R bun:bun /secrets /backups
COPY --from=dependencies /app ./
COPY LICENSE ./
COPY common common
COPY infra infra
COPY inventory inventory
COPY notify notify
COPY worker worker
COPY order order
COPY gateway gateway

ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="orderflow" \
      org.opencontainers.image.description="An order backend for online shops: five small Bun services" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION" \
      org.opencontainers.image.base.name="docker.io/oven/bun:1.4.5-slim"
# The file system is read-only, so Bun must not look for a place to keep what it has compiled.
ENV NODE_ENV=production BUN_CONFIG_MAX_HTTP_REQUESTS=11000 HOST=0.0.0.0 PORT=3000 SERVICE_VERSION=$VERSION BUN_RUNTIME_TRANSPILER_CACHE_PATH=0
USER bun
EXPOSE 3000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 CMD ["bun", "infra/commands/is-ready.ts"]
ENTRYPOINT ["bun"]
CMD ["gateway/main.ts"]
