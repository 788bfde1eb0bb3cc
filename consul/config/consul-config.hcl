# Consul server of the Heart-Pulse datacenter. `hp-tui demo` starts its private Consul from this same file and
# overrides ports, addresses and the data directory on the command line.
datacenter = "heart-pulse-dc1"
server = true
bootstrap_expect = 1

ui = true

connect {
  enabled = true
}

ports {
  grpc = 8502
}
