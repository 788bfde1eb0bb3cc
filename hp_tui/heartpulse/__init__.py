"""The Heart-Pulse fleet: four gRPC services that find each other through Consul."""
