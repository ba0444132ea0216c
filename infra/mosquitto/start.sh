#!/bin/sh
# Hands passwords and keys to the user that Mosquitto runs as, who alone may read them, and starts the broker.
set -eu
umask 077
cp /run/secrets/broker/passwords /run/secrets/broker/access-rules /mosquitto/run/
for file in /run/secrets/mosquitto-certs/*; do
  [ ! -f "$file" ] || cp "$file" /mosquitto/certs/
done
chown -R mosquitto:mosquitto /mosquitto/run /mosquitto/certs /mosquitto/data
exec mosquitto -c /mosquitto/config/mosquitto.conf
