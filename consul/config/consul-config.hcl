# Consul server of the Heart-Pulse datacenter.
#
# `hp-tui demo` starts its private Consul from this very file and merges its own ports, addresses and data directory over
# it. Every line is understood by Consul 1.8 (where it was run) and, by its documentation, by current releases.

datacenter = "heart-pulse-dc1"
data_dir   = "/consul/data"
log_level  = "INFO"

server           = true
bootstrap_expect = 1
client_addr      = "0.0.0.0"

# The web UI. Current releases also know ui_config { enabled = true }; 1.8 refuses that block, and both take this line.
ui = true

# Service mesh: certificates for sidecars, and intentions.
connect {
  enabled = true
}

ports {
  http = 8500
  grpc = 8502
}

# Health checks: a check's output may be a stack trace, 4 KB of it is enough; scripts from the network are not run.
check_output_max_size      = 4096
enable_local_script_checks = false

# Checks wait this long at most before their state is synchronised when only their output changed.
check_update_interval = "10s"

# Keeps its own metrics for Prometheus: without it /v1/agent/metrics?format=prometheus answers 415.
telemetry {
  prometheus_retention_time = "1h"
  disable_hostname          = true
}

leave_on_terminate = true
